"""Files: for members and their programs. What is not yours is not there."""

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from accounts.models import Membership, User, Workspace
from runs import assets, previews, storage
from runs.models import Creative, Generation, Picture, Run
from runs.states import AdState
from tests.conftest import make_png, make_token
from tests.runs.composition.test_typeface import INTER

YEAR = "private, max-age=31536000, immutable"


@pytest.fixture
def ad(finished: Run) -> Creative:
    return finished.creatives.all()[0]


@pytest.fixture
def picture(finished: Run) -> Picture:
    return Picture.objects.all()[0]


def url(row: Picture | Creative) -> str:
    return f"/media/{'ad' if isinstance(row, Creative) else 'picture'}/{row.uid}"


def opened(answer: Any) -> Image.Image:
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("cast", ["as_alice", "as_bob"])
def test_members_get_pictures_and_ads(cast: str, request: Any, ad: Creative, picture: Picture) -> None:
    client: Client = request.getfixturevalue(cast)
    for row in (ad, picture):
        answer = client.get(url(row))
        assert answer.status_code == 200
        assert storage.digest(answer.content) == row.sha256
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cache-Control"] == YEAR
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?size=small", "?download=1"])
def test_for_charlie_there_is_nothing(as_charlie: Client, ad: Creative, picture: Picture, query: str) -> None:
    for row in (ad, picture):
        assert as_charlie.get(url(row) + query).status_code == 404


@pytest.mark.parametrize("query", ["", "?size=small", "?download=1"])
def test_for_strangers_there_is_nothing(ad: Creative, picture: Picture, query: str) -> None:
    for row in (ad, picture):
        assert Client().get(url(row) + query).status_code == 404


def test_who_left_the_workspace_gets_nothing(as_alice: Client, alice: User, ad: Creative) -> None:
    Membership.objects.filter(user=alice).delete()
    assert as_alice.get(url(ad)).status_code == 404


def test_a_token_of_the_workspace_works(workspace: Workspace, alice: User, ad: Creative) -> None:
    secret = make_token(workspace, alice, scope="read")
    answer = Client().get(url(ad), headers={"Authorization": f"Bearer {secret}"})
    assert storage.digest(answer.content) == ad.sha256


def test_a_token_of_another_workspace_does_not(charlie: User, ad: Creative) -> None:
    secret = make_token(charlie.memberships.get().workspace, charlie)
    assert Client().get(url(ad), headers={"Authorization": f"Bearer {secret}"}).status_code == 404


def test_a_token_sees_its_own_workspace_only_whoever_is_signed_in(
    as_alice: Client, charlie: User, ad: Creative
) -> None:
    secret = make_token(charlie.memberships.get().workspace, charlie)
    assert as_alice.get(url(ad), headers={"Authorization": f"Bearer {secret}"}).status_code == 404


def test_a_small_one_is_at_most_640_pixels_and_says_truly_what_it_is(as_alice: Client, ad: Creative) -> None:
    default_storage.delete(ad.key)
    storage.put(ad.key, make_png(1600, 800))
    answer = as_alice.get(f"{url(ad)}?size=small")
    image = opened(answer)
    assert image.size == (640, 320)
    assert answer.headers["Content-Type"] == Image.MIME[image.format or ""]
    assert answer.headers["Cache-Control"] == YEAR


def test_a_small_one_is_made_once_and_kept(as_alice: Client, ad: Creative) -> None:
    first = as_alice.get(f"{url(ad)}?size=small").content
    default_storage.delete(ad.key)
    assert as_alice.get(f"{url(ad)}?size=small").content == first


def test_a_download_is_saved_under_a_name_with_the_size_in_it(as_alice: Client, ad: Creative) -> None:
    answer = as_alice.get(f"{url(ad)}?download=1")
    name = f"p1_look1_v1_m1_en_{ad.format}.png"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert storage.digest(answer.content) == ad.sha256


def test_a_sample_is_called_so_when_it_is_saved(as_alice: Client, ad: Creative) -> None:
    Creative.objects.filter(pk=ad.pk).update(simulated=True)
    answer = as_alice.get(f"{url(ad)}?download=1")
    assert 'filename="SAMPLE_p1_' in answer.headers["Content-Disposition"]


def test_an_upload_is_there_for_members_and_a_small_one_stays_see_through(
    as_alice: Client, as_charlie: Client, workspace: Workspace
) -> None:
    see_through = io.BytesIO()
    Image.new("RGBA", (1600, 800), (200, 90, 60, 128)).save(see_through, "PNG")
    asset = assets.store(workspace, assets.LOGO, see_through.getvalue())
    whole, small = (as_alice.get(f"/media/asset/{asset.uid}{query}") for query in ("", "?size=small"))
    assert storage.digest(whole.content) == asset.sha256
    assert opened(small).size == (640, 320)
    assert opened(small).convert("RGBA").getpixel((5, 5))[3] == 128  # type: ignore[index]
    for query in ("", "?size=small"):
        assert as_charlie.get(f"/media/asset/{asset.uid}{query}").status_code == 404
        assert Client().get(f"/media/asset/{asset.uid}{query}").status_code == 404


@pytest.mark.parametrize("query", ["", "?size=small", "?download=1"])
def test_a_font_is_no_picture(as_alice: Client, workspace: Workspace, query: str) -> None:
    font = assets.store_font(workspace, INTER)
    assert as_alice.get(f"/media/asset/{font.uid}{query}").status_code == 404


def test_an_ad_without_a_file_is_not_there(as_alice: Client, ad: Creative) -> None:
    Creative.objects.filter(pk=ad.pk).update(key="", state=AdState.DOES_NOT_FIT)
    for query in ("", "?size=small", "?download=1"):
        assert as_alice.get(url(ad) + query).status_code == 404


@pytest.mark.parametrize("query", ["", "?size=small"])
def test_a_row_whose_file_is_gone_is_not_there(as_alice: Client, ad: Creative, query: str) -> None:
    default_storage.delete(ad.key)
    assert as_alice.get(url(ad) + query).status_code == 404


@pytest.mark.parametrize("uid", ["7f072df8-f7ec-4f15-a31f-31dbcc0ce99b", "-" * 36, "0" * 36, "..", "1"])
@pytest.mark.parametrize("kind", ["ad", "picture", "asset", "generation"])
def test_an_address_that_leads_nowhere_is_not_there(as_alice: Client, kind: str, uid: object) -> None:
    assert as_alice.get(f"/media/{kind}/{uid}").status_code == 404


def test_files_are_only_fetched(as_alice: Client, ad: Creative) -> None:
    for method in (as_alice.post, as_alice.put, as_alice.delete):
        assert method(url(ad)).status_code == 405
    assert as_alice.head(url(ad)).status_code == 200


def test_files_in_an_object_storage_are_fetched_there(
    as_alice: Client, as_charlie: Client, ad: Creative, settings: Any
) -> None:
    settings.MEDIA_STORAGE = "s3"
    settings.MEDIA_URL = "https://bucket.example/"
    answer = as_alice.get(url(ad))
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).path == f"/{ad.key}"
    assert as_charlie.get(url(ad)).status_code == 404


# --- Latent previews -----------------------------------------------------------------------------------------


@pytest.fixture
def painting(run: Run) -> Generation:
    generation = run.generations.all()[0]
    previews.put(generation.uid, make_png())
    return generation


@pytest.mark.parametrize("cast", ["as_alice", "as_bob"])
def test_members_see_a_preview_that_nobody_stores(cast: str, request: Any, painting: Generation) -> None:
    answer = request.getfixturevalue(cast).get(f"/preview/{painting.uid}?v=1")
    assert opened(answer).size == (8, 8)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_preview_that_is_no_png_is_sent_as_jpeg(as_alice: Client, painting: Generation) -> None:
    previews.put(painting.uid, b"\xff\xd8\xff...")
    assert as_alice.get(f"/preview/{painting.uid}").headers["Content-Type"] == "image/jpeg"


def test_others_see_no_preview(as_charlie: Client, painting: Generation) -> None:
    assert as_charlie.get(f"/preview/{painting.uid}").status_code == 404
    assert Client().get(f"/preview/{painting.uid}").status_code == 404


def test_without_a_preview_there_is_none(as_alice: Client, run: Run) -> None:
    assert as_alice.get(f"/preview/{run.generations.all()[1].uid}").status_code == 404
