"""The state of one simulated server: its models, disk, queue, sockets and switches. Everything else works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from runs.comfyui.events import QueueChanged
from runs.comfyui.protocol import Dialect

from .faults import Faults
from .files import Files
from .hub import Hub
from .nodes import NodeLibrary
from .queue import PromptQueue, Ticket

VERSIONS = {Dialect.V0_33: "0.33.0", Dialect.V0_3_64: "0.3.64"}


class Moment(StrEnum):
    """What an observer is told of each prompt; begun twice is paid for twice."""

    ACCEPTED = auto()
    STARTED = auto()
    ENDED = auto()


type Observer = Callable[[Moment, Ticket], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulated server is set up; times in seconds, sizes in bytes."""

    dialect: Dialect
    seconds_per_step: float
    load_seconds: float
    models: Mapping[str, Sequence[str]]
    max_upload_size: int
    previews: bool
    faults_over_http: bool
    observer: Observer | None = None


class Machine:
    """One server's memory. `restart` empties it as a crash does; files in output and input stay."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.files = Files()
        self.library = NodeLibrary(settings.dialect, settings.models, self.files)
        self.hub = Hub(self.faults)
        # One for a picture, one for previews beside it.
        self.painters = ThreadPoolExecutor(2, thread_name_prefix="painter")
        self.accepted: list[str] = []
        self.views: list[str] = []  # the names that /view was asked for
        self.executed: list[str] = []
        self.restart()

    @property
    def newer(self) -> bool:
        """Whether it speaks the 0.33 dialect."""
        return self.settings.dialect is Dialect.V0_33

    @property
    def version(self) -> str:
        """ComfyUI's version whose dialect it speaks."""
        return VERSIONS[self.settings.dialect]

    def restart(self) -> None:
        """As after kill -9: queue, history, cache and counter are gone, temp is empty (facts 48, 49)."""
        self.queue = PromptQueue(self._tell_remaining)
        self.number = 0
        self.cache: dict[str, Any] = {}
        self.loaded: set[str] = set()
        self.interrupted = asyncio.Event()
        self.client_id: Any = None
        self.current_node: str | None = None
        self.files.wipe("temp")

    def note(self, moment: Moment, ticket: Ticket) -> None:
        """A prompt has come so far."""
        if moment is Moment.ACCEPTED:
            self.accepted.append(ticket.prompt_id)
        elif moment is Moment.STARTED:
            self.executed.append(ticket.prompt_id)
        if self.settings.observer is not None:
            self.settings.observer(moment, ticket)

    def features(self) -> dict[str, Any]:
        """What the server can do: GET /features and the answer to a client's feature_flags (D2)."""
        size = self.settings.max_upload_size
        if not self.newer:
            return {"supports_preview_metadata": True, "max_upload_size": size}
        return {
            "supports_preview_metadata": True,
            "supports_model_type_tags": True,
            "max_upload_size": size,
            "extension": {"manager": {"supports_v4": True}},
            "node_replacements": True,
            "assets": False,
        }

    def interrupt(self, prompt_id: str | None = None) -> bool:
        """Ask the running prompt to stop; with an id only if it is that one (fact 29). Says whether it asked."""
        running = self.queue.running
        if prompt_id is not None and (running is None or running.prompt_id != prompt_id):
            return False
        self.interrupted.set()
        return running is not None

    def _tell_remaining(self) -> None:
        self.hub.send(QueueChanged(self.queue.remaining))
