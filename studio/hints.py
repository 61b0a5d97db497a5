"""How well a brand's colours can be read, measured as the typesetter measures it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from runs.brief import BrandSpec
from runs.composition import colour
from runs.composition.colour import NEAR_BLACK, READABLE, WHITE

EASY = 7.0
LARGE = 3.0  # WCAG 2.2: large type, and the outline of a control


@dataclass(frozen=True, slots=True)
class Hint:
    kind: str  # ok, warn or nothing
    words: str


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour of the kit with what is measured on it."""

    field: str
    value: str
    hints: tuple[Hint, ...]


def colours(brand: BrandSpec) -> list[Colour]:
    """Main, button and panel colour; a panel without one has the main colour."""
    panel = brand.panel or brand.primary
    shown = {"primary": brand.primary, "accent": brand.accent, "panel": panel}
    found = {name: Colour(name, value, _of_type(value)) for name, value in shown.items()}
    button = colour.contrast(colour.parse(brand.accent), colour.parse(panel))
    accent = found["accent"]
    found["accent"] = Colour("accent", accent.value, (*accent.hints, _of_button(button)))
    return list(found.values())


def ink(ground: str) -> str:
    """The colour of type on that ground."""
    return colour.as_hex(colour.ink_on(colour.parse(ground)))


def _of_type(value: str) -> tuple[Hint, ...]:
    ground = colour.parse(value)
    white, dark = (colour.contrast(ink, ground) for ink in (WHITE, NEAR_BLACK))
    return (
        _hint(_("White text: %(ratio)s:1, %(verdict)s"), white),
        _hint(_("Dark text: %(ratio)s:1, %(verdict)s"), dark),
    )


def _hint(words: str, ratio: float) -> Hint:
    kind, verdict = _verdict(ratio)
    return Hint(kind, words % {"ratio": _shown(ratio), "verdict": verdict})


def _verdict(ratio: float) -> tuple[str, str]:
    if ratio >= EASY:
        return "ok", _("easy to read")
    if ratio >= READABLE:
        return "ok", _("readable")
    if ratio >= LARGE:
        return "warn", _("too weak for small text")
    return "", _("not used")


def _of_button(ratio: float) -> Hint:
    told = {"ratio": _shown(ratio)}
    if ratio >= LARGE:
        return Hint("ok", _("On the panel: %(ratio)s:1, stands out") % told)
    return Hint("warn", _("On the panel: %(ratio)s:1, barely stands out") % told)


def _shown(ratio: float) -> str:
    """Rounded down: 4.49 is not 4.5."""
    return f"{int(ratio * 10) / 10:g}"
