"""The simulator's websockets: who is registered under which id, and the one loop that publishes to them.

As in the real server there is a single queue of messages, sent one after the other: a socket that does not read stalls
all (fact 37), the newest socket owns its id, and closing the older one makes the newer deaf (fact 35).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runs.comfyui.events import Event, Preview
from runs.comfyui.protocol import encode

from .faults import Faults
from .http import Send


@dataclass(eq=False, slots=True)
class Socket:
    """One open websocket and what its client said it can do."""

    sid: str
    send: Send
    flags: Mapping[str, Any] = field(default_factory=dict)

    async def tell(self, event: Event) -> None:
        """Send one event; a client that is gone is no error."""
        if isinstance(event, Preview) and not self.wants_metadata:
            event = replace(event, prompt_id=None, node=None)
        frame = encode(event)
        kind = "bytes" if isinstance(frame, bytes) else "text"
        with contextlib.suppress(OSError):
            await self.send({"type": "websocket.send", kind: frame})

    @property
    def wants_metadata(self) -> bool:
        """Whether previews go out with their prompt and node (event type 4)."""
        return bool(self.flags.get("supports_preview_metadata"))


class Hub:
    """All sockets. `publish` runs as a task beside the server."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._messages: asyncio.Queue[tuple[Event, str | None]] = asyncio.Queue()
        self.sockets: dict[str, Socket] = {}

    def register(self, socket: Socket) -> None:
        """The newest socket of an id gets its events."""
        self.sockets[socket.sid] = socket

    def leave(self, socket: Socket) -> None:
        """A socket has closed. The id goes with it, even if a newer socket owns it by now: recorded so (fact 35)."""
        self.sockets.pop(socket.sid, None)

    def deafen(self) -> int:
        """Let all present sockets stay open and hear nothing any more. Returns how many they are."""
        present = len(self.sockets)
        self.sockets.clear()
        return present

    def send(self, event: Event, to: Any = None) -> None:
        """Queue an event for one client id, or with None for everybody."""
        self._messages.put_nowait((event, to))

    def sends_metadata_to(self, client_id: Any) -> bool:
        """Whether previews go to that client with prompt and node; in a broadcast they never do (fact 33)."""
        socket = self.sockets.get(client_id) if isinstance(client_id, str) else None
        return socket is not None and socket.wants_metadata

    def is_heard(self, client_id: Any) -> bool:
        """Whether anybody would receive an event for that client id."""
        return bool(self.sockets) if client_id is None else client_id in self.sockets

    async def publish(self) -> None:
        """Send what is queued, one message and one socket at a time, for ever."""
        while True:
            event, to = await self._messages.get()
            for socket in self._receivers(to):
                if not self._faults.silent:
                    await socket.tell(_without_identity(event) if to is None else event)

    def _receivers(self, to: Any) -> list[Socket]:
        if to is None:
            return list(self.sockets.values())
        found = self.sockets.get(to) if isinstance(to, str) else None
        return [found] if found else []


def _without_identity(event: Event) -> Event:
    return replace(event, prompt_id=None, node=None) if isinstance(event, Preview) else event
