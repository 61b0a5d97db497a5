"""Each row of an ad's report says whose rule it is, and since when it is known."""

from typing import Any

import numpy as np
import pytest

from accounts.models import User, Workspace
from runs import formats, lifecycle
from runs.composition import compose, plan_layout
from runs.composition.palette import check_palette, difference
from runs.models import Creative
from runs.rules import Origin, Rule, rules_of
from tests.conftest import brief, finish
from tests.runs.composition import scenes


def report(format_id: str) -> dict[str, Any]:
    """What typesetting notes of a real file."""
    size = formats.get(format_id)
    ad = compose(scenes.calm(size.shape), size, scenes.ENGLISH, scenes.STYLE, "en", simulated=False)
    return formats.noted(format_id) | ad.report.as_json()


def rules(workspace: Workspace, alice: User, format_id: str, **changes: Any) -> dict[str, Rule]:
    run = finish(lifecycle.start(workspace, alice, brief(formats=[format_id], **changes)))
    ad = Creative.objects.get(run=run, twin=False)
    ad.report = report(format_id)
    return {rule.name: rule for rule in rules_of(ad)}


def test_every_asked_check_is_a_row(workspace: Workspace, alice: User) -> None:
    found = rules(workspace, alice, "google_display_square")
    wanted = {"pixels", "ratio", "bytes", "type_size", "contrast", "safe_zone", "copy_limits"}
    assert wanted | {"text_allowed", "palette", "source_type"} <= found.keys()
    assert all(rule.ok for rule in found.values()), [rule for rule in found.values() if not rule.ok]


def test_a_published_rule_names_its_source_and_the_day_it_was_read(workspace: Workspace, alice: User) -> None:
    rule = rules(workspace, alice, "meta_feed_square")["pixels"]
    [source] = rule.sources
    assert (rule.origin, source.name, source.kind) == (Origin.PUBLISHED, "meta_dev_media", "official")
    assert source.url.startswith("https://developers.facebook.com/") and source.date == "2026-11-22"


def test_a_rule_that_nobody_published_is_ours(workspace: Workspace, alice: User) -> None:
    found = rules(workspace, alice, "meta_feed_square")
    assert {
        name for name in ("safe_zone", "type_size", "palette", "opens") if found[name].origin != Origin.OURS
    } == set()
    assert found["safe_zone"].sources == ()


def test_where_two_sources_differ_the_row_says_so_and_what_was_taken(
    workspace: Workspace, alice: User
) -> None:
    rule = rules(workspace, alice, "google_rda_square")["pixels"]
    assert rule.origin is Origin.CONFLICTING and "600x600" in rule.note
    assert rules(workspace, alice, "google_rda_square", name="Two")["bytes"].origin is Origin.PUBLISHED


def test_standards_are_named_as_what_they_are(workspace: Workspace, alice: User) -> None:
    found = rules(workspace, alice, "meta_feed_square")
    assert (found["contrast"].sources[0].name, found["contrast"].sources[0].date) == ("wcag22", "2023-10-05")
    assert found["source_type"].sources[0].name == "iptc"


def test_post_text_over_the_limit_is_a_row_that_is_not_met(workspace: Workspace, alice: User) -> None:
    message = {"headline": "Hi", "post": {"meta": {"headline": "x" * 60}}}
    rule = rules(workspace, alice, "meta_feed_square", messages=[message])["copy_limits"]
    assert not rule.ok and rule.sources and "27" in rule.words


def test_an_ad_whose_size_is_gone_keeps_its_report(workspace: Workspace, alice: User) -> None:
    run = finish(lifecycle.start(workspace, alice, brief(formats=["meta_feed_square"])))
    ad = Creative.objects.get(run=run)
    ad.report, ad.format = report("meta_feed_square"), "gone_size"
    assert {rule.origin for rule in rules_of(ad) if rule.name == "pixels"} == {Origin.OURS}


@pytest.mark.parametrize("size", formats.catalogue().values(), ids=str)
def test_conflicts_are_told_in_a_note(size: formats.Format) -> None:
    assert not size.conflicting_fields or size.note


def test_colours_that_are_not_the_brand_s_are_found() -> None:
    size = formats.get("google_display_leaderboard")
    placement = plan_layout(size, scenes.ENGLISH, scenes.STYLE, "en").placements[0]
    pixels = np.zeros((size.height, size.width, 4), np.uint8)
    pixels[:] = (0, 200, 90, 255)
    assert not check_palette(pixels, placement, scenes.STYLE).ok


def test_black_and_white_are_a_hundred_apart() -> None:
    assert difference((255, 255, 255), (0, 0, 0)) == pytest.approx(100, abs=0.1)
