"""Post text against the platforms' limits, counted as each platform counts, told in whole sentences."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Workspace
from runs import formats, post_copy, preflight
from runs.brief import BriefSpec, from_toml
from runs.errors import BriefRefused
from runs.post_copy import Verdict, count
from runs.post_text import PostCopy, platforms
from tests.conftest import brief

MESSAGE = {"headline": "Slow brewed. Fast gone."}


def verdicts(post: dict[str, Any], *sizes: str) -> list[Verdict]:
    return post_copy.check(PostCopy.model_validate(post), [formats.get(size) for size in sizes])


def words(post: dict[str, Any], *sizes: str, hard: bool | None = None) -> list[str]:
    found = verdicts(post, *sizes)
    return [each.words for each in found if not each.ok and hard in (None, each.hard)]


def test_the_typed_fields_are_those_of_the_catalogue() -> None:
    named = {
        (size.platform, field)
        for size in formats.images()
        for field, rule in size.text.items()
        if isinstance(rule, dict)
    }
    assert {(platform, field) for platform, fields in platforms() for field in fields} == named


def test_a_field_takes_several_lines_where_the_platform_counts_them() -> None:
    several = dict(platforms())
    for size in formats.images():
        for field, rule in size.text.items():
            if isinstance(rule, dict) and rule.get("count", [1, 1])[1] > 1:
                assert several[size.platform][field], (size.id, field)


@pytest.mark.parametrize(
    ("platform", "text", "counted"),
    [
        ("meta", "Käse", 4),
        ("meta", "Ka\u0308se", 4),  # composed first
        ("meta", "冷たい", 3),
        ("google_ads", "冷たい", 6),
        ("google_ads", "Café", 4),
        ("tiktok", "冷たい brew", 11),
        ("linkedin", "冷たい", 3),
        ("x", "冷たい", 6),
        ("x", "https://example.com/" + "a" * 300, 23),
        ("x", "See example.com/offer now", 31),
        ("x", "Fast.gone", 9),
        ("x", "👾", 2),
        ("x", "👨‍👩‍👧‍👦", 2),
        ("x", "🙋🏽🇩🇪", 4),
        ("x", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),  # England
        ("x", "\u25b6\ufe0f\u2122\ufe0f go", 7),
        ("x", "Кофе — “now” …", 15),
    ],
)
def test_each_platform_counts_in_its_own_way(platform: str, text: str, counted: int) -> None:
    assert count(platform, text) == counted


def test_overrides_of_direction_are_taken_out_and_marks_of_direction_stay() -> None:
    post = PostCopy.model_validate(
        {"meta": {"headline": "Sale \u202e05 €\x85"}, "x": {"post": "\u200fقهوة\u2068A\u2069"}}
    )
    assert (post.meta.headline, post.x.post) == ("Sale 05 €", "\u200fقهوة\u2068A\u2069")


def test_what_is_over_a_hard_limit_is_refused_with_the_platform_the_limit_and_by_how_much() -> None:
    assert words({"linkedin": {"headline": "x" * 215}}, "linkedin_square", hard=True) == [
        "Headline has 215 characters; LinkedIn allows at most 200 (LinkedIn square 1:1). Shorten it by 15."
    ]


def test_a_hard_limit_itself_is_kept() -> None:
    assert words({"linkedin": {"headline": "x" * 200}}, "linkedin_square", hard=True) == []


def test_what_is_over_a_soft_limit_is_a_warning() -> None:
    said = verdicts({"meta": {"primary_text": "x" * 126}}, "meta_feed_square")
    assert [(each.hard, each.ok, each.count, each.limit) for each in said] == [(False, False, 126, 125)]
    assert said[0].words == (
        "Primary text has 126 characters; Meta shows about 125 before cutting it off (Meta feed square 1:1). "
        "Put what matters in the first 125."
    )


def test_sizes_with_limits_of_their_own_are_each_told_and_equal_ones_once() -> None:
    said = verdicts({"meta": {"primary_text": "x"}}, "meta_feed_square", "meta_feed_portrait", "meta_reels")
    assert [each.limit for each in said] == [125, 72]


def test_only_the_platforms_of_the_chosen_sizes_are_asked() -> None:
    assert verdicts({"x": {"post": "x" * 999}}, "meta_feed_square") == []


def test_what_is_not_written_is_not_asked_for() -> None:
    assert verdicts({}, *(size.id for size in formats.images())) == []


def test_tiktok_takes_no_emoji_no_braces_and_no_hash() -> None:
    said = words({"tiktok": {"description": "Cold brew 👍 #fresh {now}"}}, "tiktok_vertical")
    assert said == ["Description has 👍 { } #; TikTok allows no emoji, { } or # here. Remove them."]


def test_tiktok_asks_for_a_least_length() -> None:
    assert words({"tiktok": {"description": "Too short"}}, "tiktok_vertical", hard=True) == [
        "Description has 9 characters; TikTok asks for at least 12 (TikTok vertical 9:16). Add 3."
    ]


def test_tiktok_takes_half_as_many_wide_characters() -> None:
    assert words({"tiktok": {"description": "冷" * 50}}, "tiktok_vertical") == []
    assert "Shorten it by 2." in words({"tiktok": {"description": "冷" * 51}}, "tiktok_vertical")[0]


def test_pinterest_cuts_cjk_earlier() -> None:
    said = verdicts({"pinterest": {"title": "冷" * 31}}, "pinterest_pin")
    assert [(each.hard, each.ok, each.limit) for each in said] == [(True, True, 100), (False, False, 30)]


def test_several_headlines_are_each_checked_and_then_together() -> None:
    said = words({"google_ads": {"headline": ["x" * 20, "y" * 31]}}, "google_pmax_square")
    label = formats.get("google_pmax_square").label
    assert said == [
        f"Headline 2 has 31 characters; Google allows at most 30 ({label}). Shorten it by 1.",
        f"Headline: 2 written; Google asks for at least 3 ({label}). Add 1 before you post.",
        f"Headline: the shortest has 20; Google asks for one of at most 15 characters ({label}). "
        "Add a shorter one before you post.",
    ]


def test_every_verdict_names_its_sources() -> None:
    known = formats.sources()
    said = verdicts({"x": {"post": "Cold."}, "meta": {"headline": "Cold."}}, "x_square", "meta_story")
    assert all(each.sources and all(name in known for name in each.sources) for each in said)


def refused(spec: BriefSpec, workspace: Workspace) -> dict[str, str]:
    try:
        preflight.check(spec, workspace)
    except BriefRefused as refusal:
        return {fault.field: fault.words for fault in refusal.faults}
    return {}


def test_a_run_whose_post_text_a_platform_refuses_is_not_started(workspace: Workspace) -> None:
    long = {"post": {"snapchat": {"headline": "x" * 35}}}
    message = MESSAGE | long | {"translations": {"de": MESSAGE | long}}
    spec = brief(messages=[message], languages=["en", "de"], formats=["snapchat_full"])
    assert list(refused(spec, workspace)) == [
        "messages.0.post.snapchat.headline",
        "messages.0.translations.de.post.snapchat.headline",
    ]


def test_a_soft_limit_refuses_nothing(workspace: Workspace) -> None:
    message = MESSAGE | {"post": {"meta": {"primary_text": "x" * 500}}}
    assert refused(brief(messages=[message]), workspace) == {}


def test_a_brief_file_takes_post_text() -> None:
    spec = from_toml(
        """
        name = "Cold brew"
        formats = ["google_rda_square"]
        [[products]]
        name = "Can"
        [[messages]]
        headline = "Slow brewed."
        [messages.post]
        link = "https://example.com/cold-brew"
        [messages.post.google_ads]
        headline = ["Cold brew", "Fast gone"]
        """
    )
    assert spec.messages[0].post.google_ads.headline == ("Cold brew", "Fast gone")


@pytest.mark.parametrize(
    ("post", "field", "said"),
    [
        ({"link": "javascript:alert(1)"}, "messages.0.post.link", "Write the whole address, for example"),
        ({"myspace": {}}, "messages.0.post.myspace", "This field does not exist."),
        ({"meta": {"title": "x"}}, "messages.0.post.meta.title", "This field does not exist."),
        ({"meta": {"headline": "x" * 5001}}, "messages.0.post.meta.headline", "Shorten this to 5000"),
        ({"meta": {"headline": "a\x00b"}}, "messages.0.post.meta.headline", "Remove the control characters"),
        ({"google_ads": {"headline": "x"}}, "messages.0.post.google_ads.headline", "Write this as a list"),
        ({"google_ads": {"headline": ["x"] * 21}}, "messages.0.post.google_ads.headline", "Use at most 20"),
    ],
)
def test_each_fault_is_a_sentence_at_its_field(post: Any, field: str, said: str) -> None:
    with pytest.raises(BriefRefused) as caught:
        brief(messages=[MESSAGE | {"post": post}])
    assert [(fault.field, fault.words.startswith(said)) for fault in caught.value.faults] == [(field, True)]


@pytest.mark.parametrize("path", sorted(Path("examples").glob("*.toml")), ids=str)
def test_the_post_text_of_the_examples_is_refused_nowhere_and_cut_nowhere(path: Path) -> None:
    spec = from_toml(path.read_text())
    said = [each for _, post in post_copy.posts(spec) for each in post_copy.check(post, spec.offered)]
    assert [each.words for each in said if not each.ok] == []
