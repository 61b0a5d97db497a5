"""A simulated ComfyUI server that runs inside an event loop: the default engine and the far end of the tests.

simulator = Simulator(seconds_per_step=0.01)
url = await simulator.start()
simulator.fail_on("KSampler")
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from runs.comfyui.events import ProgressText
from runs.comfyui.protocol import Dialect

from .app import Application
from .errors import CannotListen, PortTaken
from .executor import Worker
from .fault_routes import FaultDesk
from .faults import Breakdown, Spoilt
from .machine import Machine, Observer, Settings

CHECKPOINTS = (
    "simulated-studio.safetensors",
    "sd_xl_base_1.0.safetensors",
    "v1-5-pruned-emaonly.safetensors",
)
MAX_UPLOAD = 100 * 2**20
KEEP_ALIVE = 75  # seconds, as the real server's


class Simulator:
    """ComfyUI's protocol without a GPU. Not for use from another thread than its event loop's.

    dialect: which recorded version it speaks. seconds_per_step: how long a sampler's step takes. checkpoints: the
    model files it has. load_seconds: what the first use of a model costs. models: files of other model folders, by
    ComfyUI's folder names ("loras", "vae", …). previews: whether it sends previews unless a prompt says otherwise.
    max_upload_size: bytes of a request body. faults: whether POST /simulator/faults is there. observer: told of every
    prompt that is accepted, begun or ended.
    """

    def __init__(
        self,
        *,
        dialect: Dialect = Dialect.V0_33,
        seconds_per_step: float = 0.05,
        checkpoints: Sequence[str] = CHECKPOINTS,
        load_seconds: float = 0.2,
        models: Mapping[str, Sequence[str]] | None = None,
        previews: bool = True,
        max_upload_size: int = MAX_UPLOAD,
        faults: bool = False,
        observer: Observer | None = None,
    ) -> None:
        self._settings = Settings(
            dialect=dialect,
            seconds_per_step=seconds_per_step,
            load_seconds=load_seconds,
            models={**(models or {}), "checkpoints": tuple(checkpoints)},
            max_upload_size=max_upload_size,
            previews=previews,
            faults_over_http=faults,
            observer=observer,
        )
        self._state = ServerState()
        self._listener: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._worker: asyncio.Task[None] | None = None
        self._address = ("", 0)
        self._machine: Machine | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, with port 0 on any free one, and return the URL. Raises CannotListen; RuntimeError if it runs."""
        if self._listener is not None:
            raise RuntimeError(f"The simulator runs already at {self.url}.")
        machine = self._machine = Machine(self._settings)
        desk = FaultDesk(self._faults_by_name(), is_open=self._settings.faults_over_http)
        config = uvicorn.Config(
            Application(machine, desk, self._cut),
            http=H11Protocol,
            ws=WebSocketsSansIOProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            ws_ping_interval=None,  # the real server sends no pings (fact 38)
            timeout_keep_alive=KEEP_ALIVE,
            server_header=False,
        )
        config.load()
        await self._listen(config, host, port)
        self._tasks = [asyncio.create_task(machine.hub.publish(), name="simulator publishes")]
        self._start_worker()
        return self.url

    async def _listen(self, config: uvicorn.Config, host: str, port: int) -> None:
        # uvicorn's protocol without its Server: that one takes the process's signals, and ends sockets politely.
        loop = asyncio.get_running_loop()

        def connection() -> asyncio.Protocol:
            return H11Protocol(config=config, server_state=self._state, app_state={}, _loop=loop)

        try:
            self._listener = await loop.create_server(connection, host, port, reuse_address=True)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(host, port) from error
            raise CannotListen(host, port, error.strerror or str(error)) from error
        bound: socket.socket = self._listener.sockets[0]
        self._address = (host, bound.getsockname()[1])

    async def stop(self) -> None:
        """Stop as after kill -9: sockets end without a close frame (fact 49). Without effect when it does not run."""
        if self._listener is None or self._machine is None:
            return
        listener, self._listener = self._listener, None
        listener.close()
        await self._drop_all()
        await self._end(*self._tasks, *([self._worker] if self._worker else []), *self._state.tasks)
        await listener.wait_closed()
        self._machine.painters.shutdown(wait=False, cancel_futures=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where it listens, e.g. http://127.0.0.1:34567."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def machine(self) -> Machine:
        """Its inside, for tests that must look closer; raises RuntimeError before the start."""
        if self._machine is None:
            raise RuntimeError("The simulator has not been started.")
        return self._machine

    @property
    def pictures_asked_for(self) -> tuple[str, ...]:
        """The file names that were asked for by /view, whatever came of it."""
        return tuple(self.machine.views)

    @property
    def prompts_accepted(self) -> tuple[str, ...]:
        """The ids of all prompts it has queued, in their order, restarts included."""
        return tuple(self.machine.accepted)

    @property
    def executed(self) -> tuple[str, ...]:
        """The ids of all prompts whose execution has begun, in their order; twice if it ran twice."""
        return tuple(self.machine.executed)

    @property
    def sockets(self) -> tuple[str, ...]:
        """The client ids of the sockets that get events."""
        return tuple(self.machine.hub.sockets)

    def fail_on(
        self, node_class: str, message: str = "simulated failure", exception_type: str = "RuntimeError"
    ) -> None:
        """Let every node of that class fail with execution_error."""
        self.machine.faults.broken[node_class] = Breakdown(message, exception_type)

    def go_silent(self) -> None:
        """Say nothing on any socket; HTTP and the work go on."""
        self.machine.faults.silent = True

    def slow(self, factor: float) -> None:
        """Let everything take so many times as long."""
        self.machine.faults.slowness = float(factor)

    async def lose_queue(self) -> None:
        """Forget what runs and what waits, without a word and without history."""
        await self._stop_worker()
        self.machine.queue.forget_all()
        self._start_worker()

    async def restart_empty(self) -> None:
        """Die and come back at once at the same address: queue, history, cache and numbers gone (fact 49)."""
        await self._stop_worker()
        await self._drop_all()
        self.machine.restart()
        self._start_worker()

    def corrupt_output(self) -> None:
        """Hand out every file from /view cut in half."""
        self.machine.faults.corrupt = True

    def deaf_socket(self) -> int:
        """Let the sockets that are open now stay open and never hear anything again (fact 35); how many they are."""
        return self.machine.hub.deafen()

    def zombie_worker(self) -> None:
        """Accept prompts and run none of them (fact 40)."""
        self.machine.faults.zombie = True

    def cut_sockets(self) -> int:
        """Break all websockets off without a close frame: a client sees 1006. Returns how many there were."""
        connections = [one for one in self._state.connections if isinstance(one, WebSocketsSansIOProtocol)]
        for connection in connections:
            connection.transport.abort()
        return len(connections)

    def refuse(self, status: int) -> None:
        """Answer every request and handshake with that status."""
        self.machine.faults.refusal = int(status)

    def lose_answer(self, times: int = 1) -> None:
        """Queue the next prompts and cut their connections instead of answering."""
        self.machine.faults.lose_answers = int(times)

    def spoil_answers(self, path: str, status: int = 502, times: int = 1) -> None:
        """Do what the next requests to paths with that end ask, and answer with that status, as a proxy may."""
        self.machine.faults.spoilt = Spoilt(path, int(status), int(times))

    def misname_outputs(self, filename: str = "../../etc/passwd") -> None:
        """List outputs under that file name."""
        self.machine.faults.misname = filename

    def say(self, node: str, text: str) -> None:
        """Send a line of text about a node to all sockets (fact 13)."""
        self.machine.hub.send(ProgressText(node, text))

    def hold(self) -> None:
        """Stop before the next step or node until `release`; an interrupt is still noticed."""
        self.machine.faults.released.clear()

    def release(self) -> None:
        """Go on."""
        self.machine.faults.released.set()

    def heal(self) -> None:
        """Undo all faults, a hold included. A dead socket, a lost queue and a worker killed by a client stay so."""
        self.machine.faults.heal()

    def _faults_by_name(self) -> dict[str, Any]:
        return {
            fault.__name__: fault
            for fault in (
                self.fail_on, self.go_silent, self.slow, self.lose_queue, self.restart_empty, self.corrupt_output,
                self.deaf_socket, self.zombie_worker, self.cut_sockets, self.refuse, self.lose_answer,
                self.spoil_answers, self.misname_outputs, self.hold, self.release, self.heal,
            )
        }  # fmt: skip

    async def _drop_all(self) -> None:
        """Break everything off and wait until the connections are gone, so that the next request makes a new one."""
        for connection in list(self._state.connections):
            connection.transport.abort()
        while self._state.connections:
            await asyncio.sleep(0)

    def _cut(self, client: tuple[str, int] | None) -> None:
        for connection in list(self._state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()

    def _start_worker(self) -> None:
        self._worker = asyncio.create_task(Worker(self.machine).run(), name="simulator works")

    async def _stop_worker(self) -> None:
        if self._worker is not None:
            await self._end(self._worker)

    async def _end(self, *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
