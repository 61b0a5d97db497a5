"""Takes one generation from its seat to its stored picture. Every step of life goes through lifecycle.

Nothing here trusts the socket alone: silence, a reconnect and every end are answered by asking the server.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from runs import leases, lifecycle, previews, storage
from runs.comfyui import (
    Absent,
    BadAddress,
    Completed,
    Errored,
    ImageRef,
    Running,
    ServerFault,
    ServerTimeout,
    ServerUnreachable,
    Waiting,
    WasInterrupted,
    events,
)
from runs.composition import BadPicture, clean_picture
from runs.engine import reports, servers
from runs.engine.database import rows
from runs.engine.link import Inbox, Link, Reconnected
from runs.engine.pool import pixels, processes
from runs.engine.progress import Progress
from runs.models import Generation, Picture
from runs.patience import OUTAGE
from runs.states import Event, Status

log = logging.getLogger(__name__)

DEAF = 2  # silences in a row of a prompt that runs: then the socket may be dead and nobody told us
REPORT_EVERY = 0.25  # seconds between two reports of progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a server that paints is waited for, in seconds."""

    silence: float = 10.0
    """without a word, before we ask"""
    blink: float = 1.0
    """between two questions while it does not answer"""
    outage: float = OUTAGE
    """without an answer, before its picture is given to another"""
    stall: float = 900.0
    """without any progress of a running prompt; a first model load may take minutes"""


class PromptLost(Exception):
    """The server no longer knows the prompt, or never came to an end with it: it must be sent anew."""


class PaintingFailed(Exception):
    """The server tried and could not; sending the same again would fail again."""


@dataclass(slots=True)
class Painting:
    """One generation on its way to a picture."""

    generation: Generation
    link: Link
    worker: str
    waits: Waits
    progress: Progress
    at: Status
    previews_seen: int = 0
    reported_at: float = 0.0
    stirred_at: float = 0.0
    away_since: float | None = None  # when the server was first found unreachable
    began_at: float | None = None  # when it was seen to begin; None where that was missed
    silences: int = 0  # questions in a row that only silence was the reason for
    result: ImageRef | None = None

    @property
    def prompt_id(self) -> str:
        return str(self.generation.prompt_id)


async def paint(generation: Generation, link: Link, worker: str, waits: Waits) -> Picture:
    """Send the prompt (or find the one that was sent), follow it, fetch and store its picture."""
    workflow = generation.run.workflow.graph
    graph = workflow.bind(**_parameters(generation))
    weights = workflow.weights(graph)
    progress = Progress(len(weights.nodes), weights.samplers, fraction=generation.progress)
    at, seen = Status(generation.status), generation.preview_version
    painting = Painting(generation, link, worker, waits, progress, at, previews_seen=seen)
    await link.connected(patience=2.0)
    if generation.prompt_id is None or isinstance(await link.client.find(painting.prompt_id), Absent):
        await _number(painting)
        with link.follow(painting.prompt_id) as inbox:
            await _send(painting, graph)
            ref = await _follow(painting, inbox)
    else:
        with link.follow(painting.prompt_id) as inbox:
            inbox.put_nowait(Reconnected())
            ref = await _follow(painting, inbox)
    return await _fetch(painting, ref)


def _parameters(generation: Generation) -> dict[str, object]:
    settings = generation.run.spec["picture"]
    given = {name: settings[name] for name in ("steps", "cfg") if settings[name] is not None}
    return {
        "checkpoint": generation.checkpoint,
        "positive": generation.positive,
        "negative": generation.negative,
        "width": generation.width,
        "height": generation.height,
        "seed": generation.seed,
        **given,
    }


async def _number(painting: Painting) -> None:
    """Write the id down first: whoever takes over after a crash finds the prompt by it."""
    prompt_id = UUID(str(uuid4()))
    generation = painting.generation
    generation.attempt = await rows(leases.note_prompt, generation.pk, painting.worker, prompt_id)
    generation.prompt_id = prompt_id


async def _send(painting: Painting, graph: dict[str, object]) -> None:
    client, link = painting.link.client, painting.link
    try:
        await client.submit(graph, prompt_id=painting.prompt_id, client_id=link.client_id)
    except (ServerTimeout, ServerUnreachable, ServerFault):
        # The answer may be lost and the prompt accepted: look before it is paid for again.
        if isinstance(await client.find(painting.prompt_id), Absent):
            raise
    await _step(painting, Event.ACCEPT)


async def _step(painting: Painting, event: Event) -> None:
    expected = {Event.ACCEPT: {Status.CLAIMED}, Event.START: {Status.CLAIMED, Status.QUEUED}}[event]
    if painting.at in expected:
        row = await rows(lifecycle.advance, painting.generation, event, worker=painting.worker)
        painting.at = Status(row.status)
        if event == Event.START:
            painting.began_at = time.monotonic()


async def _follow(painting: Painting, inbox: Inbox) -> ImageRef:
    painting.stirred_at, waits = time.monotonic(), painting.waits
    while True:
        patience = waits.silence if painting.away_since is None else waits.blink
        try:
            event = await asyncio.wait_for(inbox.get(), patience)
            painting.silences = 0
        except TimeoutError:
            event = Reconnected()
            painting.silences += 1
        if (ref := await _hear(painting, event)) is not None:
            return ref


async def _hear(painting: Painting, event: events.Event | Reconnected) -> ImageRef | None:
    match event:
        case Reconnected() | events.PromptEnded() | events.ExecutionFailed() | events.ExecutionInterrupted():
            return await _ask(painting)
        case events.ExecutionSucceeded():
            # The history entry comes a moment later; what the output node said is already enough.
            return painting.result or await _ask(painting)
        case events.NodeOutput():
            painting.result = _first_image(painting, event) or painting.result
        case events.ExecutionStarted() | events.NodeStarted():
            await _step(painting, Event.START)
        case events.Preview(image=image):
            await _preview(painting, image)
        case _:
            if painting.progress.fold(event):
                _report(painting)
    painting.stirred_at = time.monotonic()
    return None


def _first_image(painting: Painting, event: events.NodeOutput) -> ImageRef | None:
    if event.node != painting.generation.run.workflow.graph.output_node:
        return None
    images = event.output.get("images") or [None]
    return ImageRef.parse(images[0]) if images[0] else None


async def _ask(painting: Painting) -> ImageRef | None:
    """What the server says is the truth; the socket was only a hint."""
    try:
        state = await painting.link.client.find(painting.prompt_id)
    except (ServerUnreachable, ServerTimeout, ServerFault, BadAddress):
        # A cable or a proxy may only have blinked, and what is being painted is paid for: ask again a little longer.
        painting.away_since = painting.away_since or time.monotonic()
        if time.monotonic() - painting.away_since > painting.waits.outage:
            raise
        return None
    painting.away_since = None
    match state:
        case Completed(outputs=outputs):
            return _picture_of(painting, outputs)
        case Errored(failure=failure):
            raise PaintingFailed(
                f"{failure.node_type} failed on {painting.generation.server}: {failure.message.strip()}"
            )
        case WasInterrupted():
            raise PromptLost("Someone stopped it on the GPU server.")
        case Absent():
            raise PromptLost(f"{painting.generation.server} lost track of it.")
        case Waiting():
            painting.stirred_at = time.monotonic()
            if await rows(servers.is_stalled, painting.generation.server):
                await painting.link.client.cancel(painting.prompt_id)
                raise PromptLost(f"{painting.generation.server} is not working through its queue.")
        case Running():
            await _step(painting, Event.START)
            if painting.silences >= DEAF:
                painting.link.doubt()
            if time.monotonic() - painting.stirred_at > painting.waits.stall:
                await painting.link.client.cancel(painting.prompt_id)
                minutes = painting.waits.stall / 60
                raise PromptLost(f"{painting.generation.server} made no progress for {minutes:.0f} minutes.")
    return None


def _picture_of(painting: Painting, outputs: tuple[tuple[str, ImageRef], ...]) -> ImageRef:
    wanted = painting.generation.run.workflow.graph.output_node
    for node, ref in outputs:
        if node == wanted:
            return ref
    raise PaintingFailed(
        f"{painting.generation.server} finished without a picture. Try again with another seed."
    )


async def _preview(painting: Painting, image: bytes) -> None:
    painting.previews_seen += 1
    await asyncio.to_thread(previews.put, painting.generation.uid, image)
    _report(painting)


def _report(painting: Painting) -> None:
    now = time.monotonic()
    if now - painting.reported_at < REPORT_EVERY:
        return
    painting.reported_at = now
    reports.put(
        leases.Report.of(
            painting.generation,
            painting.worker,
            progress=painting.progress.fraction,
            step=painting.progress.step,
            preview_version=painting.previews_seen,
        )
    )


async def _fetch(painting: Painting, ref: ImageRef) -> Picture:
    """Fetch at once (temporary files go with a restart), check that it decodes, drop its metadata, store it."""
    generation = painting.generation
    raw = await painting.link.client.view(ref)
    try:
        clean = await pixels(processes.compute, clean_picture, raw)
    except BadPicture as fault:
        raise PromptLost(f"What {generation.server} sent cannot be read. {fault}") from fault
    key = storage.picture_key(generation.run.workspace.uid, generation.uid, generation.attempt)
    sha256 = await pixels(storage.put, key, clean.data)
    picture = Picture(
        workspace_id=generation.workspace_id,
        generation_id=generation.pk,
        attempt=generation.attempt,
        key=key,
        sha256=sha256,
        width=clean.width,
        height=clean.height,
        bytes=len(clean.data),
        simulated=bool(generation.server and generation.server.simulated),
        checkpoint=generation.checkpoint,
        server=str(generation.server or ""),
    )
    await rows(lifecycle.rendered, generation, picture, worker=painting.worker)
    if generation.server is not None:
        took = time.monotonic() - painting.began_at if painting.began_at is not None else None
        await rows(servers.note_success, generation.server, took)
    return picture
