"""A scene on a server: prompts under our own ids that are cleared away at the end, whoever else uses the server."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from PIL import Image

from runs.comfyui import TEXT_TO_IMAGE, Absent, Comfy, Endpoint, PromptState, Running, Waiting
from runs.comfyui.events import Event

PATIENCE = 300  # seconds; a real server on a slow machine loads its model first


@dataclass(frozen=True, slots=True)
class Server:
    """Where the behaviour is looked at. `simulator` is None for a real server."""

    url: str
    simulator: Any
    checkpoint: str
    side: int
    steps: int


@dataclass(slots=True)
class Scene:
    """One client on a server, with the prompts it has sent."""

    server: Server
    comfy: Comfy
    client_id: str = field(default_factory=lambda: str(uuid4()))
    ids: list[str] = field(default_factory=list)

    def graph(self, **values: Any) -> dict[str, Any]:
        """A picture that nobody has made before, so that no cache knows it."""
        chosen = {
            "checkpoint": self.server.checkpoint,
            "positive": "a red bicycle",
            "negative": "text",
            "width": self.server.side,
            "height": self.server.side,
            "seed": random.randrange(2**48),
            "steps": self.server.steps,
        }
        return TEXT_TO_IMAGE.bind(**chosen | values)

    def long(self) -> dict[str, Any]:
        """A prompt that runs until it is cancelled."""
        return self.graph(steps=150)

    async def submit(self, graph: dict[str, Any]) -> str:
        prompt_id = str(uuid4())
        self.ids.append(prompt_id)
        await self.comfy.submit(graph, prompt_id=prompt_id, client_id=self.client_id)
        return prompt_id

    async def until(self, prompt_id: str, *states: type[PromptState]) -> PromptState:
        """Poll until the prompt is in one of the states."""
        async with asyncio.timeout(PATIENCE):
            while not isinstance(state := await self.comfy.find(prompt_id), states):
                await asyncio.sleep(0.05)
        return state

    async def ended(self, prompt_id: str) -> PromptState:
        """Poll until the prompt waits and runs no more."""
        async with asyncio.timeout(PATIENCE):
            while isinstance(state := await self.comfy.find(prompt_id), Waiting | Running):
                await asyncio.sleep(0.05)
        return state

    async def clear(self) -> None:
        for prompt_id in self.ids:
            if not isinstance(await self.comfy.find(prompt_id), Absent):
                await self.comfy.cancel(prompt_id)
        for prompt_id in self.ids:
            await self.ended(prompt_id)
            await self.comfy.forget(prompt_id)


@asynccontextmanager
async def playing(server: Server, url: str = "") -> AsyncIterator[Scene]:
    """A scene on the server, by way of `url` if given; what it sent is cleared away."""
    async with Comfy(Endpoint(url or server.url)) as comfy:
        scene = Scene(server, comfy)
        try:
            yield scene
        finally:
            await scene.clear()


async def until_event(events: AsyncIterator[Event], kind: type[Event], prompt_id: str) -> list[Event]:
    """All events up to the first of that kind about that prompt."""
    heard: list[Event] = []
    async with asyncio.timeout(PATIENCE):
        async for event in events:
            heard.append(event)
            if isinstance(event, kind) and getattr(event, "prompt_id", None) == prompt_id:
                return heard
    raise AssertionError(f"no {kind.__name__} of {prompt_id}")


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a picture that decodes to its end."""
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
        return image.size


def pixels_of(picture: bytes) -> bytes:
    """The pixels alone, without the graph that the server writes beside them."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("RGB").tobytes()


def png(colour: tuple[int, int, int]) -> bytes:
    """A small picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(buffer, "PNG")
    return buffer.getvalue()
