"""The run page's socket as a browser meets it: who gets in, what is told first, what after a step, when it closes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import Membership, Role, User
from adgen.asgi import sockets
from runs import lifecycle, live
from runs.models import Generation, Run
from runs.states import Event
from studio.consumers import ENDED, NO_NEWS
from tests.conftest import begin, finish, make_server

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "http://testserver"


@pytest.fixture(autouse=True)
def own_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
async def told() -> AsyncIterator[None]:
    """Changes are announced in the test's own loop, as the studio does."""
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


async def test_many_reports_of_progress_come_as_one_frame(as_alice: Client, run: Run, told: None) -> None:
    generation = await first_of(run)
    page, _ = await opened(as_alice, run)
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
    message: dict[str, Any] = {"type": ""}
    last = ""
    while message["type"] != "websocket.close":
        message = await page.receive_output(timeout=10)
        last = message.get("text", last)
    assert message["code"] == ENDED
    assert 'data-final="true"' in last and last.count('class="shot') == 2


async def test_what_a_page_says_changes_nothing(as_alice: Client, run: Run, told: None) -> None:
    page, _ = await opened(as_alice, run)
    await page.send_to(text_data='{"type": "run.changed", "generation": "x"}')
    assert await page.receive_nothing(timeout=0.3)
    await page.disconnect()


async def test_who_is_put_out_of_the_workspace_is_put_out_of_the_page(
    as_alice: Client, alice: User, run: Run, told: None
) -> None:
    page, _ = await opened(as_alice, run)
    await sync_to_async(Membership.objects.filter(user=alice).delete)()
    live.announce(run.uid)
    assert (await page.receive_output(timeout=10))["type"] == "websocket.close"


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


async def test_a_process_that_hears_of_no_change_lets_the_page_ask_by_itself(
    as_alice: Client, run: Run
) -> None:
    connected, code = await browser(as_alice, at(run)).connect(timeout=10)
    assert (connected, code) == (False, NO_NEWS)


async def test_someone_who_joins_sees_the_run(
    as_charlie: Client, charlie: User, run: Run, told: None
) -> None:
    await sync_to_async(Membership.objects.create)(workspace=run.workspace, user=charlie, role=Role.VIEWER)
    page, _ = await opened(as_charlie, run)
    await page.disconnect()
