"""What a run delivers, as data: every ad with its file, its rules and its reason."""

import json

from accounts.models import User, Workspace
from runs import lifecycle
from runs.manifest import manifest
from runs.models import Creative, Run
from runs.states import AdState, Event
from tests.conftest import brief, finish, make_server


def test_a_manifest_tells_what_was_ordered_and_how_it_ended(finished: Run) -> None:
    told = manifest(finished)
    assert (told["run"], told["status"], told["simulated"]) == ("Cold brew", "done", False)
    assert told["seed"] == finished.brief.seed
    assert (told["pictures_total"], told["ads_total"], told["failures"]) == (2, 2, [])


def test_every_ad_names_its_file_its_size_and_its_limit(finished: Run) -> None:
    square = manifest(finished)["ads"][0]
    row = Creative.objects.get(format="meta_feed_square")
    assert square["file"] == row.file_name == "p1_look1_v1_m1_en_meta_feed_square.png"
    assert (square["key"], square["sha256"], square["bytes"]) == (row.key, row.sha256, row.bytes)
    assert (square["label"], square["platform"]) == ("Meta feed square 1:1", "Meta")
    assert (square["width"], square["height"]) == (row.size.width, row.size.height)
    assert square["byte_limit"] == row.size.max_bytes
    assert (square["product"], square["look"], square["language"]) == ("Can", "Studio", "en")
    assert square["product_picture"] == "invented"
    assert square["copy"] == {"headline": "Slow brewed. Fast gone."}


def test_an_ad_with_the_real_product_says_so(workspace: Workspace, alice: User) -> None:
    products = [{"name": "Can", "cutout": "w/1/assets/2.png"}, {"name": "Bottle"}]
    told = manifest(finish(lifecycle.start(workspace, alice, brief(products=products))))
    assert {(ad["product"], ad["product_picture"]) for ad in told["ads"]} == {
        ("Can", "as uploaded"),
        ("Bottle", "invented"),
    }


def test_the_name_of_every_file_carries_the_id_of_its_size(finished: Run) -> None:
    assert all(ad["format"] in ad["file"] for ad in manifest(finished)["ads"])


def test_no_two_ads_of_a_run_have_the_same_file_name(workspace: Workspace, alice: User) -> None:
    run = lifecycle.start(
        workspace,
        alice,
        brief(
            products=[{"name": "Can"}, {"name": "Bottle"}],
            looks=[{"name": "Day"}, {"name": "Night"}],
            messages=[
                {"headline": "One", "translations": {"de": {"headline": "Eins"}}},
                {"headline": "Two", "translations": {"de": {"headline": "Zwei"}}},
            ],
            languages=["en", "de"],
            variations=2,
        ),
    )
    names = [ad["file"] for ad in manifest(finish(run))["ads"]]
    assert len(names) == len(set(names)) == 2 * 2 * 2 * 2 * 2 * 2


def test_an_ad_that_does_not_fit_has_no_file_and_says_why(finished: Run) -> None:
    Creative.objects.filter(format="meta_story").update(
        state=AdState.DOES_NOT_FIT, key="", words="Headline: shorten by 6."
    )
    (unfit,) = [ad for ad in manifest(finished)["ads"] if ad["state"] == "does_not_fit"]
    assert (unfit["file"], unfit["words"]) == ("", "Headline: shorten by 6.")


def test_failed_and_stopped_pictures_are_told_with_their_reason(run: Run) -> None:
    first, second = run.generations.all()
    lifecycle.cancel([second], actor="alice")
    lifecycle.advance(first, Event.FAIL, error="gpu-1 has no such model.")
    told = manifest(run)
    assert told["ads"] == []
    assert told["failures"] == [
        "Picture of Can, Studio, square: gpu-1 has no such model.",
        "Picture of Can, Studio, story: It was stopped.",
    ]


def test_samples_are_marked(run: Run) -> None:
    told = manifest(finish(run, make_server("Simulator", simulated=True)))
    assert told["simulated"] is True
    assert all(ad["file"].startswith("SAMPLE_") for ad in told["ads"])


def test_a_manifest_is_plain_json(finished: Run) -> None:
    assert json.loads(json.dumps(manifest(finished))) == manifest(finished)
