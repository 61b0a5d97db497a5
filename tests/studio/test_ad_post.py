"""The text beside one ad, changed in its page: on this ad alone, without a new file, and delivered from then on."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Audit, User, Workspace
from runs import export, lifecycle, posting, recompose
from runs.errors import NotAllowed
from runs.models import Creative, Run
from runs.post_text import PostCopy
from runs.recompose import Change
from tests.conftest import brief, finish
from tests.runs.test_recompose import ads

POST = {"link": "https://example.com/can", "meta": {"primary_text": "18 hours cold.", "headline": "Cold"}}
TYPED = {
    "post_link": "https://example.com/can",
    "post_meta_primary_text": "Cold since Monday.",
    "post_meta_headline": "Cold",
    "post_meta_description": "",
}


@pytest.fixture
def run(workspace: Workspace, alice: User) -> Run:
    message = {"headline": "Slow brewed.", "post": POST}
    sizes = ["meta_feed_square", "meta_story", "linkedin_square"]
    return finish(lifecycle.start(workspace, alice, brief(messages=[message], formats=sizes)))


@pytest.fixture
def ad(run: Run) -> Creative:
    return ads(run, format="meta_feed_square")[0]


def send(client: Client, ad: Creative, **changes: Any) -> Any:
    return client.post(reverse("studio:ad_post", args=[ad.uid]), TYPED | changes)


def told(run: Run) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The post text of each size in the manifest, and the rows of copy.csv."""
    with zipfile.ZipFile(io.BytesIO(b"".join(export.zip_pieces(export.of_run(run))))) as bundle:
        known = json.loads(bundle.read("manifest.json"))["ads"]
        rows = list(csv.DictReader(io.StringIO(bundle.read("copy.csv").decode("utf-8-sig"))))
    return {entry["format"]: entry["post"] for entry in known}, rows


def test_a_changed_text_goes_with_this_ad_alone_and_its_file_stays(
    as_alice: Client, run: Run, ad: Creative
) -> None:
    assert send(as_alice, ad).status_code == 302
    after = Creative.objects.get(pk=ad.pk)
    assert (after.sha256, after.revision) == (ad.sha256, ad.revision) and run.creatives.count() == 3
    delivered, rows = told(run)
    assert delivered["meta_feed_square"]["primary_text"] == "Cold since Monday."
    assert delivered["meta_story"]["primary_text"] == "18 hours cold."
    texts = {(row["where"].partition(",")[0], row["text"]) for row in rows if row["field"] == "Primary text"}
    assert texts == {("Meta", "18 hours cold."), ("Meta", "Cold since Monday.")}
    [own] = [row for row in rows if row["text"] == "Cold since Monday."]
    assert "meta_feed_square" in own["where"]
    assert Audit.objects.filter(action="ad.post").count() == 1


def test_all_sizes_of_the_platform_can_be_changed_at_once(as_alice: Client, run: Run, ad: Creative) -> None:
    send(as_alice, ad, everywhere="on")
    delivered, rows = told(run)
    assert delivered["meta_story"]["primary_text"] == "Cold since Monday."
    assert "18 hours cold." not in {row["text"] for row in rows}  # it goes with no ad any more
    assert ads(run, format="linkedin_square")[0].post is None


def test_the_page_shows_the_fields_of_its_platform_with_their_counters(
    as_alice: Client, ad: Creative
) -> None:
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    form = html.split('id="post-text"')[1].split("</form>")[0]
    assert "18 hours cold." in form and "14 / 125" in form and "post_linkedin" not in form


def test_the_counters_follow_what_is_typed_and_nothing_is_kept(as_alice: Client, ad: Creative) -> None:
    url = reverse("studio:ad_post", args=[ad.uid]) + "?counts"
    html = as_alice.post(url, TYPED | {"post_meta_primary_text": "x" * 126}).content.decode()
    assert "126 / 125" in html and 'hx-swap-oob="outerMorph"' in html
    assert Creative.objects.get(pk=ad.pk).post is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"post_link": "nowhere"}, "http"),
        ({"post_meta_primary_text": "x" * 5001}, "5000"),
        ({"post_meta_primary_text": "So detox."}, "“detox” is a banned word for this brand. Use another."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(
    as_alice: Client, run: Run, ad: Creative, wrong: Any, words: str
) -> None:
    spec = run.spec | {"brand": run.spec["brand"] | {"banned": ["detox"]}}
    Run.objects.filter(pk=run.pk).update(spec=spec)
    answer = send(as_alice, ad, **wrong)
    form = answer.content.decode().split('id="post-text"')[1].split("</form>")[0]
    assert answer.status_code == 422 and words in form
    assert Creative.objects.get(pk=ad.pk).post is None


def test_what_somebody_wrote_meanwhile_is_not_overwritten_unasked(as_alice: Client, ad: Creative) -> None:
    seen = json.dumps(posting.of_ad(ad.run.brief, ad).model_dump(mode="json"))
    send(as_alice, ad, post_meta_primary_text="Theirs.")
    answer = send(as_alice, ad, seen=seen)
    html = answer.content.decode()
    assert answer.status_code == 422 and "It now says “Theirs.”." in html and "Keep theirs" in html
    assert "Cold since Monday." in html
    row = Creative.objects.get(pk=ad.pk)
    assert row.post and row.post["meta"]["primary_text"] == "Theirs."
    send(as_alice, ad, seen=json.dumps(row.post))
    assert (Creative.objects.get(pk=ad.pk).post or {})["meta"]["primary_text"] == "Cold since Monday."


@pytest.mark.parametrize("seen", ["", "no text", "[1]", '{"meta": {"headline": "\\ud800"}}', "[" * 9000])
def test_what_was_seen_says_nothing_where_no_page_has_sent_it(
    as_alice: Client, ad: Creative, seen: str
) -> None:
    assert send(as_alice, ad, seen=seen, post_link="nowhere").status_code == 422
    assert send(as_alice, ad, seen=seen).status_code == 302


def test_a_new_revision_keeps_the_text_and_another_language_does_not(as_alice: Client, ad: Creative) -> None:
    send(as_alice, ad)
    row = Creative.objects.get(pk=ad.pk)
    [new] = recompose.order([row], Change(focus=(0.1, 0.1)), actor="alice")
    [other] = recompose.order([row], Change(language="de"), actor="alice")
    assert new.post == row.post and other.post is None
    html = as_alice.get(reverse("studio:ad", args=[new.uid])).content.decode()
    assert "Cold since Monday." in html


def test_the_brief_s_own_text_is_none_of_the_ad_s(as_alice: Client, ad: Creative) -> None:
    send(as_alice, ad)
    send(as_alice, ad, post_meta_primary_text="18 hours cold.")
    assert Creative.objects.get(pk=ad.pk).post is None


def test_a_page_that_is_older_than_the_newest_revision_writes_beside_that(
    as_alice: Client, ad: Creative
) -> None:
    [new] = recompose.order([ad], Change(focus=(0.1, 0.1)), actor="alice")
    assert send(as_alice, ad)["Location"] == reverse("studio:ad", args=[new.uid])
    rows = {row.pk: row.post for row in Creative.objects.filter(pk__in=[ad.pk, new.pk])}
    assert rows[ad.pk] is None and (rows[new.pk] or {})["meta"]["primary_text"] == "Cold since Monday."


def test_an_earlier_revision_keeps_its_text(alice: User, ad: Creative) -> None:
    recompose.order([ad], Change(focus=(0.1, 0.1)), actor="alice")
    with pytest.raises(NotAllowed):
        posting.write([ad], PostCopy(), by=alice)


def test_who_may_only_look_reads_it_and_writes_nothing(as_bob: Client, ad: Creative) -> None:
    html = as_bob.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    assert "18 hours cold." in html and 'id="post-text"' not in html
    assert send(as_bob, ad).status_code == 403
