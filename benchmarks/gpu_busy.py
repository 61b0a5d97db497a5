"""Share of time in which ComfyUI executed while work waited, from its own history timestamps.

    python benchmarks/gpu_busy.py [--server URL] [--pictures 12] [--seconds 1.0]
    python benchmarks/gpu_busy.py --servers 2 [--workers 2] [--pictures 60]

With --servers so many simulators paint one run of the studio in several processes, and the share of each is shown.
Without, three clients paint the same short pictures one after the other, so that their ratio holds on a noisy machine:
the studio (`manage.py generate`), one that queues everything at once, and one that sends the next picture when a poll,
once a second, finds the last one done. Without --server the simulator paints.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import bench  # noqa: E402
from runs.comfyui import TEXT_TO_IMAGE, Comfy, Endpoint  # noqa: E402
from runs.simulator.server import Simulator  # noqa: E402
from tests.chaos.stage import order  # noqa: E402

STEPS = 4
# Few, light ads: what is measured is the engine, not the type.
FORMATS = [
    "google_display_small_square",
    "google_display_vertical_rectangle",
    "google_display_triple_widescreen",
]
FORMATS += ["google_display_netboard"]


async def busy(url: str, ids: set[str]) -> tuple[float, float]:
    """(share of time executing, seconds a picture) of those prompts, between the first start and the last end."""
    async with httpx.AsyncClient() as http:
        history = (await http.get(f"{url}/history", params={"max_items": 200})).json()
    spans = []
    for prompt_id in ids & history.keys():
        told = {kind: data["timestamp"] for kind, data in history[prompt_id]["status"]["messages"]}
        spans.append((told["execution_start"], told["execution_success"]))
    if len(spans) < len(ids):
        raise SystemExit(f"only {len(spans)} of {len(ids)} pictures are in the server's history")
    executed = sum(end - start for start, end in spans)
    whole = max(end for _, end in spans) - min(start for start, _ in spans)
    return executed / whole, executed / len(spans) / 1000


async def known(url: str) -> set[str]:
    async with httpx.AsyncClient() as http:
        return set((await http.get(f"{url}/history", params={"max_items": 500})).json())


def graph(checkpoint: str, seed: int, pixels: int) -> dict[str, object]:
    width, height = TEXT_TO_IMAGE.size_for(1.0, pixels)
    words = {"positive": "a slim can on a podium", "negative": "text"}
    return TEXT_TO_IMAGE.bind(
        checkpoint=checkpoint, width=width, height=height, seed=seed, steps=STEPS, **words
    )


async def all_at_once(url: str, checkpoint: str, pictures: int, pixels: int) -> None:
    async with Comfy(Endpoint(url)) as client:
        ids = [str(uuid4()) for _ in range(pictures)]
        for n, prompt_id in enumerate(ids):
            await client.submit(
                graph(checkpoint, 9_000 + n, pixels), prompt_id=prompt_id, client_id="all-at-once"
            )
        while await client.history(ids[-1]) is None:
            await asyncio.sleep(0.2)


async def one_by_one(url: str, checkpoint: str, pictures: int, pixels: int) -> None:
    async with Comfy(Endpoint(url)) as client:
        for n in range(pictures):
            prompt_id = str(uuid4())
            await client.submit(graph(checkpoint, 8_000 + n, pixels), prompt_id=prompt_id, client_id="poller")
            while await client.history(prompt_id) is None:
                await asyncio.sleep(1.0)


async def studio(url: str, checkpoint: str, pictures: int, pixels: int) -> None:
    looks = [{"name": f"Look {n}", "words": f"on a podium, {n}"} for n in range(max(1, pictures // 4))]
    brief = {
        "name": "GPU busy",
        "seed": 7_000,
        "products": [{"name": "Can"}],
        "messages": [{"headline": "Short", "button": "Go"}],
        "formats": FORMATS,
        "looks": looks,
        "picture": {"checkpoint": checkpoint, "steps": STEPS, "pixels": pixels},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "brief.toml"
        file.write_text(_toml(brief))
        command = [
            sys.executable,
            "manage.py",
            "generate",
            str(file),
            "--out",
            folder,
            "--server",
            url,
            "--json",
        ]
        done = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL
        )
        if await done.wait() != 0:
            raise SystemExit("the studio did not finish")


def _environment() -> dict[str, str]:
    return {"SECRET_KEY": "benchmark-" + "x" * 40, **os.environ}


def _toml(value: object, key: str = "") -> str:
    """Just enough of TOML for the brief above; JSON strings and lists of strings are TOML too."""
    if not isinstance(value, dict):
        return f"{key} = {json.dumps(value)}\n"
    plain = {k: v for k, v in value.items() if not isinstance(v, dict) and not _is_tables(v)}
    text = "".join(_toml(v, k) for k, v in plain.items())
    for name, entry in value.items():
        if _is_tables(entry):
            text += "".join(f"[[{name}]]\n{_toml(row)}" for row in entry)
        elif isinstance(entry, dict):
            text += f"[{name}]\n{_toml(entry)}"
    return text


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


type Client = Callable[[str, str, int, int], Awaitable[None]]
CLIENTS: dict[str, Client] = {
    "the studio": studio,
    "queues everything at once": all_at_once,
    "polls every second": one_by_one,
}


async def measure(url: str, options: argparse.Namespace) -> None:
    async with Comfy(Endpoint(url)) as client:
        checkpoint = options.checkpoint or (await client.checkpoints())[0]
    await all_at_once(url, checkpoint, 1, options.pixels)  # the model is loaded before anything is timed
    shares = {}
    for name, paint in CLIENTS.items():
        before = await known(url)
        await paint(url, checkpoint, options.pictures, options.pixels)
        shares[name], seconds = await busy(url, await known(url) - before)
        print(f"{shares[name]:.3f}  {name} ({options.pictures} pictures of {seconds:.2f} s)")
    ratio = shares["the studio"] / shares["queues everything at once"]
    print(f"{ratio:.3f}  the studio against queueing everything at once")


def several(options: argparse.Namespace) -> None:
    """One run on several servers; each has to be busy while work waits."""
    with bench.stage(workers=options.workers, simulators=options.servers, pace=options.seconds / 2) as stage:
        # Enough behind the last one that starts: towards its end a run has less work than seats.
        stage.start_run(order(looks=options.pictures // 5, variations=5))
        stage.finish(within=600)
        for server in stage.simulators:
            share, seconds, count = asyncio.run(_share(server.url))
            print(f"{share:.3f}  {server} ({count} pictures of {seconds:.2f} s)", flush=True)


async def _share(url: str) -> tuple[float, float, int]:
    ids = await known(url)
    return *await busy(url, ids), len(ids)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--server", help="a ComfyUI server; the simulator without it")
    parser.add_argument("--servers", type=int, default=0, help="so many simulators, and the studio's workers")
    parser.add_argument("--workers", type=int, default=2, help="with --servers: so many workers")
    parser.add_argument("--checkpoint", default="")
    parser.add_argument("--pictures", type=int, default=12, help="a multiple of 4")
    parser.add_argument("--pixels", type=int, default=16384)
    parser.add_argument("--seconds", type=float, default=1.0, help="a simulated picture takes about so long")
    options = parser.parse_args()
    if options.servers:
        several(options)
    else:
        asyncio.run(one(options))


async def one(options: argparse.Namespace) -> None:
    if options.server:
        await measure(options.server.rstrip("/"), options)
        return
    simulator = Simulator(seconds_per_step=options.seconds / STEPS)
    try:
        await measure(await simulator.start(), options)
    finally:
        await simulator.stop()


if __name__ == "__main__":
    main()
