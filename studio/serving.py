"""The web server of `manage.py studio`: uvicorn by default, daphne by choice, both around the same application.

Stop order: http first (requests under way are answered), then the engine, then the simulator; exit code 0.
"""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from django.conf import settings
from uvicorn.protocols.http.h11_impl import H11Protocol

from runs import leaving

GRACE = 8  # seconds for requests under way
HEAD_PATIENCE = 20.0  # seconds in which the head of a request has to be here


class PortTaken(Exception):
    """Something else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Bind before anything is started, so that a taken port costs nothing; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError as fault:
        sock.close()
        raise PortTaken(
            f"{host}:{port} is in use or not allowed ({fault.strerror}). Stop what listens there, or choose another "
            f"with PORT, for example PORT={port + 1}."
        ) from fault
    return sock


class Unhurried(H11Protocol):
    """uvicorn waits for ever for a request that was begun: a few thousand of those would take every socket."""

    patience = HEAD_PATIENCE
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look_again()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look_again()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def _look_again(self) -> None:
        """From the first moment of a head to its last; dribbling into it does not buy more time."""
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._late is None:
            self._late = self.loop.call_later(self.patience, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Uvicorn(uvicorn.Server):
    """uvicorn raises the signal again when it has stopped, which would end us before our own clean-up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Whoever balances the load hears of it first, and sends no more; a second signal does not wait."""
        again = leaving.told.is_set()
        leaving.told.set()
        end = super().handle_exit
        if again or not settings.DRAIN_SECONDS:
            end(sig, frame)
        else:
            asyncio.get_running_loop().call_later(settings.DRAIN_SECONDS, end, sig, frame)


def configure(application: Any, *, grace: int = GRACE) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Unhurried,
        proxy_headers=False,  # whoever calls from this machine could give any address as theirs
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # halves the memory of a socket; pages are small
        timeout_graceful_shutdown=grace,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


async def serve_uvicorn(application: Any, sock: socket.socket, ready: Any, *, grace: int = GRACE) -> None:
    """Start the engine, serve until a signal, stop in order."""
    try:
        await application.start()
        await asyncio.to_thread(ready)  # it reads and writes rows
        await _Uvicorn(configure(application, grace=grace)).serve(sockets=[sock])
    finally:
        await application.stop()


def serve_daphne(application: Any, sock: socket.socket, ready: Any) -> None:
    """The same under daphne: its reactor is the event loop in which the engine runs."""
    from daphne.http_protocol import HTTPFactory
    from daphne.server import Server
    from twisted.internet import reactor as installed
    from twisted.internet.defer import Deferred

    from studio.daphne_channel import UnhurriedChannel

    HTTPFactory.protocol = UnhurriedChannel  # the server makes its factory itself
    reactor: Any = installed  # its type is that of whatever reactor is installed
    failed: list[Exception] = []

    async def start() -> None:
        try:
            await application.start()
            await asyncio.to_thread(ready)
        except Exception as fault:
            failed.append(fault)
            reactor.stop()

    reactor.addSystemEventTrigger("before", "shutdown", leaving.told.set)
    reactor.callWhenRunning(lambda: asyncio.ensure_future(start()))
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(application.stop()))
    )
    Server(
        application=application,
        endpoints=[f"fd:fileno={sock.fileno()}"],
        signal_handlers=True,
        server_name="",
        application_close_timeout=GRACE,
    ).run()
    if failed:
        raise failed[0]
