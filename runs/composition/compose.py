"""From picture and copy to a finished ad: plan, choose, paint, encode, mark, check."""

from dataclasses import dataclass

from PIL import Image

from runs.formats import Format

from . import pictures, sign
from . import product as products
from .checks import check, check_layout, check_product, check_quality
from .choose import Staging, View, choose, covered
from .encode import Encoded, encode
from .layout import Layout, Placement, plan_layout
from .marks import Source, mark, weight
from .paint import Painting, paint
from .palette import check_palette
from .sign import Credentials
from .values import Ad, Box, ButtonMode, Check, Copy, Report, Style

FOCUS = (0.5, 0.55)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that one ad is painted from: its arrangement chosen, picture (RGB) and cut-out (RGBA) opened."""

    layout: Layout
    staging: Staging
    picture: Image.Image
    style: Style
    cutout: Image.Image | None

    def painted(self) -> Painting:
        """The ad's pixels, before they are a file. The same each time."""
        return paint(self.layout, self.staging, self.picture, self.style, self.cutout)


def prepare(
    picture: bytes,
    format: Format,
    copy: Copy,
    style: Style,
    language: str,
    *,
    focus: tuple[float, float] = FOCUS,
    button: ButtonMode | None = None,
    bare: bool = False,
    product: bytes | None = None,
) -> Prepared:
    """Decide all that is to be decided about one ad; arguments and errors are those of `compose`."""
    layout = plan_layout(format, copy, style, language, button=button, bare=bare)
    image = pictures.opened(picture)
    cutout = products.opened(product) if product else None
    size = cutout.size if cutout else None
    staging = choose(layout, View(pictures.preview(picture), image.size, focus, size), style)
    return Prepared(layout, staging, image, style, cutout)


def compose(
    picture: bytes,
    format: Format,
    copy: Copy,
    style: Style,
    language: str,
    *,
    focus: tuple[float, float] = FOCUS,
    simulated: bool,
    button: ButtonMode | None = None,
    bare: bool = False,
    product: bytes | None = None,
    credentials: Credentials | None = None,
) -> Ad:
    """Compose one ad: exact pixels, under its byte limit, its layout solved for this format.

    `picture` is a PNG, JPEG or WebP; `focus` is the point (parts of width and height) that type should leave
    free; `language` is a BCP 47 tag; `simulated` says that no trained model painted the picture; `button`
    overrides whether the format's button is drawn; `bare` leaves out all type, button and logo; `product` is the
    cut-out (PNG with alpha) of the real product, laid over the picture with its own colours; `credentials`
    sign the file (C2PA). The same arguments give the same bytes, but for a signature.

    Raises DoesNotFit, MissingScript, UnknownFamily, BadColour, NoHeadline, BadPicture, TooHeavy or
    CannotSign.
    """
    ready = prepare(
        picture, format, copy, style, language, focus=focus, button=button, bare=bare, product=product
    )
    return finish(ready, simulated=simulated, credentials=credentials)


def finish(ready: Prepared, *, simulated: bool, credentials: Credentials | None = None) -> Ad:
    """Paint a prepared ad, write, mark and sign its file, hold it against the rules. Raises TooHeavy, CannotSign."""
    painting = ready.painted()
    layered = bool(ready.staging.placement.elements) or ready.cutout is not None
    source = Source.of_layers(simulated=simulated, with_type=layered)
    format = ready.layout.format
    heavier = weight(source) + (sign.weight(source, credentials) if credentials else 0)
    encoded = encode(painting.pixels, format, reserve=heavier)
    data = mark(encoded.data, source)
    if credentials:
        data = sign.sign(data, encoded.mime, source, credentials)
    report = _report(ready.layout, ready.staging, painting, encoded, data, source, ready.style)
    return Ad(data, encoded.mime, encoded.suffix, format.width, format.height, report)


def _report(
    layout: Layout,
    staging: Staging,
    painting: Painting,
    encoded: Encoded,
    data: bytes,
    source: Source,
    style: Style,
) -> Report:
    placement, format = staging.placement, layout.format
    rules = _rules(layout, staging, painting)
    zone = next((rule.ok for rule in rules if rule.name == "safe_zone"), True)
    return Report(
        format_id=format.id,
        kind=layout.kind.value,
        placement=placement.place.value,
        language=layout.language,
        width=format.width,
        height=format.height,
        headline_field=layout.headline_field,
        boxes=_boxes(placement) | ({"product": _rounded(staging.product.box)} if staging.product else {}),
        lines={words.role.value: words.lines for words in placement.words()},
        type_sizes={words.role.value: round(words.size, 1) for words in placement.words()},
        left_out=tuple(role.value for role in layout.left_out(placement)),
        ink=painting.ink,
        contrast={str(role): value for role, value in painting.contrast.items()},
        scrim=round(painting.scrim, 2),
        encoder=encoded.encoder.value,
        quality=encoded.quality,
        bytes=len(data),
        byte_limit=format.max_bytes,
        byte_limit_is_ours=format.max_bytes_is_ours,
        text_share=round(layout.text_share(placement), 3),
        safe_zone_ok=zone,
        source_type=source.uri,
        checks=(
            *rules,
            check_palette(painting.pixels, placement, style),
            *check(data, format),
            check_quality(encoded, format),
        ),
    )


def _rules(layout: Layout, staging: Staging, painting: Painting) -> list[Check]:
    """The rules of type, and those of the real product, which is the focus then."""
    placement, product = staging.placement, staging.product
    hidden = covered(placement, staging.crop) if product is None else 0.0
    rules = check_layout(layout, placement, painting.contrast, hidden)
    if product is None:
        return rules
    return [*rules, check_product(placement, product.box, painting.product_shift)]


def _boxes(placement: Placement) -> dict[str, tuple[float, float, float, float]]:
    named = {"picture": placement.picture} | ({"panel": placement.panel} if placement.panel else {})
    named |= {element.role.value: element.box for element in placement.elements}
    return {name: _rounded(box) for name, box in named.items()}


def _rounded(box: Box) -> tuple[float, float, float, float]:
    return round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)
