"""The main job over a bad network: every connection is cut again and again, and the ads are the same, paid once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from runs.comfyui import Comfy, Endpoint
from runs.simulator.server import Simulator
from tests.runs.comfyui.cutting_proxy import CuttingProxy
from tests.runs.test_generate import BRIEF, ROOT, digests, environment

REAL = next(iter(os.environ.get("COMFYUI_TEST_URL", "").replace(",", " ").split()), "")


@pytest.fixture(params=["simulator", pytest.param("real", marks=pytest.mark.real)])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "simulator":
        async with Simulator(seconds_per_step=0.4, load_seconds=0) as running:
            yield running.url
    elif REAL:
        yield REAL
    else:
        pytest.skip("COMFYUI_TEST_URL names no real ComfyUI")


async def generate(url: str, brief: Path, out: Path, checkpoint: str) -> int:
    size = ("--set", "steps=4", "--set", "pixels=16384", "--set", f"checkpoint={checkpoint}")
    command = [sys.executable, "manage.py", "generate", str(brief), "--out", str(out), "--server", url, *size]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment())
    return await process.wait()


@pytest.mark.thorough
async def test_cut_connections_change_no_ad_and_cost_no_picture(server: str, tmp_path: Path) -> None:
    brief = tmp_path / "brief.toml"
    brief.write_text(BRIEF)
    async with Comfy(Endpoint(server)) as client:
        named = os.environ.get("COMFYUI_CHECKPOINT") if server == REAL else None
        checkpoint = named or (await client.checkpoints())[0]
        assert await generate(server, brief, tmp_path / "calm", checkpoint) == 0
        before = await _painted(server)
        async with CuttingProxy(server) as proxy:
            work = asyncio.create_task(generate(proxy.url, brief, tmp_path / "cut", checkpoint))
            cuts = 0
            while not work.done():
                await asyncio.sleep(0.3)
                cuts += bool(proxy.cut())
            assert await work == 0
        assert cuts > 2, "nothing was cut, so nothing was shown"
        assert await _painted(server) - before == 2
    assert digests(tmp_path / "cut") == digests(tmp_path / "calm")


async def _painted(url: str) -> int:
    """How many prompts the server has worked off so far."""
    async with httpx.AsyncClient() as http:
        return len((await http.get(f"{url}/history", params={"max_items": 10_000})).json())
