"""Nothing is stretched, and the focus lies where the layout wants it as far as the picture's edges allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.composition.crop import cover

SIDES = st.integers(16, 4000)
PART = st.floats(0, 1)


@given(picture=st.tuples(SIDES, SIDES), target=st.tuples(SIDES, SIDES), focus=st.tuples(PART, PART))
def test_a_crop_has_the_targets_shape_and_stays_in_the_picture(
    picture: tuple[int, int], target: tuple[int, int], focus: tuple[float, float]
) -> None:
    box = cover(picture, target, focus).box
    assert box.width / box.height == pytest.approx(target[0] / target[1], rel=1e-6)
    assert min(box.x, box.y) >= 0
    assert box.right <= picture[0] + 1e-6 and box.bottom <= picture[1] + 1e-6


@given(picture=st.tuples(SIDES, SIDES), target=st.tuples(SIDES, SIDES), focus=st.tuples(PART, PART))
def test_a_crop_always_keeps_the_focus(
    picture: tuple[int, int], target: tuple[int, int], focus: tuple[float, float]
) -> None:
    across, down = cover(picture, target, focus, anchor=focus).focus
    assert -1e-6 <= across <= 1 + 1e-6 and -1e-6 <= down <= 1 + 1e-6


def test_one_side_is_used_whole() -> None:
    box = cover((1000, 500), (300, 300), (0.5, 0.5)).box
    assert (box.width, box.height) == (500, 500)


def test_the_focus_comes_to_its_anchor() -> None:
    assert cover((2000, 500), (500, 500), (0.5, 0.5), (0.8, 0.5)).focus == pytest.approx((0.8, 0.5))


def test_at_the_edge_the_picture_wins() -> None:
    cut = cover((1000, 500), (500, 500), (0.0, 0.5), (0.5, 0.5))
    assert cut.box.x == 0
    assert cut.focus == (0.0, 0.5)


def test_what_stands_at_the_focus_keeps_its_foot_where_the_type_pushes_it_down() -> None:
    cut = cover((1000, 1000), (1200, 1000), (0.5, 0.6), (0.5, 0.75))
    assert cut.box.bottom >= 900  # a product reaches 0.3 of the picture below its focus


def test_a_crop_too_low_for_a_tall_product_shows_where_wide_ones_stand() -> None:
    cut = cover((1000, 1000), (1000, 400), (0.5, 0.5))
    # A shoe reaches from 0.08 above its focus to 0.26 below.
    assert cut.box.y <= 420 and cut.box.bottom >= 760


def test_what_can_nearly_be_shown_whole_loses_as_much_of_its_head_as_of_its_foot() -> None:
    cut = cover((1000, 1000), (1000, 500), (0.5, 0.5))
    head, foot = cut.box.y - 290, 800 - cut.box.bottom  # what stands there reaches from 0.29 to 0.8
    assert head == pytest.approx(foot, abs=7)


def test_what_can_be_shown_whole_has_air_over_its_head() -> None:
    cut = cover((1000, 1000), (1000, 600), (0.5, 0.6), (0.5, 0.2))
    assert cut.box.y == pytest.approx(600 - 240)  # its head is 210 above the focus
