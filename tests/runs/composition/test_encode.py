"""Files keep their format's weight, and are well made where the weight is free."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from runs import formats
from runs.composition import TooHeavy
from runs.composition.checks import check_quality
from runs.composition.encode import BEST, CLEAR, CLEAREST, FINE, Encoder, _jpegli, _pillow, encode
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
    assert encode(soft(SMALL), SMALL).quality == CLEAREST


def coloured(format: Format) -> np.ndarray:
    """A soft picture with some grain, and red strokes three pixels wide: half the colour resolution smears them."""
    grain = np.random.default_rng(2).normal(0, 3, (format.height, format.width, 1))
    pixels = (soft(format) * 0.5 + 60 + grain).astype(np.uint8)
    for across in range(3):
        pixels[40:200, across::11] = (210, 20, 40)
    return pixels


def test_coloured_type_keeps_its_edges_where_there_is_room() -> None:
    picture = coloured(SMALL)
    for limit in (150_000, 60_000):
        file = encode(picture, replace(SMALL, max_bytes=limit))
        assert file.encoder is Encoder.PILLOW and file.quality is not None and file.quality >= CLEAR
        with Image.open(BytesIO(file.data)) as image:
            ours = np.abs(np.asarray(image, np.int16) - picture).mean()
        with Image.open(BytesIO(_jpegli(picture, BEST).data)) as image:
            assert ours < np.abs(np.asarray(image, np.int16) - picture).mean() / 2


def test_under_a_tight_limit_full_colour_is_as_good_as_fits() -> None:
    """As a plain file, or one step better as a progressive one."""
    picture, seen = coloured(SMALL), set()
    weights = {quality: len(_pillow(picture, quality, True)) for quality in range(CLEAR, CLEAREST + 1)}
    for limit in weights.values():
        file = encode(picture, replace(SMALL, max_bytes=limit))
        seen.add(file.quality)
        plain = max(quality for quality, weight in weights.items() if weight <= limit)
        assert file.quality in (plain, plain + 1) and len(file.data) <= limit
    assert len(seen) > 1


def test_from_one_megabyte_on_quality_rules() -> None:
    file = encode(noise(LARGE), LARGE)
    assert file.quality in FINE and not file.squeezed
    with Image.open(BytesIO(file.data)) as image:
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_a_roomy_limit_holds_all_the_same() -> None:
    limited = replace(LARGE, max_bytes=1_100_000)
    file = encode(noise(limited), limited)
    assert len(file.data) <= 1_100_000


def test_what_is_squeezed_under_a_roomy_limit_is_told() -> None:
    limited = replace(LARGE, max_bytes=1_100_000)
    row = check_quality(encode(noise(limited), limited), limited)
    assert not row.ok and "over 1,100,000 bytes: squeezed to quality" in row.words


def test_quality_is_told_of_every_file() -> None:
    for format, words in ((LARGE, "finely, in full colour"), (SMALL, "as well as the limit allows")):
        row = check_quality(encode(soft(format), format), format)
        assert row.ok and words in row.words
    flat = np.full((STRIP.height, STRIP.width, 3), 40, np.uint8)
    assert check_quality(encode(flat, STRIP), STRIP).words == "Written without loss."


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
