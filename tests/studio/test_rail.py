"""The brief page's rail: every size as the ads will be, as the form stands, for its own people alone."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User, Workspace
from runs import assets, formats, lifecycle
from runs.models import Picture, Run
from studio import pace
from studio.models import Brief, Campaign
from tests.conftest import brief, finish, make_png, use_up
from tests.studio.posting import form
from tests.studio.test_product_picture import again, see_through

LONG = "Endless words " * 20


@pytest.fixture(autouse=True)
def empty() -> None:
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def address(campaign: Campaign) -> str:
    return reverse("studio:brief_estimate", args=[campaign.uid])


@pytest.fixture
def look(as_alice: Client, address: str) -> Any:
    """What the form's page is answered when something was changed."""

    def post(**changes: Any) -> str:
        answer = as_alice.post(address, form(**changes))
        assert answer.status_code == 200
        return answer.content.decode()

    return post


def pictures(html: str) -> dict[str, str]:
    """Each size's address in the rail."""
    return dict(re.findall(r'<figure id="fig-(\w+)".*?<img src="([^"]+)"', html, re.DOTALL))


def size(answer: Any) -> tuple[int, int]:
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    with Image.open(BytesIO(answer.content)) as image:
        return image.size


def far(one: Any, other: Any) -> float:
    """How different two pictures are, of 255."""
    first, second = (
        np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"), int) for answer in (one, other)
    )
    return float(np.abs(first - second).mean())


def test_every_chosen_size_is_a_picture_of_its_own(as_alice: Client, look: Any) -> None:
    shown = pictures(look(formats=["meta_feed_square", "meta_story", "google_display_leaderboard"]))
    sizes = {name: size(as_alice.get(url)) for name, url in shown.items()}
    assert sizes == {
        "meta_feed_square": (447, 447),
        "meta_story": (335, 596),
        "google_display_leaderboard": (728, 90),
    }


def test_the_page_itself_brings_them_without_a_script(
    as_alice: Client, campaign: Campaign, workspace: Workspace
) -> None:
    spec = brief().model_dump(mode="json")
    kept = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec=spec)
    answer = as_alice.get(kept.get_absolute_url())
    urls = pictures(answer.content.decode())
    assert set(urls) == {"meta_feed_square", "meta_story"}
    assert all(as_alice.get(url).status_code == 200 for url in urls.values())
    new = as_alice.get(reverse("studio:brief_new", args=[campaign.uid])).content.decode()
    assert pictures(new) == {} and "to see your ads here" in new


def test_a_change_of_the_copy_changes_every_picture(as_alice: Client, look: Any) -> None:
    key = str(uuid4())
    before = pictures(look(start_key=key))
    seen = {name: as_alice.get(url) for name, url in before.items()}
    after = pictures(look(start_key=key, messages_0_headline="Something else"))
    for name, url in after.items():
        assert url != before[name]
        assert far(as_alice.get(url), seen[name]) > 0.5


def test_what_stayed_the_same_keeps_its_address(look: Any) -> None:
    key = str(uuid4())
    before = pictures(look(start_key=key))
    assert pictures(look(start_key=key, audience="others", seed="9", name="Again")) == before
    short = pictures(look(start_key=key, messages_0_legal="Terms apply."))
    assert not set(short.values()) & set(before.values())


SIXTEEN = [entry.id for entry in formats.images()][:16]  # the last ones are not printed ahead


def test_sizes_keep_their_places_in_whichever_order_they_are_named(look: Any) -> None:
    sizes = ["meta_story", "google_display_leaderboard", "meta_feed_square"]
    here = list(pictures(look(formats=sizes)))
    assert sorted(here) == sorted(sizes)
    assert list(pictures(look(formats=sizes[::-1]))) == here


def last(html: str) -> str:
    return list(pictures(html).values())[-1]


def test_a_size_that_nobody_saw_yet_is_printed_when_it_is_looked_at(as_alice: Client, look: Any) -> None:
    """As in a process that was not told of the form at all."""
    assert as_alice.get(last(look(formats=SIXTEEN))).status_code == 200


def test_an_older_state_is_dropped_and_no_fault(as_alice: Client, look: Any) -> None:
    key = str(uuid4())
    old = last(look(start_key=key, formats=SIXTEEN, messages_0_headline="Old"))
    new = last(look(start_key=key, formats=SIXTEEN, messages_0_headline="New"))
    assert [as_alice.get(url).status_code for url in (old, new)] == [204, 200]


def test_nobody_else_sees_them(as_alice: Client, as_charlie: Client, as_bob: Client, look: Any) -> None:
    (url,) = pictures(look(formats=["meta_story"])).values()
    assert as_alice.get(url).status_code == 200
    assert as_charlie.get(url).status_code == 404
    assert as_bob.get(url).status_code == 403  # the form is none of a viewer's
    assert Client().get(url).status_code == 302


def test_a_key_opens_nothing_in_another_workspace(
    as_alice: Client, as_charlie: Client, look: Any, charlie: User
) -> None:
    (url,) = pictures(look(formats=["meta_story"])).values()
    assert as_alice.get(url).status_code == 200
    theirs = Campaign.objects.create(workspace=charlie.workspaces.get(), name="Theirs", created_by=charlie)
    *_rest, form_key, key = url.split("/")
    moved = reverse("studio:brief_proof", args=[theirs.uid, form_key, key])
    assert as_charlie.get(moved).status_code == 204


def test_copy_that_is_too_long_is_told_at_its_size_and_at_its_field(look: Any) -> None:
    html = " ".join(
        look(formats=["google_display_skyscraper", "meta_story"], messages_0_headline=LONG).split()
    )
    figure = html[html.index('id="fig-google_display_skyscraper"') :]
    assert "<img" not in figure[: figure.index("</figure>")]
    sentence = (
        "characters too long for Google skyscraper 120×600. Shorten the headline or add a short headline."
    )
    assert sentence in figure[: figure.index("</figure>")]
    field = html[html.index('id="id_messages-0-headline_fit"') :]
    assert sentence in field[: field.index("</div>")]
    assert "too long" not in html[html.index('id="id_messages-0-line_fit"') :].split("</div>")[0]


def test_the_page_of_a_kept_brief_tells_it_too(
    as_alice: Client, campaign: Campaign, workspace: Workspace
) -> None:
    messages = [{"headline": "Fine"}, {"headline": LONG}]
    spec = brief(messages=messages, formats=["google_display_skyscraper"]).model_dump(mode="json")
    kept = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec=spec)
    html = as_alice.get(kept.get_absolute_url()).content.decode()
    field = html[html.index('id="id_messages-1-headline_fit"') :]
    assert "too long" in field[: field.index("</div>")]
    assert pictures(html)  # the first message is shown all the same


def test_the_real_product_stands_in_the_picture(
    as_alice: Client, look: Any, workspace: Workspace, charlie: User
) -> None:
    asset, _ground = assets.store_cutout(workspace, see_through().read())
    theirs, _ground = assets.store_cutout(charlie.workspaces.get(), see_through().read())

    def red(**changes: Any) -> int:
        (url,) = pictures(look(formats=["meta_story"], **changes)).values()
        shown = np.asarray(Image.open(BytesIO(as_alice.get(url).content)).convert("RGB"), int)
        return int((np.abs(shown - (190, 40, 50)).max(axis=2) < 12).sum())

    assert red(products_0_cutout=asset.key) > 5000
    assert red(products_0_cutout=theirs.key) < 1000


def test_the_logo_of_a_kept_brief_stays_while_somebody_types(
    as_alice: Client, campaign: Campaign, workspace: Workspace, address: str
) -> None:
    logo = assets.store_logo(workspace, make_png(80, 40))
    spec = brief(brand={"logo": logo.key}).model_dump(mode="json")
    kept = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec=spec)
    page = as_alice.get(kept.get_absolute_url()).content.decode()
    assert f"{address}?brief={kept.uid}" in page
    key = str(uuid4())
    with_logo = pictures(as_alice.post(f"{address}?brief={kept.uid}", again(start_key=key)).content.decode())
    without = pictures(as_alice.post(address, form(start_key=key)).content.decode())
    assert with_logo["meta_story"] != without["meta_story"]
    for unknown in (uuid4(), "x"):
        assert as_alice.post(f"{address}?brief={unknown}", form()).status_code == 404


def test_the_last_picture_of_the_brief_is_shown_while_it_is_what_the_form_asks_for(
    as_alice: Client, campaign: Campaign, workspace: Workspace, alice: User
) -> None:
    spec = brief(formats=["meta_story"])
    data = spec.model_dump(mode="json")
    kept = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec=data)

    def shown() -> Any:
        (url,) = pictures(as_alice.get(kept.get_absolute_url()).content.decode()).values()
        return as_alice.get(url)

    sample = shown()
    run = finish(lifecycle.start(workspace, alice, spec, origin=kept.uid))
    assert Picture.objects.filter(generation__run=run).exists()
    assert far(shown(), sample) > 10  # the picture of the tests is of one colour
    Run.objects.filter(pk=run.pk).update(spec=data | {"products": [{"name": "A shoe"}]})
    assert far(shown(), sample) == 0


# --- bounds ---------------------------------------------------------------------------------------------------


def test_who_looks_too_often_is_asked_to_wait_and_the_page_stays(
    as_alice: Client, address: str, alice: User
) -> None:
    assert as_alice.post(address, form()).status_code == 200
    use_up(pace.LOOKS, alice.pk)
    answer = as_alice.post(address, form())
    assert (answer.status_code, answer["HX-Reswap"], answer["Retry-After"]) == (429, "none", "10")


def test_the_forms_of_one_person_are_looked_at_one_at_a_time(
    as_alice: Client, address: str, alice: User
) -> None:
    with pace.turn(alice.pk), pace.turn(alice.pk + 1) as free:
        assert free  # others have turns of their own
        with ThreadPoolExecutor() as another:
            assert another.submit(_has_turn, alice.pk).result() is False
    assert as_alice.post(address, form()).status_code == 200


def _has_turn(user: int) -> bool:
    with pace.turn(user, patience=0.05) as free:
        return free


def test_one_person_waits_for_so_many_and_leaves_room_for_others() -> None:
    with ExitStack() as waiting:
        taken = [waiting.enter_context(pace.seat(1)) for _ in range(pace.SEATS_EACH + 1)]
        assert taken == [True] * pace.SEATS_EACH + [False]
        assert waiting.enter_context(pace.seat(2))
    with pace.seat(1) as free:
        assert free


def test_a_form_without_a_key_is_shown_all_the_same(as_alice: Client, look: Any) -> None:
    for url in pictures(look(start_key="", formats=["meta_story"])).values():
        assert as_alice.get(url).status_code == 200
