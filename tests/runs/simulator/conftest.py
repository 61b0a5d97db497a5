"""A simulator in each dialect, quick enough for many tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from runs.comfyui.protocol import Dialect
from runs.simulator.server import Simulator

from .speaking import Talk

type Meet = Callable[..., Awaitable[Talk]]


@asynccontextmanager
async def _talking(**options: Any) -> AsyncIterator[Talk]:
    simulator = Simulator(**{"seconds_per_step": 0.002, "load_seconds": 0.0, **options})
    url = await simulator.start()
    async with httpx.AsyncClient(
        base_url=url, timeout=10, verify=False
    ) as http:  # loading certificates takes time
        talk = Talk(simulator, http)
        yield talk
        await talk.hang_up()
    await simulator.stop()


@pytest.fixture(params=list(Dialect))
async def talk(request: pytest.FixtureRequest) -> AsyncIterator[Talk]:
    """Both dialects, one after the other."""
    async with _talking(dialect=request.param) as talk:
        yield talk


@pytest.fixture
async def newer() -> AsyncIterator[Talk]:
    async with _talking(dialect=Dialect.V0_33) as talk:
        yield talk


@pytest.fixture
async def older() -> AsyncIterator[Talk]:
    async with _talking(dialect=Dialect.V0_3_64) as talk:
        yield talk


@pytest.fixture
async def meet() -> AsyncIterator[Meet]:
    """Start a simulator with options of one's own."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> Talk:
            return await stack.enter_async_context(_talking(**options))

        yield start
