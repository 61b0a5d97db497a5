"""One server's client and the one websocket this process holds to it; events are routed by prompt id.

Push is a hint: after every reconnect each follower is woken, and asks.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from runs.comfyui import Comfy, ComfyError, Endpoint
from runs.comfyui.events import Event

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.3, 5.0  # seconds between attempts to connect
DOUBTS_APART = 30.0  # seconds between two sockets that are given up because nothing comes


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The socket broke off or is back; what was said meanwhile is lost, so ask."""


type Inbox = asyncio.Queue[Event | Reconnected]


class Link:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client = Comfy(endpoint)
        self.client_id = uuid4().hex  # fresh for each process: an id that is taken over leaves its owner deaf
        self._followers: dict[str, Inbox] = {}
        self._connected = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._doubted_at = 0.0

    async def open(self) -> None:
        await self.client.__aenter__()
        self._listening = asyncio.create_task(self._listen(), name=f"socket of {self.endpoint.url}")

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.client.__aexit__(None, None, None)

    async def connected(self, patience: float) -> bool:
        """Wait a little for the socket: a prompt sent before it is open is told to nobody."""
        try:
            await asyncio.wait_for(self._connected.wait(), patience)
        except TimeoutError:
            return False
        return True

    def doubt(self) -> None:
        """A prompt runs and nothing is heard of it: take another socket, in case this one is dead."""
        loop = asyncio.get_running_loop()
        if self._listening is None or loop.time() - self._doubted_at < DOUBTS_APART:
            return
        self._doubted_at = loop.time()
        log.info("Nothing is heard from %s any more; its socket is opened anew", self.endpoint.url)
        self._listening.cancel()
        self._listening = asyncio.create_task(self._listen(), name=f"socket of {self.endpoint.url}")

    @contextmanager
    def follow(self, prompt_id: str) -> Iterator[Inbox]:
        """The events of one prompt; enter before it is sent."""
        inbox: Inbox = asyncio.Queue()
        self._followers[prompt_id] = inbox
        try:
            yield inbox
        finally:
            self._followers.pop(prompt_id, None)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self.client.events(self.client_id) as stream:
                    pause = FIRST_PAUSE
                    self._connected.set()
                    self._wake()
                    async for event in stream:
                        self._route(event)
            except ComfyError as gone:
                log.info("Socket of %s: %s", self.endpoint.url, gone)
            except Exception:
                # One strange frame must not leave every picture of this server without its events.
                log.exception("Socket of %s failed", self.endpoint.url)
            self._connected.clear()
            self._wake()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _wake(self) -> None:
        for inbox in self._followers.values():
            inbox.put_nowait(Reconnected())

    def _route(self, event: Event) -> None:
        prompt_id = getattr(event, "prompt_id", None)
        inbox = self._followers.get(prompt_id) if prompt_id else None
        if inbox is not None:
            inbox.put_nowait(event)
