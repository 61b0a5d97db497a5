"""The one worker: takes prompts from the queue, runs their nodes and tells of it as ComfyUI does (facts 2, 15, 25).

One `Worker` per server, one `Run` per prompt. Heavy work is done in the painters' threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runs.comfyui.events import (
    Event,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStarted,
    ExecutionSucceeded,
    NodeOutput,
    NodeProgress,
    NodesCached,
    NodeStarted,
    PromptEnded,
)
from runs.comfyui.protocol import Outcome

from .behaviours import BEHAVIOURS
from .machine import Machine, Moment
from .progress import Interrupted, Ticker
from .queue import Ticket
from .work import Node, NodeFailed, Painting, Pictures, Result

log = logging.getLogger(__name__)


class Worker:
    """Runs one prompt after the other until it is cancelled, or dies as the real one can (facts 40, 41)."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def run(self) -> None:
        """Work for ever."""
        machine = self._machine
        while True:
            await machine.queue.filled()
            if machine.faults.zombie:
                await asyncio.sleep(0.01)
                continue
            try:
                ticket = machine.queue.take()
                run = Run(machine, ticket)
            except TypeError:
                log.warning("The simulator's worker is dead, as a real one would be: nothing runs any more.")
                return
            machine.note(Moment.STARTED, ticket)
            await run.execute()


class Run:
    """One prompt on its way through the machine. It is the `Desk` of its nodes."""

    def __init__(self, machine: Machine, ticket: Ticket) -> None:
        self._machine, self._ticket = machine, ticket
        self.files, self.graph, self.extra_data = machine.files, ticket.graph, ticket.extra_data
        self._client = _client_of(ticket.extra_data)
        self._ticker = Ticker(machine, ticket.prompt_id, self._client, ticket.extra_data)
        self._signatures = dict(_signatures(ticket.graph, machine))
        self._results: dict[str, Result] = {}
        self._executed: list[str] = []
        self._outputs: dict[str, Any] = {}
        self._messages: list[Event] = []
        self._node = ""

    async def execute(self) -> None:
        """Run the prompt to its end; whatever happens to it ends up in the history."""
        machine, ticket = self._machine, self._ticket
        machine.interrupted.clear()
        machine.client_id, machine.current_node = self._client, None
        self._note(ExecutionStarted(ticket.prompt_id, _now()))
        self._keep_cache()
        cached = tuple(node for node in ticket.graph if self._signatures.get(node) in machine.cache)
        self._note(NodesCached(ticket.prompt_id, cached, _now()))
        outcome = await self._run_nodes()
        machine.current_node = None
        machine.queue.finish(ticket, self._outputs, outcome, self._messages)
        machine.note(Moment.ENDED, ticket)
        if self._client is not None:
            machine.hub.send(PromptEnded(ticket.prompt_id), self._client)

    async def _run_nodes(self) -> Outcome:
        try:
            for node in self._order():
                await self._run_node(node)
            self._show_intermediates()
        except Interrupted:
            where = self._ticket.prompt_id, self._node, self.graph[self._node]["class_type"]
            self._note(ExecutionInterrupted(*where, _now(), tuple(self._executed)), broadcast=True)
            return Outcome.ERROR
        except Exception as error:  # whatever a node raises is that prompt's failure, as in the real server
            log.debug("A simulated node failed.", exc_info=True)
            self._note(self._failure(error))
            return Outcome.ERROR
        self._keep_cache()
        self._note(ExecutionSucceeded(self._ticket.prompt_id, _now()))
        return Outcome.SUCCESS

    def _failure(self, error: Exception) -> ExecutionFailed:
        kind = error.kind if isinstance(error, NodeFailed) else type(error).__name__
        where = self._ticket.prompt_id, self._node, self.graph[self._node]["class_type"]
        return ExecutionFailed(*where, str(error), kind, _now(), tuple(self._executed))

    def _order(self) -> Iterator[str]:
        """The nodes that must run, each after its sources; output nodes as soon as they can."""
        needed = self._needed()
        while needed:
            ready = [node for node in needed if not any(source in needed for source in self._sources(node))]
            ready.sort(key=lambda node: not self._machine.library.is_output(self.graph[node]["class_type"]))
            needed.remove(ready[0])
            yield ready[0]

    def _needed(self) -> list[str]:
        wanted, found = list(self._ticket.outputs), set[str]()
        while wanted:
            node = wanted.pop()
            if node not in found:
                found.add(node)
                if self._signatures[node] not in self._machine.cache:
                    wanted.extend(self._sources(node))
        return [node for node in self.graph if node in found and self._must_run(node)]

    def _must_run(self, node: str) -> bool:
        return node in self._ticket.outputs or self._signatures[node] not in self._machine.cache

    def _sources(self, node: str) -> list[str]:
        return [value[0] for value in self.graph[node]["inputs"].values() if isinstance(value, list)]

    async def _run_node(self, node: str) -> None:
        self._node = node
        if (cached := self._machine.cache.get(self._signatures[node])) is not None:
            self._take_cached(node, cached)
            return
        self._machine.current_node = node
        self._ticker.place(node, NodeProgress(0.0, 1.0, "running"))
        if self._client is not None:
            self._machine.hub.send(NodeStarted(self._ticket.prompt_id, node), self._client)
        await self._ticker.held()
        self._ticker.check()
        result = await self._behave(node)
        self._results[node] = self._machine.cache[self._signatures[node]] = result
        self._show(node, result)
        self._executed.append(node)
        self._ticker.finish(node)

    async def _behave(self, node: str) -> Result:
        kind = self.graph[node]["class_type"]
        if kind in self._machine.faults.broken:
            breakdown = self._machine.faults.broken[kind]
            raise NodeFailed(breakdown.message, breakdown.exception_type)
        values = {name: self._value(value) for name, value in self.graph[node]["inputs"].items()}
        made = BEHAVIOURS[kind](Node(node, kind, values, self, self._machine.newer))
        return made if isinstance(made, Result) else await made

    def _value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        source, slot = value
        result = self._results.get(source) or self._machine.cache[self._signatures[source]]
        return result.values[slot]

    def _take_cached(self, node: str, result: Result) -> None:
        self._show(node, result)
        if result.ui is not None:
            self._ticker.place(node, NodeProgress(1, 1, "finished"))

    def _show(self, node: str, result: Result) -> None:
        if result.ui is None:
            return
        output = self._misnamed(result.ui)
        self._outputs[node] = output
        if self._client is not None:
            self._machine.hub.send(NodeOutput(self._ticket.prompt_id, node, output), self._client)

    def _misnamed(self, ui: Mapping[str, Any]) -> Mapping[str, Any]:
        name = self._machine.faults.misname
        if name is None or "images" not in ui:
            return ui
        return {**ui, "images": [{**image, "filename": name} for image in ui["images"]]}

    def _show_intermediates(self) -> None:
        """Cached nodes that show themselves come last (D7); the older server also lists outputs not asked for (D6)."""
        for node in self.graph:
            cached = self._machine.cache.get(self._signatures.get(node, ""))
            if cached is None or cached.ui is None or node in self._outputs:
                continue
            if self._machine.library.shows_itself(self.graph[node]["class_type"]):
                self._show(node, cached)
            elif not self._machine.newer:
                self._outputs[node] = cached.ui

    def _keep_cache(self) -> None:
        """Only the latest prompt's nodes stay (fact 19). The older server drops the others before a prompt begins, the
        newer one when nodes of the prompt have run to its good end, so that a failure keeps them (D8).
        """
        if self._executed or not self._machine.newer:
            used = set(self._signatures.values())
            cache = self._machine.cache
            self._machine.cache = {key: result for key, result in cache.items() if key in used}

    def _note(self, event: Event, *, broadcast: bool = False) -> None:
        """Keep an event for the history and tell the prompt's client; without a client only a broadcast is sent."""
        self._messages.append(event)
        if self._client is not None or broadcast:
            self._machine.hub.send(event, self._client)

    async def load(self, name: str) -> None:
        if name not in self._machine.loaded:
            await asyncio.sleep(self._machine.settings.load_seconds * self._machine.faults.slowness)
            self._machine.loaded.add(name)

    async def sample(self, job: Painting) -> Pictures:
        return await self._ticker.sample(self._node, job)

    async def show(self, pictures: Pictures) -> None:
        await self._ticker.show(self._node, pictures)

    async def aside[Made](self, make: Callable[[], Made]) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._machine.painters, make)


def _client_of(extra_data: Any) -> Any:
    """Whose prompt it is. Raises TypeError for null, and the worker is dead: so it is in 0.3.64 (fact 41)."""
    if extra_data is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return extra_data.get("client_id") if isinstance(extra_data, dict) else None


def _signatures(graph: Mapping[str, Any], machine: Machine) -> Iterator[tuple[str, str]]:
    """What a node's result depends on: its class, its values, and the same of all its sources."""
    known: dict[str, str] = {}

    def signature(node: str) -> str:
        if node not in known:
            inputs = graph[node]["inputs"]
            parts = {name: _part(value, signature) for name, value in inputs.items()}
            if graph[node]["class_type"] == "LoadImage":
                file = machine.files.annotated(str(inputs.get("image")))
                parts["file"] = hashlib.sha256(file.data).hexdigest() if file else ""
            text = json.dumps([graph[node]["class_type"], parts], sort_keys=True, default=str)
            known[node] = hashlib.sha256(text.encode()).hexdigest()
        return known[node]

    for node in graph:
        try:
            yield node, signature(node)
        except (KeyError, TypeError, AttributeError, RecursionError):
            continue  # a node of an output that failed validation; it will not run


def _part(value: Any, signature: Callable[[str], str]) -> Any:
    return [signature(value[0]), value[1]] if isinstance(value, list) else value


def _now() -> int:
    return int(time.time() * 1000)
