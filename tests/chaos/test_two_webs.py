"""Two web processes behind a round robin without affinity: any of them answers, and one may die."""

import io
import itertools
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.chaos.conftest import on_postgres, stages
from tests.chaos.count import settle
from tests.chaos.processes import wait
from tests.chaos.round_robin import RoundRobin
from tests.chaos.stage import Stage, order
from tests.services import Postgres, Redis

pytestmark = pytest.mark.chaos

SOON = 30.0
A, B = 0, 1


@pytest.fixture
def stage(postgres: Postgres, redis_server: Redis, static_files: Path) -> Iterator[Stage]:
    with stages(lambda path: on_postgres(path, postgres, redis_server, STATIC_ROOT=static_files)) as begin:
        yield begin(simulators=2, workers=1, webs=2, pace=0.5)


def _socket(url: str, run: str, browser: httpx.Client) -> ClientConnection:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    address = f"{url.replace('http', 'ws', 1)}/ws/runs/{run}/"
    return connect(address, additional_headers={"Cookie": cookies, "Origin": url})


def _preview(client: httpx.Client, generation: str) -> bytes | None:
    answer = client.get(f"/preview/{generation}")
    return answer.content if answer.status_code == 200 else None


def test_what_begins_at_one_goes_on_at_the_other(stage: Stage) -> None:
    with closing(stage.sign_in(stage.webs[A].url)) as browser, stage.client(B) as at_b:
        run = stage.start_run(order(variations=16))  # at A
        assert at_b.get(f"/runs/{run}").json()["pictures_total"] == 16
        with _socket(stage.webs[A].url, run, browser) as socket:
            assert "run-head" in str(socket.recv(timeout=SOON))
            painted = wait(lambda: stage.rows.generations("g.status = 'rendering'"), SOON, "one is painted")
            browser.base_url = httpx.URL(stage.webs[B].url)  # the same session at the other one
            image = wait(lambda: _preview(browser, painted[0].uid), SOON, "its preview is at B")
            assert image[:2] == b"\xff\xd8", "a JPEG"
            assert _until_closed(socket) > 0, "frames came while the pictures were painted"
        stage.finish(60)
        bundle = zipfile.ZipFile(io.BytesIO(at_b.get(f"/runs/{run}/export.zip").content))
    assert len([name for name in bundle.namelist() if "google_display" in name]) == 16


def _until_closed(socket: ClientConnection) -> int:
    """The frames until the server closes the socket, as it does when the run has ended."""
    for frames in itertools.count():
        try:
            socket.recv(timeout=SOON)
        except ConnectionClosed:
            return frames
    raise AssertionError


class Client:
    """Somebody who asks once more when it did not work. Each request takes a connection of its own."""

    def __init__(self, stage: Stage, url: str) -> None:
        self._stage, self._url = stage, url
        self._browser = stage.sign_in(url)
        self.asked = self.again = 0
        self.failed: list[str] = []

    def ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        self.asked += 1
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        if path.startswith("/api"):
            headers |= {"Authorization": f"Bearer {self._stage.token}"}
        send: Callable[[], httpx.Response] = lambda: httpx.request(  # noqa: E731
            method,
            self._url + path,
            headers=headers | {"Connection": "close"},
            cookies=dict(self._browser.cookies),
            timeout=10,
            **more,  # type: ignore[arg-type]
        )
        for again in (False, True):
            self.again += again
            try:
                answer = send()
            except httpx.TransportError:
                continue
            if answer.status_code < 400:
                return answer
        self.failed.append(f"{method} {path}")
        return None

    def close(self) -> None:
        self._browser.close()


def test_a_killed_web_process_fails_no_request_and_loses_no_run(stage: Stage) -> None:
    with closing(RoundRobin(*(web.port for web in stage.webs))) as front:
        client, runs, begun = Client(stage, front.url), [], time.monotonic()
        killed = False
        while (now := time.monotonic() - begun) < 20:
            if ordered := client.ask("POST", "/api/v1/runs", json=order(variations=2)):
                runs.append(ordered.json()["id"])
            for run in runs[-3:]:
                client.ask("GET", f"/api/v1/runs/{run}")
                client.ask("GET", f"/runs/{run}/")
            if now > 5 and not killed:
                stage.webs[A].kill()
                killed = True
            if now > 12 and not stage.webs[A].runs:
                stage.webs[A].begin()
            time.sleep(0.3)
        client.close()
    stage.finish(90)
    account = settle(stage)
    print(
        f"{client.asked} requests, {client.again} asked again, {len(client.failed)} failed; {len(runs)} runs"
    )
    print(account)
    assert client.failed == []
    assert client.again > 0, "the kill was never felt"
    known = {str(uid) for (uid,) in stage.rows.ask("SELECT uid FROM runs_run WHERE status = 'done'")}
    assert set(runs) == known, "one was lost, or ordered twice"
    assert account.faults == {}
