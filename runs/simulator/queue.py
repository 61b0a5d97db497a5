"""The prompt queue and the history: a heap with ComfyUI's rules, one running prompt, 10,001 finished ones.

The worker takes from it, the routes read and change it. All in one event loop.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runs.comfyui.events import Event
from runs.comfyui.protocol import HistoryEntry, Outcome, Queue, QueueItem

HISTORY_LIMIT = 10_000  # checked before one more goes in, so 10,001 stay (fact 51)
SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A prompt as the queue holds it."""

    number: float
    prompt_id: str
    graph: dict[str, Any]
    extra_data: Any
    outputs: tuple[str, ...]

    def __lt__(self, other: Ticket) -> bool:
        # As the real server's tuples: the same number and id end at two dicts, which have no order (fact 40).
        return (self.number, self.prompt_id, self.graph, _Unordered()) < (
            other.number, other.prompt_id, other.graph, _Unordered(),
        )  # fmt: skip

    def shown(self) -> QueueItem:
        """As `/queue` lists it."""
        return QueueItem(self.number, self.prompt_id, self.graph, self.extra_data, self.outputs)


class _Unordered:
    """Two of these have no order either, even when the graphs are equal."""


class PromptQueue:
    """`changed` is called after every change of the number of prompts, as the server then tells all sockets."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._heap: list[Ticket] = []
        self._waiter = asyncio.Event()
        self.running: Ticket | None = None
        self.history: dict[str, HistoryEntry] = {}

    @property
    def remaining(self) -> int:
        """How many wait or run; the number in each `status` message."""
        return len(self._heap) + (self.running is not None)

    @property
    def pending(self) -> Sequence[Ticket]:
        """The heap as it lies, which is not the order of running (fact 42)."""
        return self._heap

    def put(self, ticket: Ticket) -> None:
        """Queue a prompt; raises TypeError for the same number and id twice, and has queued it all the same."""
        try:
            heapq.heappush(self._heap, ticket)
        finally:
            self._waiter.set()
        self._changed()

    async def filled(self) -> None:
        """Wait until something is pending."""
        while not self._heap:
            self._waiter.clear()
            await self._waiter.wait()

    def take(self) -> Ticket:
        """Mark the next prompt running; raises TypeError as `put` does."""
        self.running = heapq.heappop(self._heap)
        self._changed()
        return self.running

    def finish(
        self, ticket: Ticket, outputs: Mapping[str, Any], outcome: Outcome, messages: Sequence[Event]
    ) -> None:
        """Move the running prompt to the history."""
        if len(self.history) > HISTORY_LIMIT:
            self.history.pop(next(iter(self.history)))
        extra = ticket.extra_data
        if isinstance(extra, dict):
            extra = {key: value for key, value in extra.items() if key not in SECRETS}
        item = QueueItem(ticket.number, ticket.prompt_id, ticket.graph, extra, ticket.outputs)
        self.history.pop(ticket.prompt_id, None)
        self.history[ticket.prompt_id] = HistoryEntry(item, dict(outputs), outcome, tuple(messages))
        self.running = None
        self._changed()

    def delete(self, prompt_id: str) -> bool:
        """Take one pending prompt out; with the id twice one of them stays."""
        for ticket in self._heap:
            if ticket.prompt_id == prompt_id:
                self._heap.remove(ticket)
                heapq.heapify(self._heap)
                self._changed()
                return True
        return False

    def clear(self) -> None:
        """Forget all pending prompts; the running one goes on."""
        self._heap.clear()
        self._changed()

    def forget_all(self) -> None:
        """Lose everything that waits or runs, as a crashed server does; history stays."""
        self._heap.clear()
        self.running = None
        self._changed()

    def shown(self) -> dict[str, Any]:
        """The answer of GET /queue."""
        running = (self.running.shown(),) if self.running else ()
        return Queue(running, tuple(ticket.shown() for ticket in self._heap)).to_json()

    def part_of_history(self, max_items: int | None = None, offset: int = -1) -> dict[str, Any]:
        """The answer of GET /history: all, or the newest, or so many from an offset (protocol, section 2)."""
        if offset < 0 and max_items is not None:
            offset = len(self.history) - max_items
        chosen: dict[str, Any] = {}
        for index, (prompt_id, entry) in enumerate(self.history.items()):
            if index >= offset:
                chosen[prompt_id] = entry.to_json()
                if max_items is not None and len(chosen) >= max_items:
                    break
        return chosen
