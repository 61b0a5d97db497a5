"""Processes of our own for what keeps an interpreter busy: one piece of work each, and no harm to others.

Threads would not do: all that composes ads and reads strangers' pictures holds the interpreter's lock half of its
time, and pages and sockets wait for that lock. A process that crashes over a picture, or is killed for its memory,
takes its one piece of work with it and not the studio.
"""

import atexit
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from pickle import PicklingError  # nosec B403 # the name of a fault
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
IDLE = 300.0  # seconds without work after which a process ends, and gives back its memory
LIMIT = 60.0  # seconds for one piece of work: the longest take a few, one that hangs would keep its place for ever
NICE = 5  # pages and sockets go first
type Answer = tuple[Exception | None, object]  # what it raised, what it returned

START = "import sys; from runs.processes import serve; serve(int(sys.argv[1]))"


class ProcessDied(Exception):
    """The process ended over this piece of work: it crashed, or somebody killed it."""


class Processes:
    """So many processes, each started when there is work for it and ended when there is none for long."""

    def __init__(self, most: int, *, limit: float = LIMIT, idle: float = IDLE) -> None:
        """`limit`: seconds for one piece of work; `idle`: seconds without any after which a process is replaced."""
        self._limit, self._idle = limit, idle
        self._free: queue.LifoQueue[_Child | None] = queue.LifoQueue()  # the warmest first
        for _ in range(most):
            self._free.put(None)
        self._children: set[_Child] = set()
        self._lock = threading.Lock()
        atexit.register(self.close)

    def compute[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call it in a process and wait for its answer; what it raises is raised here.

        `function` is one of a module that needs no Django; its arguments and its answer go through pickle. Raises
        ProcessDied.
        """
        fault, answer = self._ask((function, args, kwargs))
        if fault is not None:
            raise fault
        return cast(R, answer)

    def _ask(self, work: object) -> Answer:
        child = self._free.get()
        try:
            if child is None or not child.is_fresh(self._idle):
                child = self._replace(child)
            answer = child.ask(work, self._limit)
        except BaseException:
            self._remove(child)  # whatever it still says would answer the next one's question
            child = None
            raise
        finally:
            self._free.put(child)
        return answer

    def close(self) -> None:
        """End all processes; what they are at is lost. The next piece of work starts new ones."""
        with self._lock:
            children, self._children = self._children, set()
        for child in children:
            child.close()

    def _replace(self, child: "_Child | None") -> "_Child":
        self._remove(child)
        fresh = _Child()
        with self._lock:
            self._children.add(fresh)
        return fresh

    def _remove(self, child: "_Child | None") -> None:
        if child is not None:
            with self._lock:
                self._children.discard(child)
            child.close()


class _Child:
    """One process, as seen from ours."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # A group of its own: Ctrl-C in a terminal is for the studio, which ends its processes itself.
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                process_group=0,
            )
        self._connection = Connection(ours.detach())
        self._used_at = time.monotonic()

    def is_fresh(self, idle: float) -> bool:
        """Whether it certainly still waits for work: it must not end just as it gets some."""
        return time.monotonic() - self._used_at < idle * 0.9 and self._process.poll() is None

    def ask(self, work: object, limit: float) -> Answer:
        # Its death is what ends our waiting, for the work to be taken as well as for the answer.
        end = threading.Timer(limit, self._process.kill)
        end.daemon = True
        end.start()
        try:
            self._connection.send(work)
            answer: Answer = self._connection.recv()
        except (EOFError, OSError) as gone:
            raise ProcessDied(f"A process that composes ended in the middle of it{self._how()}.") from gone
        finally:
            end.cancel()
        self._used_at = time.monotonic()
        return answer

    def _how(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            return f" (exit code {self._process.wait(1)})"
        return ""

    def close(self) -> None:
        """It ends because nobody is at the other end of its line."""
        self._connection.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(file: int) -> None:
    """What a process does: one piece of work after the other, until nobody sends any."""
    for stop in (signal.SIGINT, signal.SIGTERM):  # who stops the studio lets it finish its work
        signal.signal(stop, signal.SIG_IGN)
    os.nice(NICE)
    connection = Connection(file)
    with suppress(EOFError, ConnectionError):
        while connection.poll(IDLE):
            answer = _answer(*connection.recv())
            try:
                connection.send(answer)
            except (PicklingError, TypeError, AttributeError) as fault:
                connection.send((RuntimeError(f"{fault}: {answer}"), None))


def _answer(function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    try:
        return None, function(*args, **kwargs)
    except Exception as fault:
        fault.add_note(traceback.format_exc())
        return fault, None
