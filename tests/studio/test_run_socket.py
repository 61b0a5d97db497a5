"""The run page's socket as a browser meets it: who gets in, what is told first, what after a step, when it closes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, User
from adgen.asgi import sockets
from runs import lifecycle, live
from runs.models import Generation, Run, Server
from runs.states import Event, ServerState
from studio import feed
from studio.feed import ENDED, MEMBERS, NOT_YOURS, PUT_OUT
from tests.conftest import begin, finish, make_server

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "http://testserver"


@pytest.fixture(autouse=True)
def own_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Changes are announced in the test's own loop, as the studio does, and nobody looks without that."""
    for name in ("LOOK", "DEAF_LOOK"):
        monkeypatch.setattr(feed, name, 1000)
    live.bind(asyncio.get_running_loop())
    yield
    live.bind(None)


def browser(client: Client, path: str, origin: str = OURS) -> WebsocketCommunicator:
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value if client.cookies else ""
    headers = [
        (b"host", b"testserver"),
        (b"origin", origin.encode()),
        (b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()),
    ]
    return WebsocketCommunicator(sockets, path, headers=headers)


def at(run: Run) -> str:
    return f"/ws/runs/{run.uid}/"


async def first_of(run: Run) -> Generation:
    found: Generation = await sync_to_async(lambda: run.generations.order_by("pk")[0])()
    return found


async def opened(client: Client, run: Run) -> tuple[WebsocketCommunicator, str]:
    page = browser(client, at(run))
    assert (await page.connect(timeout=10))[0]
    return page, str(await page.receive_from(timeout=10))


async def test_the_first_message_is_the_whole_state(as_alice: Client, run: Run, told: None) -> None:
    page, state = await opened(as_alice, run)
    for part in ('id="run-head"', 'id="run-banner"', 'id="run-servers"', 'id="run-activity"', 'id="look-0"'):
        assert part in state
    generations = await sync_to_async(lambda: list(run.generations.all()))()
    assert [f'id="g-{generation.uid}"' in state for generation in generations] == [True, True]
    assert state.count('hx-swap-oob="outerMorph"') == 7
    await page.disconnect()


async def test_a_step_of_life_brings_the_tile_that_changed(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    generation = await first_of(run)
    await sync_to_async(lambda: lifecycle.advance(begin(generation, make_server()), Event.START))()
    frame = ""
    while f'id="g-{generation.uid}" class="tile rendering' not in frame:
        frame = str(await page.receive_from(timeout=10))
    await page.disconnect()


async def test_a_step_of_life_waits_for_no_frame(
    as_alice: Client, run: Run, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FRAME", 60.0)
    monkeypatch.setattr(feed, "LOOK", 60.0)
    generation = await first_of(run)
    held = await sync_to_async(begin)(generation, await sync_to_async(make_server)())
    page, _ = await opened(as_alice, run)
    assert await page.receive_nothing(timeout=0.5)  # the looks of the beginning are over
    await sync_to_async(lifecycle.advance)(held, Event.START)
    frame = ""
    while f'id="g-{generation.uid}" class="tile rendering' not in frame:
        frame = str(await page.receive_from(timeout=10))
    await page.disconnect()


async def test_many_reports_of_progress_come_as_one_frame(as_alice: Client, run: Run, told: None) -> None:
    generation = await first_of(run)
    page, _ = await opened(as_alice, run)
    await progress(run, 0.5)
    for _report in range(50):
        live.announce(run.uid, generation.uid)
    frames = [await page.receive_from(timeout=10)]
    while not await page.receive_nothing(timeout=0.6):
        frames.append(await page.receive_from(timeout=10))
    assert len(frames) < 5  # one; a machine that stands still in between may make it two
    await page.disconnect()


async def test_the_socket_closes_when_the_run_has_ended(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    await sync_to_async(finish)(run)
    frames: list[str] = []
    while (message := await page.receive_output(timeout=10))["type"] != "websocket.close":
        frames.append(message["text"])
    assert message["code"] == ENDED
    # A step of each of its two pictures that the last look was too early for may come after it.
    assert 'data-final="true"' in "".join(frames[-3:])
    assert "".join(frames).count('class="shot') >= 2


async def test_what_a_page_says_changes_nothing(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    await page.send_to(text_data='{"type": "run.changed", "generation": "x"}')
    assert await page.receive_nothing(timeout=0.3)
    await page.disconnect()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks that take seconds in the studio come at once."""
    for name in ("LOOK", "DEAF_LOOK", "MEMBERS"):
        monkeypatch.setattr(feed, name, 0.05)


async def test_who_is_put_out_of_the_workspace_is_put_out_of_the_page(
    as_alice: Client, alice: User, run: Run, impatient: None
) -> None:
    """Though nothing happens to the run."""
    page, _ = await opened(as_alice, run)
    await sync_to_async(Membership.objects.filter(user=alice).delete)()
    assert await page.receive_output(timeout=10) == {"type": "websocket.close", "code": PUT_OUT}


def sign_out(client: Client, user: User) -> None:
    client.logout()


def change_the_password(client: Client, user: User) -> None:
    user.set_password("another-long-pass-phrase")
    user.save()


def end_all_sessions(client: Client, user: User) -> None:
    user.end_sessions()


def lock_out(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("deed", [sign_out, change_the_password, end_all_sessions, lock_out])
async def test_a_session_that_ends_takes_its_open_pages_along(
    as_alice: Client, as_bob: Client, alice: User, run: Run, impatient: None, deed: Any
) -> None:
    page, _ = await opened(as_alice, run)
    bobs, _ = await opened(as_bob, run)
    await sync_to_async(deed)(as_alice, alice)
    assert await page.receive_output(timeout=10) == {"type": "websocket.close", "code": PUT_OUT}
    assert await bobs.receive_nothing(timeout=0.1)
    await bobs.disconnect()


def test_open_pages_are_looked_at_within_a_minute() -> None:
    assert MEMBERS <= 30 and PUT_OUT == 4401


async def test_who_gets_another_role_gets_its_buttons(
    as_bob: Client, bob: User, run: Run, impatient: None
) -> None:
    page, state = await opened(as_bob, run)
    assert "/stop/" not in state
    await sync_to_async(Membership.objects.filter(user=bob).update)(role=Role.EDITOR)
    assert "/stop/" in await page.receive_from(timeout=10)
    await page.disconnect()


async def test_all_who_look_on_are_sent_one_rendering(as_alice: Client, run: Run, told: None) -> None:
    pages = [(await opened(as_alice, run))[0] for _ in range(5)]
    await sync_to_async(begin)(await first_of(run), await sync_to_async(make_server)())
    frames = [await page.receive_from(timeout=10) for page in pages]
    # The very same object: each rendering would make a text of its own.
    assert [frame is frames[0] for frame in frames] == [True] * 5
    for page in pages:
        await page.disconnect()


async def test_who_comes_later_sees_the_whole_and_the_others_only_the_news(
    as_alice: Client, as_bob: Client, run: Run, told: None
) -> None:
    early, _ = await opened(as_alice, run)
    await progress(run, 0.5)  # nobody tells of it
    late, state = await opened(as_bob, run)
    assert state.count('class="tile') == 2
    news = str(await early.receive_from(timeout=10))
    assert news.count('class="tile') == 2 and 'id="look-0"' not in news
    await early.disconnect()
    await late.disconnect()


async def test_a_change_that_nobody_tells_of_is_found_by_looking(
    as_alice: Client, run: Run, impatient: None
) -> None:
    """As when Redis is away, a message is lost, or a command in another process changes something."""
    page, _ = await opened(as_alice, run)
    assert await page.receive_nothing(timeout=0.3)  # many looks, no change
    await sync_to_async(lifecycle.cancel_run)(run, actor="a command")
    while 'data-final="true"' not in str(await page.receive_from(timeout=10)):
        pass  # tables are read one after the other: a frame may hold the half of a change
    assert (await page.receive_output(timeout=10))["code"] == ENDED


async def test_a_server_that_goes_down_is_shown_without_being_told(
    as_alice: Client, run: Run, impatient: None
) -> None:
    server = await sync_to_async(make_server)()
    page, _ = await opened(as_alice, run)
    await sync_to_async(Server.objects.filter(pk=server.pk).update)(
        state=ServerState.DOWN, reason="It is switched off."
    )
    assert "It is switched off." in str(await page.receive_from(timeout=10))
    await page.disconnect()


async def test_a_page_of_a_deleted_run_is_closed(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    await Run.objects.filter(pk=run.pk).aupdate(deleted_at=timezone.now())
    live.announce(run.uid)
    while (message := await page.receive_output(timeout=10))["type"] != "websocket.close":
        pass
    assert message["code"] == NOT_YOURS


async def test_a_feed_ends_when_nobody_looks_on(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    assert feeds() == [f"feed of {run.uid}"]
    await page.disconnect()
    while feeds():
        await asyncio.sleep(0.01)


def feeds() -> list[str]:
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith("feed of")]


async def progress(run: Run, share: float) -> None:
    await sync_to_async(Generation.objects.filter(run=run).update)(progress=share)


async def test_a_viewer_sees_it_live_without_buttons(as_bob: Client, run: Run, told: None) -> None:
    page, state = await opened(as_bob, run)
    assert 'id="run-head"' in state and "/stop/" not in state
    await page.disconnect()


async def refused(page: WebsocketCommunicator) -> bool:
    accepted, _ = await page.connect(timeout=10)
    return not accepted


async def test_a_member_of_another_workspace_is_refused_in_the_handshake(
    as_charlie: Client, run: Run
) -> None:
    assert await refused(browser(as_charlie, at(run)))


async def test_a_stranger_is_refused_in_the_handshake(run: Run) -> None:
    assert await refused(browser(Client(), at(run)))


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", ""])
async def test_a_page_of_another_site_is_refused_though_the_cookie_comes_along(
    as_alice: Client, run: Run, origin: str
) -> None:
    assert await refused(browser(as_alice, at(run), origin))


NOBODYS = "/ws/runs/7f072df8-f7ec-4f15-a31f-31dbcc0ce99b/"


@pytest.mark.parametrize("path", [NOBODYS, "/ws/runs/", "/ws/", "/", "/ws/runs/x/"])
async def test_any_other_address_is_refused(as_alice: Client, run: Run, path: str) -> None:
    assert await refused(browser(as_alice, path))


async def test_someone_who_joins_sees_the_run(
    as_charlie: Client, charlie: User, run: Run, told: None
) -> None:
    await sync_to_async(Membership.objects.create)(workspace=run.workspace, user=charlie, role=Role.VIEWER)
    page, _ = await opened(as_charlie, run)
    await page.disconnect()


async def test_without_the_second_step_that_is_asked_no_page_is_opened(
    as_alice: Client, run: Run, settings: Any
) -> None:
    settings.SECOND_STEP = "everybody"
    assert await browser(as_alice, at(run)).connect(timeout=10) == (False, NOT_YOURS)
