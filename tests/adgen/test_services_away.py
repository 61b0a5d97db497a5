"""A web process whose PostgreSQL or Redis is stopped or frozen: what its pages, its API and its sockets answer."""

import asyncio
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.chaos.conftest import folder, on_postgres
from tests.chaos.processes import family, wait
from tests.chaos.stage import Stage, order
from tests.services import Postgres, Redis

pytestmark = pytest.mark.services
SOON = 40.0  # seconds; only a bound
AGAIN, ENDED = 1013, 4000


@pytest.fixture(scope="module")
def stage(postgres: Postgres, redis_server: Redis, static_files: Path) -> Iterator[Stage]:
    """One web process without a worker: runs wait, until they are stopped."""
    with folder() as path:
        stage = on_postgres(path, postgres, redis_server, STATIC_ROOT=static_files)
        try:
            yield stage.start(webs=1)
        finally:
            stage.close()


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Iterator[httpx.Client]:
    """Somebody who is signed in; gives up after 30 seconds, which is a failure."""
    with closing(stage.sign_in(stage.webs[0].url)) as visitor:
        visitor.headers["Accept"] = "text/html"
        yield visitor


@pytest.fixture
def run(stage: Stage) -> str:
    return stage.start_run(order())


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """They keep their connections and say nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped(service: Postgres | Redis) -> Iterator[None]:
    service.stop()
    try:
        yield
    finally:
        service.start()


# --- PostgreSQL ----------------------------------------------------------------------------------------------

type Hurt = Callable[[Postgres], Any]


def _frozen_whole(postgres: Postgres) -> Any:
    return frozen(*family(postgres.pid))


@pytest.mark.parametrize("hurt", [stopped, _frozen_whole], ids=["stopped", "frozen"])
def test_without_postgres_everything_is_503_and_comes_back(
    hurt: Hurt, stage: Stage, visitor: httpx.Client, run: str, postgres: Postgres
) -> None:
    token = {"Authorization": f"Bearer {stage.token}", "Accept": "*/*"}
    asked: list[Callable[[], httpx.Response]] = [
        lambda: visitor.get(f"/runs/{run}/"),
        lambda: visitor.get(f"/api/v1/runs/{run}", headers=token),
        lambda: visitor.post("/api/v1/runs", json=order(), headers=token),
        lambda: visitor.get("/health/live"),
        lambda: visitor.get("/health/ready"),
    ]
    with hurt(postgres), ThreadPoolExecutor(len(asked)) as crowd:
        page, api, sent, live, ready = crowd.map(lambda ask: ask(), asked)
    for answer in (page, api, sent):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing is lost" in page.text
    assert api.json()["detail"].startswith("The database is not responding.")
    assert (live.status_code, ready.status_code) == (200, 503)
    wait(lambda: visitor.get(f"/runs/{run}/").status_code == 200, SOON, "the page is back")
    assert visitor.get("/health/ready").status_code == 200


def test_a_crowd_before_a_frozen_postgres_is_told_and_does_not_pile_up(
    stage: Stage, visitor: httpx.Client, run: str, postgres: Postgres
) -> None:
    with _frozen_whole(postgres), ThreadPoolExecutor(60) as crowd:
        paths = [f"/runs/{run}/", "/campaigns/", "/runs/"] * 20
        codes = {answer.status_code for answer in crowd.map(visitor.get, paths)}
    assert codes == {503}
    wait(lambda: visitor.get(f"/runs/{run}/").status_code == 200, SOON, "the page is back")


async def test_a_socket_is_closed_without_postgres_and_opens_again(
    stage: Stage, visitor: httpx.Client, run: str, postgres: Postgres
) -> None:
    async with await opened(visitor, run) as socket:
        await asyncio.to_thread(postgres.stop)
        try:
            await changes(stage, run, expect=503)
            with pytest.raises(ConnectionClosed) as closed:
                async with asyncio.timeout(SOON):
                    while True:
                        await socket.recv()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == AGAIN
            with pytest.raises(InvalidStatus):
                await opened(visitor, run)
        finally:
            await asyncio.to_thread(postgres.start)
    async with await opened(visitor, run, patience=SOON) as socket:
        assert f"/runs/{run}" in await first_words(socket)


def test_the_log_tells_an_outage_without_tracebacks(stage: Stage) -> None:
    words = stage.webs[0].words
    assert "is not responding" in words or "Service Unavailable" in words
    assert "Traceback" not in words


# --- Redis ---------------------------------------------------------------------------------------------------


def _frozen_redis(service: Redis) -> Any:
    return frozen(service.pid)


@pytest.mark.parametrize("hurt", [stopped, _frozen_redis], ids=["stopped", "frozen"])
async def test_without_redis_nobody_notices(
    hurt: Callable[[Redis], Any], stage: Stage, visitor: httpx.Client, redis_server: Redis
) -> None:
    """Pages, orders, signing in, and sockets: those that are open, and new ones. Afterwards they are told again."""
    early, late = await asyncio.to_thread(lambda: [stage.start_run(order()) for _ in range(2)])
    async with await opened(visitor, early) as before:
        with hurt(redis_server):
            after = await opened(visitor, late)
            assert f"/runs/{late}" in await first_words(after)
            await asyncio.to_thread(_looks_around, stage, visitor, [early, late])
            await changes(stage, early)
            assert await end_of(before) == ENDED
    async with after:
        await asyncio.to_thread(wait, lambda: _heard(redis_server, late), SOON, "the feed listens again")
        await changes(stage, late)
        assert await end_of(after) == ENDED


def _looks_around(stage: Stage, visitor: httpx.Client, runs: list[str]) -> None:
    paths = ["/campaigns/", *(f"/runs/{run}/" for run in runs), *(f"/api/v1/runs/{run}" for run in runs)]
    for path in paths:
        answer = visitor.get(path, headers={"Authorization": f"Bearer {stage.token}"})
        assert answer.status_code == 200, path
    assert _sign_in_with_a_wrong_password(stage) == 200
    stage.sign_in(stage.webs[0].url).close()
    stage.start_run(order())


def _sign_in_with_a_wrong_password(stage: Stage) -> int:
    """What counts attempts in the cache must not fail without it."""
    with httpx.Client(base_url=stage.webs[0].url, timeout=30) as stranger:
        stranger.get("/accounts/login/")
        form = {"login": "x@example.com", "password": "wrong"}
        form |= {"csrfmiddlewaretoken": stranger.cookies["adgen_csrf"]}
        return stranger.post("/accounts/login/", data=form).status_code


def _heard(server: Redis, run: str) -> bool:
    try:
        with redis.Redis(port=server.port, socket_timeout=2) as client:
            return bool(client.pubsub_channels(f"*run.{run}"))
    except redis.RedisError:
        return False


# --- A browser's socket --------------------------------------------------------------------------------------


async def opened(visitor: httpx.Client, run: str, patience: float = 0) -> ClientConnection:
    """As the run's page opens it; where it is refused, again until the patience is over."""
    url = str(visitor.base_url)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}
    address = f"{url.replace('http', 'ws').rstrip('/')}/ws/runs/{run}/"
    ends = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await connect(
                address,
                origin=Origin(url.rstrip("/")),
                additional_headers=headers,
                open_timeout=30,
                max_size=None,
            )
        except InvalidStatus:
            if asyncio.get_running_loop().time() > ends:
                raise
            await asyncio.sleep(0.5)


async def first_words(socket: ClientConnection) -> str:
    async with asyncio.timeout(SOON):
        return str(await socket.recv())


async def changes(stage: Stage, run: str, expect: int = 200) -> None:
    """Somebody stops it."""

    def stop() -> int:
        with stage.client() as client:
            return client.post(f"/runs/{run}/cancel").status_code

    assert await asyncio.to_thread(stop) == expect


async def end_of(socket: ClientConnection) -> int:
    """Read to the end: the page shows that the run is over, then the socket closes with this code."""
    last = ""
    try:
        async with asyncio.timeout(SOON):
            while True:
                last = str(await socket.recv())
    except ConnectionClosed as closed:
        assert re.search(r'data-final="true"', last)
        return closed.rcvd.code if closed.rcvd else 0
