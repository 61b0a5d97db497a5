"""The catalogue of ad sizes: whole, and said in words that people use."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from runs import formats
from runs.formats import Insets, Shape, UnknownFormat

ENTRIES = list(formats.catalogue().values())


def listed(*args: str) -> str:
    out = StringIO()
    call_command("formats", *args, stdout=out)
    return out.getvalue()


def test_the_catalogue_holds_79_sizes_of_which_74_are_pictures() -> None:
    assert len(ENTRIES) == 79
    assert len(formats.images()) == 74
    assert {entry.role for entry in ENTRIES} == {"image", "logo"}


@pytest.mark.parametrize(
    ("format_id", "label"),
    [
        ("meta_story", "Meta story 9:16"),
        ("meta_feed_square", "Meta feed square 1:1"),
        ("google_display_leaderboard", "Google leaderboard 728×90"),
        ("google_display_wide_skyscraper", "Google wide skyscraper 160×600"),
    ],
)
def test_a_size_is_called_what_people_call_it(format_id: str, label: str) -> None:
    assert formats.get(format_id).label == label


def test_no_two_sizes_have_the_same_label() -> None:
    labels = [entry.label for entry in ENTRIES]
    assert sorted({label for label in labels if labels.count(label) > 1}) == []


def test_every_size_names_its_platform_and_its_sources() -> None:
    known = formats.sources()
    assert all(entry.platform_name for entry in ENTRIES)
    assert [entry.id for entry in ENTRIES if not set(entry.sources) <= set(known)] == []


def test_a_published_safe_zone_is_kept_in_pixels() -> None:
    story = formats.get("meta_story")  # published: 14 % above, 20 % below, nothing at the sides
    assert (story.width, story.height) == (1080, 1920)
    assert story.safe == Insets(top=269, right=43, bottom=384, left=43)
    assert not story.safe_is_ours


def test_without_a_published_zone_four_percent_of_the_short_side_stay_free() -> None:
    leaderboard = formats.get("google_display_leaderboard")
    assert leaderboard.safe == Insets(top=4, right=4, bottom=4, left=4)
    assert leaderboard.safe_is_ours


def test_the_safe_zones_leave_room_in_every_size() -> None:
    for entry in ENTRIES:
        assert entry.safe.left + entry.safe.right < entry.width, entry.id
        assert entry.safe.top + entry.safe.bottom < entry.height, entry.id


def test_a_published_byte_limit_is_binary_and_a_missing_one_is_ours() -> None:
    assert formats.get("google_display_leaderboard").max_bytes == 153_600
    assert not formats.get("google_display_leaderboard").max_bytes_is_ours
    ours = [entry for entry in ENTRIES if entry.max_bytes_is_ours]
    assert ours and {entry.max_bytes for entry in ours} == {formats.OUR_MAX_BYTES}


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (1080, 1080, Shape.SQUARE),
        (1080, 1350, Shape.PORTRAIT),
        (1080, 1920, Shape.STORY),
        (1200, 628, Shape.LANDSCAPE),
        (728, 90, Shape.LANDSCAPE),
        (160, 600, Shape.STORY),
        (300, 250, Shape.SQUARE),
    ],
)
def test_a_size_is_cut_from_the_shape_that_loses_least(width: int, height: int, shape: Shape) -> None:
    assert Shape.nearest(width, height) is shape


def test_the_button_is_drawn_only_where_the_platform_draws_none() -> None:
    assert formats.get("google_display_leaderboard").draws_button
    assert not formats.get("meta_story").draws_button


def test_an_unknown_size_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownFormat) as refusal:
        formats.get("meta_billboard")
    assert str(refusal.value) == (
        "There is no ad size “meta_billboard”. `manage.py formats` lists those there are."
    )


def test_the_command_lists_every_size_with_what_a_brief_needs() -> None:
    lines = listed().splitlines()
    assert len(lines) == 1 + len(ENTRIES) + 1
    (leaderboard,) = [line for line in lines if line.startswith("google_display_leaderboard ")]
    assert leaderboard.split("  ")[0] == "google_display_leaderboard"
    for part in ("Google leaderboard 728×90", "728×90", "150 KB", "landscape"):
        assert part in leaderboard


def test_the_command_marks_our_own_limits_and_logos() -> None:
    lines = listed().splitlines()
    assert all("KB*" in line for line in lines if line.split(" ")[0] in _ids(max_bytes_is_ours=True))
    assert sum(line.endswith("(logo)") for line in lines) == 5


def test_the_command_speaks_json() -> None:
    told = json.loads(listed("--json"))
    assert [entry["id"] for entry in told] == [entry.id for entry in ENTRIES]
    story = next(entry for entry in told if entry["id"] == "meta_story")
    assert story["shape"] == "story"
    assert (story["width"], story["height"]) == (1080, 1920)


def _ids(**wanted: Any) -> set[str]:
    return {entry.id for entry in ENTRIES if all(getattr(entry, k) == v for k, v in wanted.items())}
