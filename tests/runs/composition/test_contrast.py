"""Type is readable on what is really behind it, with the weakest veil that makes it so."""

import numpy as np
import pytest

from runs.composition import contrast
from runs.composition.colour import (
    NEAR_BLACK,
    READABLE,
    WHITE,
    as_hex,
    ink_on,
    luminance,
    parse,
    softened,
)
from runs.composition.colour import (
    contrast as of_colours,
)
from runs.composition.contrast import Veil
from runs.composition.errors import BadColour
from runs.composition.layout import Place


def plain(*colour: int) -> np.ndarray:
    return np.full((40, 60, 3), colour, np.uint8)


def test_black_on_white_is_21_to_1() -> None:
    assert of_colours((0, 0, 0), WHITE) == pytest.approx(21)


def test_luminance_is_that_of_wcag() -> None:
    assert luminance((119, 119, 119)) == pytest.approx(0.1845, abs=0.001)


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "", "123456", "#1234567"])
def test_a_colour_that_is_none_is_refused(colour: str) -> None:
    with pytest.raises(BadColour, match="#rrggbb"):
        parse(colour)


def test_colours_read_and_write_the_same() -> None:
    assert as_hex(parse("#ffd84d")) == "#ffd84d"


def test_every_grey_has_a_readable_ink() -> None:
    for grey in range(256):
        ground = (grey, grey, grey)
        assert of_colours(ink_on(ground), ground) >= READABLE


def test_soft_ink_stays_readable() -> None:
    for grey in range(0, 256, 5):
        ground = (grey, grey, grey)
        assert of_colours(softened(ink_on(ground), ground, 0.3), ground) >= READABLE


def test_contrast_counts_the_unkind_pixels_not_the_mean() -> None:
    half = plain(0, 0, 0)
    half[:, ::2] = 255
    assert contrast.measured(half, WHITE) == pytest.approx(1, abs=0.01)


def test_a_few_stray_pixels_do_not_count() -> None:
    ground = plain(0, 0, 0)
    ground[0, :24] = 255  # one per cent
    assert contrast.measured(ground, WHITE) > 20


def test_only_the_inks_that_are_wanted_are_looked_at() -> None:
    busy = [plain(20, 20, 20), plain(200, 200, 200)]
    assert [reading.dark for reading in contrast.readings(busy)] == [False, True]
    assert [reading.dark for reading in contrast.readings(busy, "light")] == [False]
    assert [reading.dark for reading in contrast.readings(busy, "dark")] == [True]


def test_dark_ground_needs_no_veil_for_white_ink() -> None:
    (white,) = contrast.readings([plain(20, 30, 60)])
    assert (white.ink, white.strength) == (WHITE, 0.0)


def test_light_ground_needs_no_veil_for_dark_ink() -> None:
    _, dark = contrast.readings([plain(240, 230, 210)])
    assert (dark.ink, dark.strength) == (NEAR_BLACK, 0.0)


def test_the_veil_is_only_as_strong_as_needed() -> None:
    white, _ = contrast.readings([plain(150, 150, 150)])
    assert 0 < white.strength < 0.6
    enough = contrast.veiled(plain(150, 150, 150), white.tint, white.strength)
    less = contrast.veiled(plain(150, 150, 150), white.tint, white.strength - 0.1)
    assert contrast.measured(enough, WHITE) >= READABLE > contrast.measured(less, WHITE)


def test_the_worst_text_decides_the_veil() -> None:
    alone = contrast.readings([plain(20, 20, 20)])[0]
    both = contrast.readings([plain(20, 20, 20), plain(200, 200, 200)])[0]
    assert both.strength > alone.strength


def test_a_veil_is_tinted_by_the_picture() -> None:
    white, _ = contrast.readings([plain(230, 90, 60)])
    red, green, blue = white.tint
    assert red > green > blue


def test_a_veil_is_full_at_its_edge_and_gone_after_its_reach() -> None:
    stops = Veil(Place.BOTTOM, 200, 100, (0, 0, 0), 0.5).stops()
    assert stops[0] == (0.0, 0.5)
    assert (200, 0.5) in stops
    assert stops[-1] == (300, 0.0)
    assert [distance for distance, _ in stops] == sorted(distance for distance, _ in stops)


def test_even_ground_is_calm_and_patches_are_not() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert contrast.unrest(plain(90, 90, 90)) == pytest.approx(0, abs=1e-6)
    assert contrast.unrest(noise) > 0.5
