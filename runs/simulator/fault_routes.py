"""Faults over HTTP for a simulator that stands alone: POST /simulator/faults {"fault": "slow", "factor": 3}."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from .errors import UnknownFault
from .http import Request, Response, empty, json_answer, not_found

FAULTS_PATH = "/simulator/faults"
CUTTING = ("restart_empty",)  # faults that end HTTP connections too

type Fault = Callable[..., Awaitable[None] | int | None]


class FaultDesk:
    """Takes orders to misbehave. Without being `open` the path does not exist."""

    def __init__(self, faults: Mapping[str, Fault], *, is_open: bool) -> None:
        self._faults, self._open = faults, is_open
        self._postponed: list[Callable[[], Awaitable[int | None]]] = []

    async def after_the_answer(self) -> None:
        """Do what would have cut the connection of the one who ordered it."""
        while self._postponed:
            await self._postponed.pop()()

    async def answer(self, request: Request) -> Response:
        """GET lists the faults, POST brings one about: 200 with how much it hit where that is counted, or 400 with a
        sentence.
        """
        if not self._open:
            return not_found()
        if request.method == "GET":
            return json_answer({"faults": {name: _arguments(fault) for name, fault in self._faults.items()}})
        try:
            hit = await self._do(request.json())
        except (UnknownFault, ValueError) as error:
            return json_answer({"error": str(error)}, 400)
        return empty() if hit is None else json_answer({"hit": hit})

    async def _do(self, order: Any) -> int | None:
        if not isinstance(order, dict) or order.get("fault") not in self._faults:
            raise UnknownFault(f"Name a fault: {', '.join(sorted(self._faults))}.")
        name = order["fault"]
        arguments = {key: value for key, value in order.items() if key != "fault"}
        fault = self._faults[name]
        try:
            inspect.signature(fault).bind(**arguments)
        except TypeError as error:
            raise UnknownFault(
                f"“{name}” takes {', '.join(_arguments(fault)) or 'nothing'}: {error}."
            ) from error
        if name in CUTTING:
            self._postponed.append(partial(_done, fault, arguments))
            return None
        return await _done(fault, arguments)


async def _done(fault: Fault, arguments: Mapping[str, Any]) -> int | None:
    done = fault(**arguments)
    if inspect.isawaitable(done):
        await done
        return None
    return done


def _arguments(fault: Fault) -> list[str]:
    return list(inspect.signature(fault).parameters)
