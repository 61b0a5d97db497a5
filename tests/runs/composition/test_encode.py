"""Files keep their format's weight, and are well made where the weight is free."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from runs import formats
from runs.composition import TooHeavy
from runs.composition.encode import BEST, LEAST_FINE, Encoder, _jpegli, encode
from runs.formats import Format

SMALL = formats.get("google_display_half_page")
LARGE = formats.get("meta_feed_square")
STRIP = formats.get("google_display_leaderboard")


def noise(format: Format) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (format.height, format.width, 3), dtype=np.uint8)


def soft(format: Format) -> np.ndarray:
    ramp = np.linspace(0, 255, format.width, dtype=np.uint8)
    return np.repeat(np.repeat(ramp[None, :, None], format.height, axis=0), 3, axis=2)


def test_a_tight_limit_is_met_with_the_best_quality_that_fits() -> None:
    tight = replace(SMALL, max_bytes=90_000)
    file = encode(noise(tight), tight)
    assert len(file.data) <= 90_000
    assert file.encoder is Encoder.JPEGLI
    assert file.quality is not None and 30 < file.quality < 95
    assert len(encode(noise(tight), replace(tight, max_bytes=60_000)).data) < len(file.data)


def test_no_better_quality_would_have_fitted() -> None:
    picture = noise(SMALL)
    for limit in (150_000, 120_000, 100_000, 70_000):
        file = encode(picture, replace(SMALL, max_bytes=limit))
        assert file.quality is not None and file.quality < BEST
        assert len(_jpegli(picture, file.quality + 1).data) > limit


def test_room_for_the_mark_is_kept_free() -> None:
    tight = replace(SMALL, max_bytes=90_000)
    assert len(encode(noise(tight), tight, reserve=5_000).data) <= 85_000


def test_a_calm_picture_gets_the_best_quality() -> None:
    assert encode(soft(SMALL), SMALL).quality == 95


def test_from_one_megabyte_on_quality_rules() -> None:
    file = encode(noise(LARGE), LARGE)
    assert file.quality is not None and file.quality >= LEAST_FINE
    with Image.open(BytesIO(file.data)) as image:
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_a_roomy_limit_holds_all_the_same() -> None:
    limited = replace(LARGE, max_bytes=1_100_000)
    assert len(encode(noise(limited), limited).data) <= 1_100_000


def test_what_cannot_be_light_enough_is_refused() -> None:
    with pytest.raises(TooHeavy, match="KB") as caught:
        encode(noise(SMALL), replace(SMALL, max_bytes=3_000))
    assert caught.value.limit == 3_000


def test_a_flat_strip_is_a_png_where_that_is_smaller() -> None:
    flat = np.full((STRIP.height, STRIP.width, 3), 40, np.uint8)
    assert encode(flat, STRIP).suffix == ".png"
    assert encode(noise(STRIP), STRIP).suffix == ".jpg"


def test_a_format_without_jpeg_gets_png() -> None:
    assert encode(soft(SMALL), replace(SMALL, file_types=("png",))).mime == "image/png"


def test_the_alpha_of_the_canvas_is_dropped() -> None:
    rgba = np.dstack([soft(SMALL), np.full((SMALL.height, SMALL.width), 255, np.uint8)])
    assert encode(rgba, SMALL).data == encode(soft(SMALL), SMALL).data


def test_the_same_pixels_give_the_same_bytes() -> None:
    for entry in (SMALL, LARGE, STRIP):
        assert encode(noise(entry), entry).data == encode(noise(entry), entry).data
