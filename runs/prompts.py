"""The words a picture is painted from: product, look, audience, palette and where the type will stand.

Pure: the same brief and plan always give the same words, so a retry paints what was ordered.
"""

from runs.brief import BriefSpec, LookSpec, PicturePlan, ProductSpec
from runs.formats import Shape

# Type is set by us over calm space. Asking for it costs nothing; without it most ads need a scrim.
COPY_SPACE = {
    Shape.SQUARE: "product low in the frame, calm empty space in the upper third",
    Shape.PORTRAIT: "product in the lower half, calm empty space above",
    Shape.STORY: "product in the lower half, wide calm empty space above",
    Shape.LANDSCAPE: "product right of the centre, calm empty space on the left",
}

QUALITY = "professional advertising photograph, soft directional light, shallow depth of field, high detail"

NEGATIVE = (
    "text, letters, words, logo, watermark, signature, frame, border, collage, people, hands, "
    "deformed, blurry, low quality, jpeg artefacts"
)


def positive(spec: BriefSpec, picture: PicturePlan) -> str:
    """The prompt of one picture, most important words first: text encoders cut long prompts."""
    product, look = spec.products[picture.product], spec.looks[picture.look]
    parts = [
        _subject(product),
        _scene(look),
        COPY_SPACE[picture.shape],
        QUALITY,
        f"colour palette {' '.join(look.palette)}" if look.palette else "",
        f"made for {spec.audience}" if spec.audience else "",
    ]
    return ", ".join(part for part in parts if part)


def negative(spec: BriefSpec) -> str:
    """What must not be in the picture; the brief's own words come first."""
    return ", ".join(filter(None, (spec.picture.negative, NEGATIVE)))


def _subject(product: ProductSpec) -> str:
    return product.description or product.name


def _scene(look: LookSpec) -> str:
    return look.words or look.name
