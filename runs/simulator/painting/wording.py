"""What a prompt asks for: its scene, its hero, its props and colours. Words choose; chance fills the gaps."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from .colour import hexes_in
from .palette import Palette, at_night, palette_for


class Scene(StrEnum):
    """The sets there are."""

    STUDIO = "studio"
    ARCH = "arch"
    BEACH = "beach"
    NIGHT = "night"
    BOTANICAL = "botanical"
    KITCHEN = "kitchen"
    ICY = "icy"
    OUTDOOR = "outdoor"
    BEDROOM = "bedroom"
    CITY = "city"


class Hero(StrEnum):
    """What can stand in the middle of a set."""

    CAN = "can"
    BOTTLE = "bottle"
    JAR = "jar"
    CUP = "cup"
    POUCH = "pouch"
    BOX = "box"
    SHOE = "shoe"
    HEADPHONES = "headphones"
    PHONE = "phone"
    CHAIR = "chair"
    LAMP = "lamp"
    OBJECT = "object"
    NOTHING = "nothing"


class Prop(StrEnum):
    """What can lie around it."""

    BEANS = "beans"
    CITRUS = "citrus"
    LEAVES = "leaves"
    ICE = "ice"
    PEBBLES = "pebbles"
    SPHERES = "spheres"
    PETALS = "petals"


@dataclass(frozen=True, slots=True)
class Order:
    """One picture, as read from its prompt."""

    scene: Scene
    hero: Hero
    props: tuple[Prop, ...]
    palette: Palette


# Before the bar: words that name the thing. After it: words that only hint, heard when nothing is named.
_SCENES = {
    Scene.STUDIO: "studio seamless backdrop | podium pedestal plinth minimal clean",
    Scene.ARCH: "arch arches archway niche alcove stairs doorway | architectural mediterranean",
    Scene.BEACH: "beach seaside ocean sea sand shore coast dune dunes desert | sun sunny summer tropical",
    Scene.NIGHT: "night neon beam beams club nightlife midnight laser | dark moody spotlight glow glowing",
    Scene.BOTANICAL: "botanical leaf leaves plant plants jungle garden forest moss fern | floral flowers",
    Scene.KITCHEN: "kitchen tabletop counter breakfast picnic cafe bakery | table wood wooden dining",
    Scene.ICY: "icy ice frozen frost frosty snow arctic glacier | winter refreshing",
    Scene.OUTDOOR: "mountain mountains outdoor outdoors trail hiking alpine hills valley | hike lake nature",
    Scene.BEDROOM: "bedroom fabric linen silk satin bed curtain curtains velvet | cosy cozy textile home",
    Scene.CITY: "city street skyline rooftop downtown pavement | urban metropolitan buildings",
}
_HEROES = {
    Hero.CAN: "can cans | soda beer energy lager spritz",
    Hero.BOTTLE: "bottle bottles flask | wine juice water oil shampoo kombucha lemonade drink gin sauce",
    Hero.JAR: "jar jars pot | cream cosmetics cosmetic skincare serum moisturiser balm candle honey jam",
    Hero.CUP: "cup cups mug mugs | espresso latte tea cappuccino",
    Hero.POUCH: "pouch bag bags sachet packet tote backpack | coffee snack snacks chips granola beans",
    Hero.BOX: "box boxes package parcel carton | gift chocolate cereal kit book",
    Hero.SHOE: "sneaker sneakers shoe shoes trainers boot boots footwear | runner running",
    Hero.HEADPHONES: "headphones headphone earphones headset earbuds | audio",
    Hero.PHONE: "phone smartphone gadget tablet laptop | device app watch camera speaker",
    Hero.CHAIR: "chair armchair sofa stool couch | furniture",
    Hero.LAMP: "lamp lamps lantern | bulb lighting",
    Hero.OBJECT: "sculpture perfume fragrance cologne | object product",
}
# No word that is also the name of a colour: an orange shoe has no oranges beside it.
_PROPS = {
    Prop.BEANS: "coffee beans espresso brew roast cacao",
    Prop.CITRUS: "citrus oranges lemon lemons lime limes grapefruit fruit fruity juicy",
    Prop.LEAVES: "leaf leaves eucalyptus botanical herbal greenery",
    Prop.ICE: "ice icy frozen chilled refreshing",
    Prop.PEBBLES: "pebbles pebble stone stones rock rocks spa zen",
    Prop.SPHERES: "spheres geometric balls pearls abstract",
    Prop.PETALS: "petal petals roses flowers floral blossom",
}
# What lies there when nothing is named; a street and a rooftop look best swept.
_USUAL = {
    Scene.STUDIO: Prop.SPHERES,
    Scene.ARCH: Prop.PEBBLES,
    Scene.BEACH: Prop.PEBBLES,
    Scene.NIGHT: Prop.SPHERES,
    Scene.BOTANICAL: Prop.LEAVES,
    Scene.KITCHEN: Prop.CITRUS,
    Scene.ICY: Prop.ICE,
    Scene.OUTDOOR: Prop.PEBBLES,
    Scene.BEDROOM: Prop.PETALS,
}
# The real product is laid over such a picture later, so its place must stay free.
_FREE_PLACE = re.compile(
    r"\b(empty|bare|vacant|free)\s+(\w+\s+)?(podium|pedestal|plinth|place|spot|stage|surface|table|platform|stand)\b"
    r"|\b(no|without( a| the| any)?)\s+(product|object|objects|products)\b"
)
_VERB_CAN = re.compile(r"\bcan\s+(be|not|you|we|see|read|make|hold|go|stand)\b")
_WORD = re.compile(r"[a-z]+")


def read(prompt: str, negative: str) -> Order:
    """What to paint. Words of the negative prompt rule out what they name. Same texts, same order."""
    words, banned = _words(prompt), frozenset(_words(negative))
    chance = number_of(prompt, negative)
    scene = _choose(_SCENES, words, banned) or _by_chance(_SCENES, banned, chance) or Scene.STUDIO
    hero = _hero(prompt.lower(), banned)
    palette = palette_for(hexes_in(prompt), words, chance // 7)
    return Order(
        scene, hero, _props(words, banned, scene), at_night(palette) if scene is Scene.NIGHT else palette
    )


def number_of(*parts: object) -> int:
    """A number that depends on nothing but the parts: the same on every run, machine and thread."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _choose[Choice: StrEnum](
    table: dict[Choice, str], words: list[str], banned: frozenset[str]
) -> Choice | None:
    return _named(table, 0, words, banned) or _named(table, 1, words, banned)


def _named[Choice: StrEnum](
    table: dict[Choice, str], side: int, words: list[str], banned: frozenset[str]
) -> Choice | None:
    owners = {word: choice for choice, names in table.items() for word in names.split("|")[side].split()}
    return next((owners[word] for word in words if word in owners and word not in banned), None)


def _by_chance(table: dict[Scene, str], banned: frozenset[str], chance: int) -> Scene | None:
    left = [scene for scene, names in table.items() if not banned.intersection(names.split())]
    return left[chance % len(left)] if left else None


def _hero(prompt: str, banned: frozenset[str]) -> Hero:
    if _FREE_PLACE.search(prompt):
        return Hero.NOTHING
    return _choose(_HEROES, _words(_VERB_CAN.sub(" ", prompt)), banned) or Hero.OBJECT


def _props(words: list[str], banned: frozenset[str], scene: Scene) -> tuple[Prop, ...]:
    asked = [prop for prop, names in _PROPS.items() if set(names.split()) & set(words) - banned]
    usual = _USUAL.get(scene)
    if usual and usual not in asked and not banned.intersection(_PROPS[usual].split()):
        asked.append(usual)
    return tuple(asked[:2])
