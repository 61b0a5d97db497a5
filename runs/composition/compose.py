"""From picture and copy to a finished ad: plan, choose, paint, encode, mark, check."""

from runs.formats import Format

from . import pictures
from .checks import check, check_layout
from .choose import Staging, View, choose, covered
from .encode import Encoded, encode
from .layout import Layout, Placement, plan_layout
from .marks import Source, mark, weight
from .paint import Painting, paint
from .values import Ad, Box, ButtonMode, Copy, Report, Style

FOCUS = (0.5, 0.55)


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
) -> Ad:
    """Compose one ad: exact pixels, under its byte limit, its layout solved for this format.

    `picture` is a PNG, JPEG or WebP; `focus` is the point (parts of width and height) that type should leave
    free; `language` is a BCP 47 tag; `simulated` says that no trained model painted the picture; `button`
    overrides whether the format's button is drawn; `bare` leaves out all type, button and logo. The same
    arguments give the same bytes.

    Raises DoesNotFit, MissingScript, UnknownFamily, BadColour, NoHeadline, BadPicture or TooHeavy.
    """
    layout = plan_layout(format, copy, style, language, button=button, bare=bare)
    image = pictures.opened(picture)
    staging = choose(layout, View(pictures.preview(picture), image.size, focus))
    painting = paint(layout, staging, image, style)
    source = Source.of_layers(simulated=simulated, with_type=bool(staging.placement.elements))
    encoded = encode(painting.pixels, format, reserve=weight(source))
    data = mark(encoded.data, source)
    report = _report(layout, staging, painting, encoded, data, source)
    return Ad(data, encoded.mime, encoded.suffix, format.width, format.height, report)


def _report(
    layout: Layout, staging: Staging, painting: Painting, encoded: Encoded, data: bytes, source: Source
) -> Report:
    placement, format = staging.placement, layout.format
    rules = check_layout(layout, placement, painting.contrast, covered(placement, staging.crop))
    zone = next((rule.ok for rule in rules if rule.name == "safe_zone"), True)
    return Report(
        format_id=format.id,
        kind=layout.kind.value,
        placement=placement.place.value,
        language=layout.language,
        width=format.width,
        height=format.height,
        headline_field=layout.headline_field,
        boxes=_boxes(placement),
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
        checks=(*rules, *check(data, format)),
    )


def _boxes(placement: Placement) -> dict[str, tuple[float, float, float, float]]:
    named = {"picture": placement.picture} | ({"panel": placement.panel} if placement.panel else {})
    named |= {element.role.value: element.box for element in placement.elements}
    return {name: _rounded(box) for name, box in named.items()}


def _rounded(box: Box) -> tuple[float, float, float, float]:
    return round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)
