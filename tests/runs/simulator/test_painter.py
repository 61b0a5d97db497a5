"""The painter: the same bytes for the same words, the palette that was asked for, calm space for copy."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

from runs.simulator.painter import paint
from runs.simulator.painting.colour import Rgb, contrast, distance, from_hex, luminance, mix, shift
from runs.simulator.painting.wording import Hero, Prop, Scene, read

SHAPES = [(256, 256), (256, 320), (180, 320), (384, 201)]
SCENES = {
    Scene.STUDIO: "a seamless studio",
    Scene.ARCH: "an arch",
    Scene.BEACH: "a beach in the sun",
    Scene.NIGHT: "neon night",
    Scene.BOTANICAL: "green leaves",
    Scene.KITCHEN: "a kitchen counter",
    Scene.ICY: "ice cubes",
    Scene.OUTDOOR: "mountains",
    Scene.BEDROOM: "linen curtains",
    Scene.CITY: "a city rooftop",
}
HEROES = {
    Hero.CAN: "can", Hero.BOTTLE: "bottle", Hero.JAR: "jar", Hero.CUP: "mug", Hero.POUCH: "pouch", Hero.BOX: "box",
    Hero.SHOE: "sneaker", Hero.HEADPHONES: "headphones", Hero.PHONE: "smartphone", Hero.CHAIR: "armchair",
    Hero.LAMP: "lamp", Hero.OBJECT: "sculpture",
}  # fmt: skip


def pixels(picture: Image.Image) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(picture, dtype=float) / 255


def mean(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Rgb:
    """The mean colour of a part, given in shares of width and height."""
    w, h = picture.size
    red, green, blue = pixels(picture)[int(top * h) : int(bottom * h), int(left * w) : int(right * w)].mean(
        (0, 1)
    )
    return (float(red), float(green), float(blue))


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_words_and_seed_give_the_same_bytes(scene: Scene) -> None:
    ask = (f"a can in {SCENES[scene]}, palette #f6c9a8 #e8825b", "text", 5, 96, 96)
    assert paint(*ask).tobytes() == paint(*ask).tobytes()


def test_every_thread_paints_the_same() -> None:
    together = threading.Barrier(4)

    def painted() -> bytes:
        together.wait(10)
        return paint("a shoe among leaves", "", 3, 128, 96).tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert len({future.result() for future in [pool.submit(painted) for _ in range(4)]}) == 1


@pytest.mark.parametrize("scene", SCENES)
def test_another_seed_gives_another_picture_of_the_same_scene(scene: Scene) -> None:
    one, other = (paint(f"a bottle, {SCENES[scene]}", "", seed, 96, 96) for seed in (1, 2))
    assert one.tobytes() != other.tobytes()
    assert read(f"a bottle, {SCENES[scene]}", "").scene is scene


@pytest.mark.parametrize("size", [*SHAPES, (16, 16), (17, 33), (200, 40), (40, 200)])
def test_a_picture_has_exactly_its_size(size: tuple[int, int]) -> None:
    picture = paint("a jar on a podium", "", 1, *size)
    assert (picture.size, picture.mode) == (size, "RGB")


@pytest.mark.parametrize("size", [(0, 64), (64, 15), (4097, 64)])
def test_a_size_out_of_range_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="16 to 4096"):
        paint("a can", "", 1, *size)


@pytest.mark.parametrize("hero", HEROES)
@pytest.mark.parametrize("size", [(160, 160), (230, 120)])
def test_every_hero_stands_where_the_layout_expects_it(hero: Hero, size: tuple[int, int]) -> None:
    """Against the same picture with the place left free, what differs lies about the hero's place."""
    words = f"{HEROES[hero]} in an arch, palette #f3e9dc #d9c3a5 #3b2716"
    with_hero, free = pixels(paint(words, "", 1, *size)), pixels(paint(f"{words}, no product", "", 1, *size))
    rows, columns = np.nonzero(np.abs(with_hero - free).max(axis=2) > 0.25)
    wide = size[0] / size[1] >= 1.25
    x, y = columns.mean() / size[0], rows.mean() / size[1]
    assert abs(x - (0.70 if wide else 0.5)) < 0.09
    assert abs(y - (0.58 if wide else 0.66)) < 0.17
    assert read(words, "").hero is hero


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", SHAPES)
def test_the_place_for_copy_is_calm(scene: Scene, size: tuple[int, int]) -> None:
    """Little contrast between neighbours: type of one colour is legible on all of it."""
    picture = paint(f"a can, {SCENES[scene]}, palette #cfe8ea #2b7a80 #fff4e2", "", 4, *size)
    w, h = size
    wide = w / h >= 1.25
    box = (
        (int(w * 0.05), int(h * 0.12), int(w * 0.42), int(h * 0.6))
        if wide
        else (int(w * 0.08), int(h * 0.04), int(w * 0.92), int(h * 0.24))
    )
    grey = np.asarray(picture.convert("L").crop(box), dtype=float) / 255
    steps = np.concatenate([np.abs(np.diff(grey, axis=axis)).ravel() for axis in (0, 1)])
    assert np.quantile(steps, 0.99) < 0.08
    assert grey.std() < 0.14


PALETTES = [
    "#f6c9a8 #e8825b #2f1b33",
    "#bfdefa #6aa9e6 #0a2a66",
    "#fff1b8 #f7cf4d #173a2c",
    "#2b3a55 #16213e #e94560",
]


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("scene", [Scene.STUDIO, Scene.ARCH, Scene.BOTANICAL, Scene.BEDROOM])
def test_the_backdrop_has_the_palettes_first_colour(palette: str, scene: Scene) -> None:
    picture = paint(f"a cup, {SCENES[scene]}, palette {palette}", "", 2, 128, 128)
    backdrop = mean(picture, 0.02, 0.02, 0.98, 0.28)
    near = [distance(backdrop, from_hex(other.split()[0])) for other in PALETTES]
    assert near[PALETTES.index(palette)] == min(near)
    assert min(near) < 0.12


def test_the_hero_stands_out_from_its_backdrop() -> None:
    for palette in [*PALETTES, "#f6c9a8 #f2c09a #efbd95", "#222222 #262626", "#808080"]:
        colours = read(f"a can, palette {palette}", "").palette
        assert distance(colours.body, colours.wall) > 0.2


def test_at_night_the_lights_are_out() -> None:
    day, night = (
        paint(f"a can, {word}, palette #f6c9a8 #e8825b", "", 1, 96, 96) for word in ("studio", "neon night")
    )
    assert luminance(mean(night, 0, 0, 1, 1)) < luminance(mean(day, 0, 0, 1, 1)) / 3


def test_a_prompt_without_a_scene_always_gets_the_same_one() -> None:
    scenes = {
        read(f"{word} bottle", "").scene
        for word in ("red", "tall", "small", "square", "round", "odd", "old", "new")
    }
    assert len(scenes) > 2
    assert read("red bottle", "") == read("red bottle", "")


def test_the_negative_prompt_rules_things_out() -> None:
    assert read("a can on the beach", "beach, sea").scene is not Scene.BEACH
    assert read("a can", "can").hero is Hero.OBJECT
    assert Prop.BEANS in read("coffee on a table", "").props
    assert Prop.CITRUS not in read("an orange shoe on a rock", "").props
    assert Prop.BEANS not in read("coffee on a table", "coffee, beans, espresso, brew, roast, cacao").props


@pytest.mark.parametrize(
    ("words", "hero"),
    [
        ("cold brew coffee can", Hero.CAN),  # the thing counts more than what is in it
        ("coffee", Hero.POUCH),
        ("it can be placed anywhere", Hero.OBJECT),  # a verb
        ("an empty podium", Hero.NOTHING),
        ("a clean stage without the product, a bottle", Hero.NOTHING),
        ("product right of the centre, calm empty space on the left", Hero.OBJECT),
    ],
)
def test_words_choose_the_hero(words: str, hero: Hero) -> None:
    assert read(words, "").hero is hero


def test_all_shapes_of_a_picture_share_scene_colours_and_light() -> None:
    """The wall beside the hero is lit from the same side in each shape."""
    walls = []
    for size in SHAPES:
        picture = paint("a box in a studio, palette #ffdfe6 #f29bb0 #5a1230", "", 9, *size)
        walls.append(mean(picture, 0.02, 0.05, 0.2, 0.2))
    assert all(distance(walls[0], wall) < 0.06 for wall in walls)


def test_colours_are_read_mixed_and_compared() -> None:
    assert from_hex("#fa0") == from_hex("#ffaa00") == pytest.approx((1, 2 / 3, 0))
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert distance((0, 0, 0), (1, 1, 1)) == pytest.approx(1, abs=0.01)
    assert mix((1, 0, 0), (0, 0, 1), 0) == pytest.approx((1, 0, 0), abs=0.01)
    assert luminance(shift((0.5, 0.3, 0.2), 0.1)) > luminance((0.5, 0.3, 0.2))
    with pytest.raises(ValueError, match="not a hex colour"):
        from_hex("#12345")
