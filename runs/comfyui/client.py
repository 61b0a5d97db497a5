"""The client of one ComfyUI server. Both recorded versions are spoken; a probe tells them apart.

The engine holds one `Comfy` a server. Nothing here tries twice: callers decide, by `permanent`.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

from runs.comfyui import finding, probing
from runs.comfyui.endpoint import MEBIBYTE, Endpoint, Timeouts
from runs.comfyui.errors import (
    BadOutput,
    ComfyError,
    OutputMissing,
    PromptRefused,
    refused,
)
from runs.comfyui.events import Event
from runs.comfyui.files import check_plain
from runs.comfyui.http import Http
from runs.comfyui.probing import ServerInfo
from runs.comfyui.prompt_state import PromptState
from runs.comfyui.protocol import (
    HistoryEntry,
    ImageRef,
    NodeInfo,
    PromptAccepted,
    PromptRefusal,
    Queue,
    Route,
    SystemStats,
    Uploaded,
    job_cancel_path,
    object_info_path,
    parse_object_info,
)
from runs.comfyui.reading import as_object
from runs.comfyui.stream import open_stream
from runs.comfyui.submission import check_client_id, check_kept, check_prompt_id, half_refused, request_for

CHECKPOINT_LOADER = "CheckpointLoaderSimple"
MAX_PICTURE = 64 * MEBIBYTE

log = logging.getLogger(__name__)


class Comfy:
    """One server, over HTTP; `events` opens a websocket beside it. Use it as an async context manager.

    Every method raises a ComfyError: ServerUnreachable, ServerTimeout, ServerFault, AccessRefused, NotComfyUI
    or ProtocolViolation where nothing else is said. A prompt_id is a canonical UUID (ValueError).
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts | None = None) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts or Timeouts()
        self._http = Http(endpoint, self.timeouts)
        self._info: ServerInfo | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def probe(self) -> ServerInfo:
        """Ask what is there, and remember it; NotComfyUI when it is something else."""
        self._info = await probing.probe(self._http)
        return self._info

    async def submit(
        self,
        graph: Mapping[str, Any],
        *,
        prompt_id: str,
        client_id: str,
        extra_data: Mapping[str, Any] | None = None,
        previews: bool = True,
    ) -> PromptAccepted:
        """Queue a graph under our own id; its events go to the websocket of `client_id` (fact 32).

        Open the websocket first, for nothing is told twice (fact 20). Servers do not refuse an id they have
        had (fact 39): after an unclear end, `find` before sending again. Raises PromptRefused (MissingNode,
        MissingModel), TooLarge, UnsupportedVersion.
        """
        dialect = (await self._known()).dialect
        request = request_for(graph, prompt_id, client_id, extra_data, previews, dialect)
        answer = await self._http.post(Route.PROMPT, request.to_json(), also=(400,))
        if answer.status == 400:
            raise await self._refusal(PromptRefusal.parse(answer.json()))
        accepted = PromptAccepted.parse(answer.json())
        if accepted.node_errors:
            await self._take_back(accepted.prompt_id)
            raise await self._refusal(half_refused(accepted.node_errors))
        if accepted.prompt_id != prompt_id:
            await self._take_back(accepted.prompt_id)
        return check_kept(accepted, prompt_id, self.endpoint.url)

    async def find(self, prompt_id: str) -> PromptState:
        """Where a prompt is now. This is the truth; events are a hint. Raises UnsafeName for a bad output."""
        check_prompt_id(prompt_id)
        if (await self._known()).jobs_api:
            found = await finding.in_jobs(self._http, prompt_id)
            if found is not None:
                return found
            self._info = None  # perhaps an older server has taken its place
        return await finding.in_queue(self._http, prompt_id)

    async def queue(self) -> Queue:
        """What runs and waits on the server, other people's prompts included."""
        return await finding.queue(self._http)

    async def history(self, prompt_id: str) -> HistoryEntry | None:
        """The entry of an ended prompt; None while it waits or runs, and for an unknown id alike (fact 7)."""
        return await finding.history(self._http, check_prompt_id(prompt_id))

    async def ended(self, most: int) -> list[str]:
        """The ids of the newest ended prompts, other people's included."""
        answer = await self._http.get(Route.HISTORY, {"max_items": str(most)})
        return list(as_object(answer.json(), "history"))

    async def view(self, ref: ImageRef, max_bytes: int = MAX_PICTURE) -> bytes:
        """The bytes of a picture, not yet known to decode. Raises OutputMissing (fact 17), BadOutput."""
        answer = await self._http.get(Route.VIEW, ref.to_json(), cap=max_bytes, also=(404,))
        if answer.status == 404:
            raise OutputMissing(
                f"{ref.filename} is no longer on {self.endpoint.url}. Make the picture again."
            )
        if not answer.body or answer.content_type.startswith(("text/", "application/json")):
            raise BadOutput(f"{self.endpoint.url} gave no picture for {ref.filename}. Make it again.")
        return answer.body

    async def upload(self, name: str, data: bytes, overwrite: bool = False) -> str:
        """Put a picture into the server's input folder; the name to use in LoadImage is the returned one.

        The server renames when that name is taken by other content (fact 44). Raises UnsafeName, TooLarge.
        """
        check_plain(name, "/")
        form = {"overwrite": "true"} if overwrite else {}
        answer = await self._http.post_file(Route.UPLOAD_IMAGE, name, data, form)
        return check_plain(Uploaded.parse(answer.json()).value)

    async def cancel(self, prompt_id: str) -> PromptState:
        """Take a prompt out of the queue or interrupt it, touching no other; returns where it is after that.

        It may still be Running: a node ends only at its next progress tick, or even well (facts 30, D4, D25).
        """
        check_prompt_id(prompt_id)
        if not (await self._known()).jobs_api or not await self._cancel_job(prompt_id):
            await self.delete(prompt_id)
            # Only when it runs: versions before 0.3.64 interrupt whatever runs.
            if (await self.queue()).runs(prompt_id):
                await self.interrupt(prompt_id)
        return await self.find(prompt_id)

    async def interrupt(self, prompt_id: str) -> None:
        """Stop that prompt if it is running; a waiting or unknown one is left alone (fact 29)."""
        await self._http.post(Route.INTERRUPT, {"prompt_id": check_prompt_id(prompt_id)})

    async def delete(self, prompt_id: str) -> None:
        """Take that prompt out of the queue if it is waiting; a running one goes on (fact 31)."""
        await self._http.post(Route.QUEUE, {"delete": [check_prompt_id(prompt_id)]})

    async def forget(self, prompt_id: str) -> None:
        """Delete the history entry of that prompt. Its files stay."""
        await self._http.post(Route.HISTORY, {"delete": [check_prompt_id(prompt_id)]})

    async def object_info(self, node_class: str) -> NodeInfo | None:
        """What the server knows of a node class; None when it is not installed."""
        answer = await self._http.get(object_info_path(node_class))
        return parse_object_info(answer.json()).get(node_class)

    async def checkpoints(self) -> tuple[str, ...]:
        """The model files there, sorted by name. That one is listed does not prove it loads (fact 27)."""
        info = await self.object_info(CHECKPOINT_LOADER)
        return tuple(sorted(info.choices("ckpt_name"))) if info else ()

    async def clock(self) -> datetime | None:
        """What the server takes for the time; None where it does not say."""
        answer = await self._http.get(Route.SYSTEM_STATS)
        try:
            return parsedate_to_datetime(answer.date).replace(tzinfo=UTC)
        except ValueError:
            return None

    async def system_stats(self) -> SystemStats:
        """Version, devices and free memory."""
        return await probing.system_stats(self._http)

    def events(self, client_id: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """One websocket: `async with comfy.events(id) as events: async for event in events`.

        When the connection ends the iterator raises ServerUnreachable. Close it before you open another with
        the same id, or the newer one goes deaf (fact 35); filter by prompt_id, for some events are broadcast
        (fact 33); nothing missed is told again, so `find` each open prompt after a reconnect (fact 34).
        """
        return open_stream(self.endpoint, self.timeouts, check_client_id(client_id))

    async def _known(self) -> ServerInfo:
        return self._info or await self.probe()

    async def _cancel_job(self, prompt_id: str) -> bool:
        """Whether the server has the route: then one call does both, atomically (D23)."""
        answer = await self._http.post(job_cancel_path(prompt_id), {}, also=(404, 405))
        return answer.status == 200

    async def _take_back(self, prompt_id: str) -> None:
        try:
            await self.cancel(prompt_id)
        except (ComfyError, ValueError) as error:
            log.warning("A prompt could not be taken back from %s: %s", self.endpoint.url, error)

    async def _refusal(self, refusal: PromptRefusal) -> PromptRefused:
        """The error of a refusal. Lists of over 20 choices are left out by the server, so we ask for them."""
        model = refusal.missing_model
        choices = model.choices if model else ()
        if model and not choices and model.class_type and model.input_name:
            try:
                info = await self.object_info(model.class_type)
                choices = info.choices(model.input_name) if info else ()
            except ComfyError as error:
                log.info("%s did not say what it has: %s", self.endpoint.url, error)
        return refused(self.endpoint.url, refusal, choices)
