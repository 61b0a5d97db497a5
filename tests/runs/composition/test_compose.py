"""From picture to ad: what every one of the 74 formats must hold, looked up on the finished files."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runs import formats
from runs.composition import Ad, BadColour, BadPicture, Copy, Style, check, compose
from runs.composition.layout import Kind, kind_of
from runs.formats import Format, Shape

from . import scenes

ROOT = Path(__file__).parents[3]


def made(format_id: str, copy: Copy = scenes.ENGLISH, language: str = "en", **more: object) -> Ad:
    entry = formats.get(format_id)
    picture = more.pop("picture", None) or scenes.calm(entry.shape)
    style = more.pop("style", scenes.STYLE)
    simulated = more.pop("simulated", True)
    return compose(picture, entry, copy, style, language, simulated=simulated, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", formats.images(), ids=lambda entry: entry.id)
def test_every_format_becomes_a_valid_ad(entry: Format) -> None:
    """On a picture with copy space, with the copy of a real campaign."""
    ad = made(entry.id)
    assert [rule for rule in ad.report.checks if not rule.ok] == []
    assert set(check(ad.data, entry)) <= set(ad.report.checks)
    with Image.open(BytesIO(ad.data)) as image:
        assert image.size == (entry.width, entry.height) == (ad.width, ad.height)
    assert len(ad.data) <= entry.max_bytes
    assert ad.report.bytes == len(ad.data)


SAMPLES = [
    "meta_story",
    "meta_feed_square",
    "meta_feed_landscape",
    "google_display_billboard",
    "google_display_leaderboard",
    "google_display_inline_rectangle",
    "google_display_wide_skyscraper",
    "google_display_small_square",
]


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in scenes.COPIES if name not in ("wordy", "english")])
def test_every_script_becomes_readable_ads(name: str) -> None:
    language, copy = scenes.COPIES[name]
    for format_id in SAMPLES:
        ad = made(format_id, copy, language)
        assert ad.report.ok, [rule for rule in ad.report.checks if not rule.ok]


@pytest.mark.parametrize("format_id", SAMPLES)
def test_type_is_readable_even_on_the_busiest_picture(format_id: str) -> None:
    entry = formats.get(format_id)
    report = made(format_id, picture=scenes.busy(entry.shape)).report
    assert {rule.name for rule in report.checks if not rule.ok} <= {"focus"}
    assert min(report.contrast.values()) >= 4.5


@pytest.mark.parametrize(
    "format_id", ["google_display_half_page", "google_display_billboard", "uber_sponsored_brand"]
)
def test_grain_is_squeezed_under_the_byte_limit(format_id: str) -> None:
    entry = formats.get(format_id)
    ad = made(format_id, picture=scenes.grainy(entry.shape))
    assert len(ad.data) <= entry.max_bytes
    assert ad.report.ok


def test_the_same_input_gives_the_same_bytes() -> None:
    for format_id in SAMPLES:
        assert made(format_id).data == made(format_id).data


def test_two_threads_make_what_one_makes() -> None:
    alone = [made(format_id).data for format_id in SAMPLES]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda format_id: made(format_id).data, SAMPLES * 2))
    assert together == alone * 2


def test_another_process_makes_the_same_bytes() -> None:
    """Nothing hangs on the order of sets, which a process may choose anew."""
    program = (
        "import hashlib; from tests.runs.composition.test_compose import SAMPLES, made;"
        "print(hashlib.sha256(b''.join(made(name).data for name in SAMPLES)).hexdigest())"
    )
    here = hashlib.sha256(b"".join(made(name).data for name in SAMPLES)).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "77"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == here


def test_the_report_is_plain_json() -> None:
    report = made("meta_feed_square").report
    told = json.loads(json.dumps(report.as_json()))
    assert told["ok"] is True
    assert told["byte_limit"] == formats.get("meta_feed_square").max_bytes
    assert told["lines"]["headline"]
    assert {check["name"] for check in told["checks"]} >= {
        "pixels",
        "bytes",
        "safe_zone",
        "contrast",
        "type_size",
    }


def test_the_report_says_whose_limit_it_is() -> None:
    assert made("meta_right_column").report.byte_limit_is_ours
    assert not made("google_display_square").report.byte_limit_is_ours


def test_a_forbidden_text_gives_the_picture_alone() -> None:
    ad = made("walmart_sponsored_brand", simulated=False)
    assert ad.report.kind == "bare"
    assert ad.report.lines == {}
    assert ad.report.source_type.endswith("/trainedAlgorithmicMedia")
    with Image.open(BytesIO(ad.data)) as image:
        assert image.size == (1200, 675)


def test_sources_are_marked_by_what_painted_the_picture() -> None:
    assert made("meta_feed_square", simulated=True).report.source_type.endswith("/algorithmicMedia")
    composite = "/compositeWithTrainedAlgorithmicMedia"
    assert made("meta_feed_square", simulated=False).report.source_type.endswith(composite)


def test_a_busy_picture_sends_the_type_to_a_panel() -> None:
    assert made("meta_feed_square", picture=scenes.busy(Shape.SQUARE)).report.placement == "panel"
    assert made("meta_feed_square").report.placement == "top"


def test_detail_that_the_preview_cannot_show_strengthens_the_veil() -> None:
    """A chequered picture looks even grey when it is shrunk to be judged."""
    chequered = np.indices((640, 640)).sum(axis=0) % 2 * 130 + 40
    fine = scenes.png(Image.fromarray(chequered.astype(np.uint8)).convert("RGB"))
    even = scenes.png(Image.new("RGB", (640, 640), (105, 105, 105)))
    reports = [made("meta_feed_square", scenes.ONE_WORD, picture=picture).report for picture in (fine, even)]
    assert {report.placement for report in reports} <= {"top", "bottom"}
    assert min(min(report.contrast.values()) for report in reports) >= 4.5
    assert reports[0].scrim > reports[1].scrim


def test_type_goes_where_the_focus_is_not() -> None:
    light = scenes.calm(Shape.SQUARE, "#dddddd", "#dddddd")
    high = made("meta_feed_square", scenes.ONE_WORD, picture=light, focus=(0.2, 0.15)).report
    low = made("meta_feed_square", scenes.ONE_WORD, picture=light, focus=(0.2, 0.85)).report
    assert (high.placement, low.placement) == ("bottom", "top")


def test_ink_follows_the_picture() -> None:
    dark = scenes.calm(Shape.SQUARE, "#101830", "#101830")
    light = scenes.calm(Shape.SQUARE, "#f2efe8", "#f2efe8")
    assert made("meta_feed_square", picture=dark).report.ink == "#ffffff"
    assert made("meta_feed_square", picture=light).report.ink == "#101318"
    assert made("meta_feed_square", picture=light).report.scrim == 0


def test_a_drawn_button_is_asked_for_or_the_formats_own() -> None:
    assert "button" not in made("meta_feed_square").report.boxes
    assert "button" in made("meta_feed_square", button="drawn").report.boxes
    assert "button" in made("google_display_square").report.boxes
    assert "button" not in made("google_display_square", button="platform").report.boxes


@pytest.mark.parametrize(
    "primary", ["#000000", "#808080", "#767676", "#ff0000", "#ffff00", "#ffffff", "#1db954"]
)
@pytest.mark.parametrize("accent", ["#808080", "#ffd84d", "#1db954"])
def test_no_brand_colours_make_type_unreadable(primary: str, accent: str) -> None:
    style = Style(primary, accent, brand_name="Nordlys")
    for format_id in ("google_display_leaderboard", "google_display_wide_skyscraper"):
        report = made(format_id, style=style).report
        assert min(report.contrast.values()) >= 4.5


def test_an_unreadable_ink_for_the_accent_is_not_used() -> None:
    bad = made("google_display_leaderboard", style=Style(accent="#ffd84d", on_accent="#ffffff"))
    good = made("google_display_leaderboard", style=Style(accent="#ffd84d", on_accent="#5a1a00"))
    plain = made("google_display_leaderboard", style=Style(accent="#ffd84d"))
    assert bad.data == plain.data != good.data


def test_a_logo_is_drawn_in_its_own_colours() -> None:
    report = made("google_display_half_page", style=Style(logo=scenes.logo(colour="#ff00aa"))).report
    ad = made("google_display_half_page", style=Style(logo=scenes.logo(colour="#ff00aa")))
    x, y, width, height = (round(value) for value in report.boxes["logo"])
    with Image.open(BytesIO(ad.data)) as image:
        red, green, blue = image.convert("RGB").getpixel((x + width // 2, y + height // 2))  # type: ignore[misc]
    assert red > 230 and green < 40 and 140 < blue < 200


def test_a_logo_that_would_drown_gets_a_plate() -> None:
    dark = Style(primary="#101010", logo=scenes.logo(colour="#181818"))
    ad = made("google_display_half_page", style=dark)
    assert ad.report.contrast["logo"] > 10
    assert ad.report.ok


def test_a_brand_without_logo_and_name_has_no_sign() -> None:
    assert "logo" not in made("meta_feed_square", style=Style()).report.boxes


def test_left_out_fields_are_reported() -> None:
    report = made("google_display_mobile_banner_320").report
    assert {"line", "legal"} <= set(report.left_out)


def test_large_formats_are_encoded_for_quality() -> None:
    report = made("meta_story").report
    assert report.quality is not None and report.quality >= 90


@pytest.mark.parametrize("colour", ["yellow", "#12"])
def test_a_bad_colour_is_refused(colour: str) -> None:
    with pytest.raises(BadColour):
        made("meta_feed_square", style=Style(primary=colour))
    with pytest.raises(BadColour):
        made("meta_feed_square", style=Style(accent=colour))


def test_a_bad_picture_is_refused() -> None:
    with pytest.raises(BadPicture):
        made("meta_feed_square", picture=b"<html>")


def test_strips_and_towers_show_the_picture_too() -> None:
    for entry in formats.images():
        if kind_of(entry) in (Kind.STRIP, Kind.TOWER):
            _, _, width, height = made(entry.id).report.boxes["picture"]
            assert width * height >= 0.08 * entry.width * entry.height, entry.id


def test_recomposing_with_new_copy_needs_only_the_picture() -> None:
    first = made("meta_feed_square")
    second = made("meta_feed_square", replace(scenes.ENGLISH, headline="Fly to Rome from €59"))
    assert first.data != second.data
    assert second.report.ok


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (4000, 10), (10, 4000)])
def test_odd_pictures_make_valid_ads(size: tuple[int, int]) -> None:
    picture = scenes.png(Image.new("RGB", size, "#88aacc"))
    for format_id in ("meta_story", "google_display_leaderboard", "meta_feed_landscape"):
        assert made(format_id, picture=picture).report.ok


def test_transparent_parts_of_a_picture_are_white() -> None:
    clear = scenes.png(Image.new("RGBA", (300, 300), (200, 20, 20, 0)))
    assert made("meta_feed_square", picture=clear).report.ink == "#101318"
