"""Which painter draws which hero, and how large each stands beside the others."""

from __future__ import annotations

from collections.abc import Callable

from . import shapes, vessels
from .place import Place
from .wording import Hero

_PAINTERS: dict[Hero, Callable[[Place], None]] = {
    Hero.CAN: vessels.can,
    Hero.BOTTLE: vessels.bottle,
    Hero.JAR: vessels.jar,
    Hero.CUP: vessels.cup,
    Hero.LAMP: vessels.lamp,
    Hero.POUCH: shapes.pouch,
    Hero.BOX: shapes.box,
    Hero.SHOE: shapes.shoe,
    Hero.HEADPHONES: shapes.headphones,
    Hero.PHONE: shapes.phone,
    Hero.CHAIR: shapes.chair,
    Hero.OBJECT: shapes.thing,
}
# Width by height, and height as a share of what the stage offers.
_SIZES: dict[Hero, tuple[float, float]] = {
    Hero.CAN: (0.46, 1.0),
    Hero.BOTTLE: (0.34, 1.12),
    Hero.JAR: (1.12, 0.66),
    Hero.CUP: (1.35, 0.66),
    Hero.LAMP: (0.78, 1.12),
    Hero.POUCH: (0.74, 1.0),
    Hero.BOX: (0.86, 0.92),
    Hero.SHOE: (1.95, 0.72),
    Hero.HEADPHONES: (0.96, 0.96),
    Hero.PHONE: (0.50, 1.06),
    Hero.CHAIR: (0.98, 1.06),
    Hero.OBJECT: (0.62, 0.92),
    Hero.NOTHING: (0.9, 0.9),
}


def size_of(hero: Hero, room_width: float, room_height: float) -> tuple[float, float]:
    """Width and height of a hero that fills the room it is given, in the room's unit."""
    aspect, share = _SIZES[hero]
    height = min(room_height * share, room_width / aspect)
    return height * aspect, height


def draw(hero: Hero, place: Place) -> None:
    """Draw the hero into its place; for a free place nothing is drawn."""
    if hero is not Hero.NOTHING:
        _PAINTERS[hero](place)
