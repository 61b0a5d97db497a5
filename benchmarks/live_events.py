"""How long a server's event takes to the sockets of the run page, in milliseconds.

    python benchmarks/live_events.py [--viewers 50] [--servers 24] [--pictures 72]
    DATABASE_URL=postgres://… REDIS_URL=redis://… python benchmarks/live_events.py

Simulators paint one picture each at the same time, while viewers look on at the one run. Measured is the time from
when a server began a picture, or told of a step of it, until each viewer's socket had the tile that shows it; and from
when a step of life was written into its row. Without addresses the studio runs in one process; with them beside a
worker (use a database of its own: a demo workspace is made in it).
"""

import argparse
import asyncio
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import websockets

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from runs.comfyui.events import ProgressState  # noqa: E402
from runs.simulator.server import Simulator  # noqa: E402
from tests.browser.processes import Process, Studio, collect_static  # noqa: E402

STEPS, SECONDS_PER_STEP = 30, 0.4
# Light: type is not measured here.
FORMATS = ["google_display_small_square", "google_display_vertical_rectangle"]
TILE = re.compile(r'<li id="g-([0-9a-f-]{36})" class="tile (\w+)')
STEP = re.compile(r'<div id="s-([0-9a-f-]{36})"[^>]*><span class="cut" title="[^"]*, (\d+) of \d+"')

type Moment = tuple[str, str]  # a picture or prompt, and what became of it: "rendering", "3", "done"


def paint(count: int, told: Any) -> None:
    """A process of simulators: tells their addresses, then, when asked, when each moment was."""
    asyncio.run(_paint(count, told))


async def _paint(count: int, told: Any) -> None:
    moments: dict[Moment, float] = {}
    # Each at its own pace: in step with one another they would all begin and end in the same moments.
    paces = [SECONDS_PER_STEP * (0.7 + 0.6 * n / count) for n in range(count)]
    simulators = [Simulator(seconds_per_step=pace, load_seconds=0) for pace in paces]
    addresses = [await simulator.start() for simulator in simulators]
    for simulator in simulators:
        _watch(simulator, moments)
    told.send(addresses)
    await asyncio.to_thread(told.recv)
    told.send(moments)
    for simulator in simulators:
        await simulator.stop()


def _watch(simulator: Simulator, moments: dict[Moment, float]) -> None:
    hub = simulator.machine.hub
    send = hub.send

    def noting(event: Any, to: Any = None) -> None:
        if isinstance(event, ProgressState):
            for node in event.nodes.values():
                if node.max == STEPS:
                    moments.setdefault((event.prompt_id, f"{node.value:.0f}"), time.time())
            moments.setdefault((event.prompt_id, "rendering"), time.time())
        send(event, to)

    hub.send = noting  # type: ignore[method-assign]


class Viewer:
    """One browser: when it first had each tile in each state."""

    _read: tuple[str, list[Moment]] = ("", [])  # all viewers are sent the same text: it is read once

    def __init__(self) -> None:
        self.first: dict[Moment, float] = {}
        self.bytes = 0

    async def look(self, url: str, cookie: str) -> None:
        address = url.replace("http", "ws", 1).replace("/runs/", "/ws/runs/")
        headers = {"Cookie": cookie, "Origin": re.sub(r"/runs/.*", "", url)}
        async with websockets.connect(address, additional_headers=headers, max_size=None) as socket:
            with suppress(websockets.ConnectionClosedError):  # 4000: the run has ended
                async for message in socket:
                    self._hear(str(message), time.time())

    def _hear(self, frame: str, at: float) -> None:
        self.bytes += len(frame)
        for moment in self._moments(frame):
            self.first.setdefault(moment, at)

    @classmethod
    def _moments(cls, frame: str) -> list[Moment]:
        if frame != cls._read[0]:
            cls._read = (frame, list(cls._parse(frame)))
        return cls._read[1]

    @staticmethod
    def _parse(frame: str) -> Iterator[Moment]:
        yield from TILE.findall(frame)
        yield from STEP.findall(frame)


def sign_in(studio: Studio) -> str:
    """The cookie of the demo workspace's owner."""
    with httpx.Client(headers={"Referer": studio.url, "Origin": studio.url}) as client:
        page = client.get(studio.link)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None, page.text[:500]
        client.post(studio.link, data={"csrfmiddlewaretoken": token[1]})
        return f"adgen_session={client.cookies['adgen_session']}"


async def watch(studio: Studio, options: argparse.Namespace) -> list[Viewer]:
    cookie = sign_in(studio)
    looks = [{"name": f"Look {n}", "words": f"on a podium, {n}"} for n in range(options.pictures // 8)]
    url = await asyncio.to_thread(
        studio.start_run,
        looks=looks,
        formats=FORMATS,
        picture={"pixels": 16384, "steps": STEPS},
        variations=4,
    )
    viewers = [Viewer() for _ in range(options.viewers)]
    await asyncio.gather(*(viewer.look(url, cookie) for viewer in viewers))
    return viewers


def rows() -> tuple[dict[str, str], dict[Moment, float]]:
    """(picture by its prompt, when each step of life was written), from the database."""
    import django

    django.setup()
    from runs.models import Run, Transition

    run = Run.objects.latest("pk")
    prompts = {str(row.prompt_id): str(row.uid) for row in run.generations.all()}
    steps = Transition.objects.filter(run=run).select_related("generation")
    return prompts, {(str(step.generation.uid), step.after): step.at.timestamp() for step in steps}


def report(name: str, since: dict[Moment, float], seen: Iterable[dict[Moment, float]]) -> None:
    """One line: the middle, the 95th of a hundred, and the worst."""
    known = ((since[moment], at) for first in seen for moment, at in first.items() if moment in since)
    waits = sorted(1000 * (at - begun) for begun, at in known)
    if waits:
        p50, p95 = (waits[len(waits) * share // 100] for share in (50, 95))
        print(f"{name:36} p50 {p50:4.0f}  p95 {p95:4.0f}  max {waits[-1]:4.0f} ms  ({len(waits)} seen)")


def studio_of(folder: Path, servers: list[str]) -> tuple[Studio, Process | None]:
    """The studio as processes: alone, or with a worker where the environment names what they share."""
    shared = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    knobs: dict[str, Any] = {"COMFYUI_URLS": " ".join(servers), "SEATS_PER_SERVER": 2, **shared}
    if shared:
        knobs["TEST_MODE"] = "on"
    static = collect_static(folder / "static")
    studio = Studio(folder / "var", static, **knobs).set_up()
    os.environ |= studio.environment | {"DJANGO_SETTINGS_MODULE": "adgen.settings"}
    worker = Process(["run_worker"], studio.environment, folder / "worker.log") if shared else None
    try:
        return studio.start(), worker
    except BaseException:
        studio.stop()
        if worker:
            worker.stop()
        raise


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--servers", type=int, default=24)
    parser.add_argument("--pictures", type=int, default=48, help="a multiple of 8")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    painters = multiprocessing.get_context("spawn").Process(
        target=paint, args=(options.servers, theirs), daemon=True
    )
    painters.start()
    with tempfile.TemporaryDirectory(prefix="adgen-live-") as name:
        studio, worker = studio_of(Path(name), ours.recv())
        try:
            viewers = asyncio.run(watch(studio, options))
        finally:
            studio.stop()
            if worker:
                worker.stop()
        ours.send("stop")
        tell(ours.recv(), viewers, options)
    painters.join()


def dict_of(pairs: list[tuple[float, Moment]]) -> dict[Moment, float]:
    return {moment: at for at, moment in pairs}


def tell(moments: dict[Moment, float], viewers: list[Viewer], options: argparse.Namespace) -> None:
    prompts, steps = rows()
    told = {(prompts[p], what): at for (p, what), at in moments.items() if p in prompts}
    begins = sorted((at, moment) for moment, at in told.items() if moment[1] == "rendering")
    first, later = dict_of(begins[: options.servers]), dict_of(begins[options.servers :])
    full = max(first.values())  # from here on every server paints
    screens = [viewer.first for viewer in viewers]
    print(f"{options.viewers} viewers, {options.servers} servers, {options.pictures} pictures")
    report("all servers begin at once → socket", first, screens)
    report("a server begins → socket", later, screens)
    report("  of it until the row is written", later, [steps])
    report(
        "a server's step → socket", {m: at for m, at in told.items() if m[1].isdigit() and at > full}, screens
    )
    report("a row is written → socket", {m: at for m, at in steps.items() if at > full}, screens)
    print(f"{sum(viewer.bytes for viewer in viewers) / len(viewers) / 1024:.0f} KB a viewer")


if __name__ == "__main__":
    main()
