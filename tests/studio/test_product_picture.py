"""The product's picture in the brief: taken, looked at, used, replaced, left out; nothing of another workspace."""

import io
import re
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from accounts.models import User
from runs import assets
from runs.models import Asset, Run
from studio.models import Brief, Campaign
from tests.runs.test_assets import huge_header
from tests.studio.posting import ROW, form

INVENTED, REAL = (
    "Without a picture, the product is drawn from your description.",
    "Your real product goes into the ad",
)


def as_file(image: Image.Image, kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    image.save(out, kind)
    return SimpleUploadedFile(f"can.{kind.lower()}", out.getvalue())


def see_through() -> SimpleUploadedFile:
    image = Image.new("RGBA", (300, 400))
    ImageDraw.Draw(image).rounded_rectangle((80, 40, 220, 380), 20, fill=(190, 40, 50, 255))
    return as_file(image)


def on_white() -> SimpleUploadedFile:
    image = Image.new("RGB", (300, 400), (250, 250, 250))
    ImageDraw.Draw(image).rounded_rectangle((80, 40, 220, 380), 20, fill=(190, 40, 50))
    return as_file(image, "JPEG")


def busy() -> SimpleUploadedFile:
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    return as_file(Image.fromarray(noise))


def tiny() -> SimpleUploadedFile:
    image = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(image).rectangle((10, 10, 40, 60), fill=(190, 40, 50, 255))
    return as_file(image)


@pytest.fixture
def page(campaign: Campaign) -> str:
    return reverse("studio:brief_new", args=[campaign.uid])


@pytest.fixture
def send(as_alice: Client, campaign: Campaign) -> Any:
    """What htmx sends when a file is chosen or a button is pressed; the row that comes back."""
    address = reverse("studio:brief_cutout", args=[campaign.uid])

    def post(answer: str = "look", row: str = "products-0", **fields: Any) -> str:
        data = form() | {f"products-0-{name}": value for name, value in fields.items()}
        got = as_alice.post(address, data | {"row": row, "answer": answer})
        assert got.status_code == 200
        return " ".join(got.content.decode().split())

    return post


def value_of(html: str, name: str) -> str:
    found = re.search(rf'name="products-0-{name}"(?: value="([^"]*)")?', html)
    assert found, html
    return found[1] or ""


# --- sent at once ---------------------------------------------------------------------------------------------


def test_a_picture_with_transparency_is_taken_at_once(send: Any) -> None:
    html = send(picture=see_through())
    asset = Asset.objects.get()
    assert (asset.kind, asset.width, asset.height) == ("cutout", 141, 341)
    assert (value_of(html, "cutout"), value_of(html, "proposed")) == (asset.key, "")
    assert REAL in html and INVENTED not in html and f"/media/asset/{asset.uid}" in html


def test_a_plain_ground_is_shown_taken_away_and_asked_about(send: Any) -> None:
    html = send(picture=on_white())
    key = Asset.objects.get().key
    assert (value_of(html, "cutout"), value_of(html, "proposed")) == ("", key)
    assert "Use it" in html and "Don’t use it" in html


def test_what_was_asked_about_is_used_or_left_out(send: Any) -> None:
    key = value_of(send(picture=on_white()), "proposed")
    used = send("use", proposed=key)
    assert (value_of(used, "cutout"), value_of(used, "proposed")) == (key, "")
    left = send("leave", proposed=key)
    assert (value_of(left, "cutout"), value_of(left, "proposed")) == ("", "")
    assert INVENTED in left


def test_leaving_the_new_one_out_keeps_the_old_one(send: Any) -> None:
    old = value_of(send(picture=see_through()), "cutout")
    new = value_of(send(picture=on_white(), cutout=old), "proposed")
    assert value_of(send("leave", cutout=old, proposed=new), "cutout") == old
    assert value_of(send("use", cutout=old, proposed=new), "cutout") == new
    assert value_of(send("remove", cutout=old), "cutout") == ""


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (busy, "the background is not plain. Choose a PNG with a transparent background."),
        (tiny, "the product in it is only 31×51 pixels. Choose one of 600 or more."),
        (lambda: SimpleUploadedFile("x.png", b"<svg/>"), "Choose a PNG, JPEG or WebP of up to 40 megapixels"),
        (lambda: SimpleUploadedFile("x.png", b""), "Choose a PNG, JPEG or WebP of up to 40 megapixels"),
        (lambda: SimpleUploadedFile("x.png", huge_header()), "of up to 40 megapixels"),
    ],
    ids=["busy", "tiny", "svg", "empty", "bomb"],
)
def test_what_cannot_be_used_is_told_at_the_field_and_the_old_one_stays(
    send: Any, upload: Any, words: str
) -> None:
    old = value_of(send(picture=see_through()), "cutout")
    html = send(picture=upload(), cutout=old)
    assert words in html and 'aria-invalid="true"' in html
    assert value_of(html, "cutout") == old
    assert Asset.objects.count() == 1


def test_a_picture_that_is_too_large_is_refused(send: Any) -> None:
    large = SimpleUploadedFile("x.png", see_through().read().ljust(assets.MAX_BYTES + 1))
    assert "The picture is larger than 10 MB. Choose a smaller one." in send(picture=large)
    assert not Asset.objects.exists()


def test_the_picture_of_another_workspace_is_never_shown(send: Any, charlie: User) -> None:
    theirs, _ground = assets.store_cutout(charlie.workspaces.get(), see_through().read())
    for answer in ("look", "use", "leave"):
        html = send(answer, cutout=theirs.key, proposed=theirs.key)
        assert theirs.key not in html and str(theirs.uid) not in html


@pytest.mark.parametrize("row", ["", "looks-0", "products-0' onload='x", "products-1234"])
def test_a_row_that_is_none_is_not_there(as_alice: Client, campaign: Campaign, row: str) -> None:
    address = reverse("studio:brief_cutout", args=[campaign.uid])
    assert as_alice.post(address, {"row": row, "answer": "leave"}).status_code == 404


def test_nobody_else_may_send_one(as_charlie: Client, campaign: Campaign) -> None:
    address = reverse("studio:brief_cutout", args=[campaign.uid])
    answer = as_charlie.post(address, {"row": "products-0", "products-0-picture": see_through()})
    assert answer.status_code == 404
    assert not Asset.objects.exists()


# --- kept with the brief --------------------------------------------------------------------------------------


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return list(answer.context["products"].forms[0].errors.get("picture", []))


def again(**changes: Any) -> dict[str, Any]:
    """The form as the page of a kept brief sends it."""
    return form(**{f"{table}_INITIAL_FORMS": "1" for table in ROW}, **changes)


def kept() -> str:
    key: str = Brief.objects.get().spec["products"][0]["cutout"]
    return key


def test_the_picture_goes_into_the_brief_and_into_its_run(as_alice: Client, page: str, send: Any) -> None:
    key = value_of(send(picture=see_through()), "cutout")
    as_alice.post(page, form(products_0_cutout=key))
    assert kept() == Run.objects.get().spec["products"][0]["cutout"] == key


def test_a_kept_brief_shows_its_picture_and_keeps_it_when_saved_again(
    as_alice: Client, page: str, send: Any
) -> None:
    key = value_of(send(picture=see_through()), "cutout")
    saved = as_alice.post(page, form(products_0_cutout=key, action="save"))["Location"]
    html = as_alice.get(saved).content.decode()
    assert value_of(html, "cutout") == key and REAL in html
    as_alice.post(saved, again(products_0_cutout=key, action="save", name="Again"))
    assert (Brief.objects.get().name, kept()) == ("Again", key)


@pytest.mark.parametrize("action", ["save", "start"])
def test_a_key_of_another_workspace_is_refused_at_its_field(
    as_alice: Client, page: str, charlie: User, action: str
) -> None:
    theirs, _ground = assets.store_cutout(charlie.workspaces.get(), see_through().read())
    told = faults(as_alice.post(page, form(products_0_cutout=theirs.key, action=action)))
    (words,) = told
    assert words.startswith("This picture is not in this workspace. Upload it")
    assert not Brief.objects.exists()


def test_a_cut_out_that_nobody_has_looked_at_is_asked_about(as_alice: Client, page: str, send: Any) -> None:
    key = value_of(send(picture=on_white()), "proposed")
    answer = as_alice.post(page, form(products_0_proposed=key))
    assert faults(answer) == ["Check the cutout first: press “Use it” or “Don’t use it”."]
    assert value_of(answer.content.decode(), "proposed") == key
    assert not Run.objects.exists()


# --- without JavaScript ---------------------------------------------------------------------------------------


def test_the_form_itself_may_bring_the_picture(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(products_0_picture=see_through()))
    assert kept() == Run.objects.get().spec["products"][0]["cutout"] == Asset.objects.get().key


def test_a_plain_ground_is_looked_at_before_ads_are_made(as_alice: Client, page: str) -> None:
    answer = as_alice.post(page, form(products_0_picture=on_white()), follow=True)
    assert not Run.objects.exists()
    assert "Saved. Check the product cutout, then make the ads." in answer.content.decode()
    assert f"/media/asset/{Asset.objects.get().uid}" in answer.content.decode()
    as_alice.post(Brief.objects.get().get_absolute_url(), again(products_0_cutout=kept()))
    assert Run.objects.get().spec["products"][0]["cutout"] == kept()


def test_a_picture_is_left_out_with_a_tick(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(products_0_picture=see_through(), action="save"))
    data = again(products_0_cutout=kept(), products_0_clear="on", action="save")
    as_alice.post(Brief.objects.get().get_absolute_url(), data)
    assert kept() == ""


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (busy, "the background is not plain"),
        (lambda: SimpleUploadedFile("x.png", b""), "The file is empty."),
    ],
)
def test_a_bad_file_is_told_at_its_field_and_nothing_is_saved(
    as_alice: Client, page: str, upload: Any, words: str
) -> None:
    (told,) = faults(as_alice.post(page, form(products_0_picture=upload())))
    assert words in told
    assert not Brief.objects.exists()


def test_a_picture_is_asked_for_again_when_something_else_was_wrong(as_alice: Client, page: str) -> None:
    told = faults(as_alice.post(page, form(seed="-1", products_0_picture=see_through())))
    assert told == ["Choose the file again: nothing was saved yet."]


def test_a_second_products_picture_goes_to_the_second_product(as_alice: Client, page: str) -> None:
    """An empty row above is not there, and must not take its neighbour's picture."""
    rows: dict[str, Any] = {"products_TOTAL_FORMS": "2"}
    rows |= {"products_0_name": "", "products_0_description": ""}
    rows |= {"products_1_name": "Cup", "products_1_picture": see_through()}
    as_alice.post(page, form(**rows, action="save"))
    (product,) = Brief.objects.get().spec["products"]
    assert (product["name"], product["cutout"]) == ("Cup", Asset.objects.get().key)
