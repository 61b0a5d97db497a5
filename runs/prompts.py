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

# The real product is laid over the picture: what is painted is the place it will stand on.
FREE_PLACE = {
    Shape.SQUARE: "empty podium low in the centre, calm empty space in the upper third",
    Shape.PORTRAIT: "empty podium low in the centre, calm empty space above",
    Shape.STORY: "empty podium low in the centre, wide calm empty space above",
    Shape.LANDSCAPE: "empty podium right of the centre, calm empty space on the left",
}
# Where in the picture these words put what is sold, 0 to 1; a person can move it later.
FOCUS = dict.fromkeys(Shape, (0.5, 0.6)) | {Shape.LANDSCAPE: (0.68, 0.58)}
NOTHING_THERE = "product, bottle, can, package, box"

QUALITY = "professional advertising photograph, soft directional light, shallow depth of field, high detail"

NEGATIVE = (
    "text, letters, words, logo, watermark, signature, frame, border, collage, people, hands, "
    "deformed, blurry, low quality, jpeg artefacts"
)


def positive(spec: BriefSpec, picture: PicturePlan) -> str:
    """The prompt of one picture, most important words first: text encoders cut long prompts."""
    product, look = spec.products[picture.product], spec.looks[picture.look]
    space = FREE_PLACE if product.cutout else COPY_SPACE
    parts = [
        "" if product.cutout else _subject(product),
        _scene(look),
        space[picture.shape],
        QUALITY,
        f"colour palette {' '.join(look.palette)}" if look.palette else "",
        f"made for {spec.audience}" if spec.audience else "",
    ]
    return ", ".join(part for part in parts if part)


def scene(spec: BriefSpec, product: int, shape: Shape) -> str:
    """The words for a scene that stands in for the picture of the first look; without whom it is made for, which a
    sketch does not show."""
    plan = PicturePlan(product=product, look=0, shape=shape, variation=0, seed=0)
    return positive(spec.model_copy(update={"audience": ""}), plan)


def negative(spec: BriefSpec, picture: PicturePlan) -> str:
    """What must not be in the picture; the brief's own words come first."""
    stands_in = NOTHING_THERE if spec.products[picture.product].cutout else ""
    return ", ".join(filter(None, (spec.picture.negative, stands_in, NEGATIVE)))


def _subject(product: ProductSpec) -> str:
    return product.description or product.name


def _scene(look: LookSpec) -> str:
    return look.words or look.name
