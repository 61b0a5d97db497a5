"""The export: everything of a run or a choice of it, in little memory, in tables that spreadsheets open."""

import csv
import io
import json
import tracemalloc
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from accounts.models import User, Workspace
from runs import export, formats, lifecycle, recompose, storage
from runs.brief import CopySpec
from runs.export.ads import BATCH
from runs.export.tables import table_line
from runs.models import Creative, Delivery, Run
from runs.states import AdState
from tests.conftest import brief, finish, make_png
from tests.runs.test_recompose import alike

POST = {"link": "https://example.com", "meta": {"primary_text": "=SUM(A1)", "headline": "Cold"}}
MESSAGE = {"headline": "Slow brewed. Fast gone.", "line": "18 hours cold.", "post": POST}


def unpacked(order: export.Order) -> zipfile.ZipFile:
    bundle = zipfile.ZipFile(io.BytesIO(b"".join(export.zip_pieces(order))))
    assert bundle.testzip() is None
    return bundle


def table(bundle: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(bundle.read(name).decode("utf-8-sig"))))


def start(workspace: Workspace, alice: User, **changes: Any) -> Run:
    return finish(lifecycle.start(workspace, alice, brief(**changes)))


def test_every_ad_lies_in_its_platform_s_folder_with_the_bytes_of_its_sum(
    workspace: Workspace, alice: User
) -> None:
    run = start(workspace, alice, formats=["meta_feed_square", "pinterest_pin", "google_display_leaderboard"])
    bundle = unpacked(export.of_run(run))
    told = json.loads(bundle.read("manifest.json"))["ads"]
    assert sorted(ad["file"].split("/")[0] for ad in told) == ["Google", "Meta", "Pinterest"]
    assert all(storage.digest(bundle.read(ad["file"])) == ad["sha256"] for ad in told)
    assert [(row["file"], row["sha256"]) for row in table(bundle, "manifest.csv")] == [
        (ad["file"], ad["sha256"]) for ad in told
    ]


def test_names_follow_the_template(finished: Run) -> None:
    Delivery.objects.create(workspace=finished.workspace, file_names="{run}_{size}_{language}_{n}")
    bundle = unpacked(export.of_run(finished))
    assert "Meta/Cold_brew_1080x1080_en_001.png" in bundle.namelist()


def test_a_template_that_names_no_files_any_more_is_left_out(finished: Run) -> None:
    Delivery.objects.create(workspace=finished.workspace, file_names="{gone}")
    assert "Meta/p1_look1_v1_m1_en_meta_story.png" in unpacked(export.of_run(finished)).namelist()


def test_equal_names_get_numbers(finished: Run) -> None:
    bundle = unpacked(export.Order(title="x", runs=(finished,), template="{language}"))
    assert {"Meta/en.png", "Meta/en_2.png"} <= set(bundle.namelist())


def test_only_what_was_chosen_is_there(finished: Run) -> None:
    ad = finished.creatives.get(format="meta_story")
    bundle = unpacked(export.of_run(finished, chosen=frozenset({ad.uid})))
    assert [entry["format"] for entry in json.loads(bundle.read("manifest.json"))["ads"]] == ["meta_story"]


def test_an_ad_of_another_run_cannot_be_chosen(workspace: Workspace, alice: User, finished: Run) -> None:
    other = start(workspace, alice).creatives.all()[0]
    bundle = unpacked(export.of_run(finished, chosen=frozenset({other.uid})))
    assert json.loads(bundle.read("manifest.json"))["ads"] == []


def test_a_revision_takes_the_place_of_the_ad_it_supersedes(finished: Run) -> None:
    old = finished.creatives.get(format="meta_story")
    new = Creative.objects.get(pk=old.pk)
    new.pk, new.uid, new.revision, new.supersedes = None, UUID(int=1), 2, old
    new.save()
    told = json.loads(unpacked(export.of_run(finished)).read("manifest.json"))["ads"]
    assert [ad["format"] for ad in told] == ["meta_feed_square", "meta_story"]


def test_an_ad_that_is_changed_while_it_is_sent_is_sent_once(finished: Run) -> None:
    """More ads than are read at once: the others are changed before they are."""
    Creative.objects.bulk_create(alike(finished.creatives.all()[0], message=n) for n in range(1, BATCH))
    rows = export.of_run(finished).ads()
    sent = [next(rows)]
    fresh = CopySpec(headline="Later")
    recompose.order(recompose.of_run(sent[0]), recompose.Change(copy=fresh), actor="alice")
    sent += rows
    assert len({(ad.format, ad.message) for ad in sent}) == len(sent) == BATCH + 1
    assert {ad.revision for ad in sent} == {1}


def test_several_runs_each_have_a_folder(workspace: Workspace, alice: User) -> None:
    runs = (start(workspace, alice), start(workspace, alice))
    bundle = unpacked(export.Order(title="Spring", runs=runs))
    folders = {name.split("/")[0] for name in bundle.namelist() if "/Meta/" in name}
    assert folders == {"Cold_brew_1", "Cold_brew_2"}
    assert len(json.loads(bundle.read("manifest.json"))["runs"]) == 2


def test_the_copy_sheet_has_what_the_ads_say_now(workspace: Workspace, alice: User) -> None:
    run = start(workspace, alice, messages=[MESSAGE])
    one = run.creatives.order_by("pk").first()
    assert one is not None
    Creative.objects.filter(pk=one.pk).update(copy=one.copy | {"headline": "Said anew."})
    rows = table(unpacked(export.of_run(run)), "copy.csv")
    told = [row["text"] for row in rows if (row["where"], row["field"]) == ("On the ad", "Headline")]
    assert told == ["Said anew.", "Slow brewed. Fast gone."]
    Creative.objects.filter(run=run).update(copy=one.copy | {"headline": "Said anew."})
    rows = table(unpacked(export.of_run(run)), "copy.csv")
    assert [row["text"] for row in rows if row["field"] == "Headline" and row["where"] == "On the ad"] == [
        "Said anew."
    ]


def test_post_text_is_delivered_with_the_ad_and_in_the_copy_sheet(workspace: Workspace, alice: User) -> None:
    bundle = unpacked(
        export.of_run(start(workspace, alice, messages=[MESSAGE], formats=["meta_feed_square"]))
    )
    (ad,) = json.loads(bundle.read("manifest.json"))["ads"]
    assert ad["post"] == {"link": "https://example.com", "primary_text": "=SUM(A1)", "headline": "Cold"}
    assert "post" not in ad["copy"]
    rows = {(row["where"], row["field"]): row for row in table(bundle, "copy.csv")}
    assert rows["On the ad", "Headline"]["text"] == "Slow brewed. Fast gone."
    assert (rows["Meta", "Headline"]["count"], rows["Meta", "Headline"]["limit"]) == ("4", "27 (soft)")
    assert rows["Meta", "Primary text"]["text"] == "'=SUM(A1)"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_of_a_table_is_a_formula(cell: str) -> None:
    assert next(csv.reader([table_line([cell]).decode()]))[0].startswith("'")


def test_tables_begin_with_the_mark_by_which_spreadsheets_know_utf_8(finished: Run) -> None:
    bundle = unpacked(export.of_run(finished))
    for name in ("manifest.csv", "copy.csv"):
        assert bundle.read(name).startswith(b"\xef\xbb\xbf")


def test_half_a_character_spoils_no_table() -> None:
    assert table_line(["\ud800"]) == b"?\r\n"


def test_the_logo_comes_in_every_logo_size(workspace: Workspace, alice: User) -> None:
    storage.put("w/logo.png", make_png(400, 200, "#0f3b35"))
    run = start(workspace, alice, brand={"logo": "w/logo.png"}, formats=["meta_feed_square"])
    bundle = unpacked(export.of_run(run))
    for size in formats.logos():
        data = bundle.read(f"logos/{size.platform_name}/{size.id}.png")
        assert Image.open(io.BytesIO(data)).size == (size.width, size.height)
        assert len(data) <= size.max_bytes


def test_a_contact_sheet_shows_the_ads_and_has_more_pages_for_more(
    monkeypatch: pytest.MonkeyPatch, finished: Run
) -> None:
    data, ending = export.contact_sheet(export.of_run(finished))
    assert (ending, Image.open(io.BytesIO(data)).format) == (".png", "PNG")
    monkeypatch.setattr("runs.composition.sheet.EACH_PAGE", 1)  # twenty ads would say the same, slower
    data, ending = export.contact_sheet(export.of_run(finished))
    assert ending == ".zip"
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 2
    assert (
        len([name for name in unpacked(export.of_run(finished)).namelist() if "contact-sheet" in name]) == 2
    )


def test_a_contact_sheet_of_nothing_is_nothing(run: Run) -> None:
    assert export.contact_sheet(export.of_run(run))[0] == b""


QUARTER = 256 * 1024


def make_heavy(run: Run, numbers: range) -> None:
    """Ads of a quarter of a megabyte each; their thumbnails are there, so that none is painted from those bytes."""
    (first, *_) = run.creatives.filter(state=AdState.READY)
    for number in numbers:
        row = Creative.objects.get(pk=first.pk)
        row.pk, row.uid, row.revision = None, UUID(int=number), number + 2
        row.key = f"w/heavy/{number}.jpg"
        row.save()
        default_storage.save(row.key, ContentFile(bytes(QUARTER)))
        default_storage.save(storage.small_key(row.key), ContentFile(make_png(4, 4)))


def peak(order: export.Order) -> tuple[int, int]:
    """The bytes that were sent, and the most that Python held meanwhile."""
    tracemalloc.start()
    sent = sum(len(piece) for piece in export.zip_pieces(order))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return sent, most


def test_five_times_as_many_ads_need_no_more_memory(finished: Run) -> None:
    make_heavy(finished, range(24))  # more than one page of the contact sheet
    few_sent, few = peak(export.of_run(finished))
    make_heavy(finished, range(24, 120))
    many_sent, many = peak(export.of_run(finished))
    assert many_sent > few_sent + 96 * QUARTER
    assert many < few + 4 * QUARTER
