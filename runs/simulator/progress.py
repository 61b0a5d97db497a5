"""Progress as a client sees it: ticks by step, previews from coarse to fine, the throttle of 0.33 (D3, D5).

Used by the executor, one `Ticker` per run.
"""

from __future__ import annotations

import asyncio
import io
from typing import Any

from PIL import Image

from runs.comfyui.events import NodeProgress, Preview, ProgressState, StepProgress

from .machine import Machine
from .work import Painting, Pictures

PREVIEW_SIDE = 512
COARSEST = 8
SKETCH_SIDE = 160  # a first small painting serves the previews until the picture itself is ready
LEAST_SECONDS, LEAST_SHARE = 0.1, 0.005
PREVIEW_METHODS = ("latent2rgb", "taesd", "auto")


class Interrupted(Exception):
    """Somebody asked the running prompt to stop."""


class Ticker:
    """Tells of a run's progress and notices at the same points that it shall stop."""

    def __init__(self, machine: Machine, prompt_id: str, client: Any, extra_data: Any) -> None:
        self._machine, self._prompt_id, self._client = machine, prompt_id, client
        self._places: dict[str, NodeProgress] = {}
        self._previews = _wants_previews(machine, extra_data)
        self._sent: tuple[float, float] = (0.0, 0.0)

    def place(self, node: str, progress: NodeProgress) -> None:
        """Set where a node is and tell all that is known (fact 14)."""
        self._places[node] = progress
        self._machine.hub.send(ProgressState(self._prompt_id, dict(self._places)), self._client)

    def finish(self, node: str) -> None:
        """A node is done."""
        place = self._places[node]
        self.place(node, NodeProgress(place.max, place.max, "finished"))

    def check(self) -> None:
        """Raises Interrupted if the run shall stop."""
        if self._machine.interrupted.is_set():
            raise Interrupted

    async def held(self) -> None:
        """Wait while the machine is held, but not for longer than until an interrupt."""
        faults, interrupted = self._machine.faults, self._machine.interrupted
        while faults.held and not interrupted.is_set():
            waits = [asyncio.ensure_future(event.wait()) for event in (faults.released, interrupted)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def sample(self, node: str, job: Painting) -> Pictures:
        """Take the steps in their time while the pictures are painted in a thread."""
        loop, painters = asyncio.get_running_loop(), self._machine.painters
        sketched = self._previews and max(job.latent.width, job.latent.height) > SKETCH_SIDE
        sketch = loop.run_in_executor(painters, job.paint, 0, SKETCH_SIDE) if sketched else None
        pictures = [loop.run_in_executor(painters, job.paint, index) for index in range(job.latent.batch)]
        self._sent = (0.0, 0.0)
        try:
            due = loop.time()
            for step in range(1, job.steps + 1):
                await self.held()
                due += self._machine.settings.seconds_per_step * self._machine.faults.slowness
                await asyncio.sleep(max(0.0, due - loop.time()))
                best = pictures[0] if sketch is None or pictures[0].done() else sketch
                await self.tick(node, step, job.steps, await self._preview(best, step / job.steps))
            return tuple(await asyncio.gather(*pictures))
        finally:
            for painting in filter(None, (sketch, *pictures)):
                painting.cancel()

    async def show(self, node: str, pictures: Pictures) -> None:
        """Finished pictures go out as previews in PNG and are kept nowhere (fact 13)."""
        for index, picture in enumerate(pictures):
            raw = io.BytesIO()
            picture.save(raw, "PNG", compress_level=1)
            await self.tick(node, index, len(pictures), ("image/png", raw.getvalue()))
        self._places[node] = NodeProgress(len(pictures), len(pictures), "running")

    async def tick(self, node: str, value: int, most: int, preview: tuple[str, bytes] | None) -> None:
        """One step of a node. Raises Interrupted; the newer server only looks when it also sends (D4)."""
        if not self._machine.newer:
            self.check()
        if not self._is_due(value, most, preview is not None):
            return
        self.check()
        progress = StepProgress(self._prompt_id, node, value, most)
        self.place(node, NodeProgress(value, most, "running"))
        if preview is None:
            self._machine.hub.send(progress, self._client)
            return
        picture = Preview(self._prompt_id, node, *preview)
        first = self._machine.hub.sends_metadata_to(self._client)
        for event in (picture, progress) if first else (progress, picture):
            self._machine.hub.send(event, self._client)

    def _is_due(self, value: int, most: int, with_preview: bool) -> bool:
        now = asyncio.get_running_loop().time()
        last, when = self._sent
        long_enough = now - when >= LEAST_SECONDS and value - last >= LEAST_SHARE * most
        if self._machine.newer and not (with_preview or value in (0, 1, most) or long_enough):
            return False
        self._sent = (value, now)
        return True

    async def _preview(self, painting: asyncio.Future[Image.Image], share: float) -> tuple[str, bytes] | None:
        if not self._previews or not self._machine.hub.is_heard(self._client):
            return None
        picture = await asyncio.shield(painting)
        loop = asyncio.get_running_loop()
        return "image/jpeg", await loop.run_in_executor(self._machine.painters, blurred, picture, share)


def _wants_previews(machine: Machine, extra_data: Any) -> bool:
    method = extra_data.get("preview_method") if machine.newer else None  # D5
    if method == "none":
        return False
    return True if method in PREVIEW_METHODS else machine.settings.previews


def blurred(picture: Image.Image, share: float) -> bytes:
    """A JPEG of 512 pixels on the long side, as coarse as a picture is that is only so far done (0 to 1)."""
    longest = max(picture.size)
    fine = min(longest, COARSEST * (PREVIEW_SIDE / COARSEST) ** share)
    small = picture.resize(tuple(max(1, round(side * fine / longest)) for side in picture.size))
    scale = PREVIEW_SIDE / longest
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    raw = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(raw, "JPEG", quality=85)
    return raw.getvalue()
