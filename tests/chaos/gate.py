"""A gate before a server: passes everything on, and holds what it is told to, on its way there or back."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Gate:
    """`hold_request("POST /prompt")` keeps such requests from arriving, `hold_answer(…)` their answers from coming
    back. `held` is set while one waits. `drop` loses what is held, `let_go` passes it on.
    """

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = listen()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.held = threading.Event()
        self._open = threading.Event()
        self._lost = False
        self._request = self._answer = b"\0"
        threading.Thread(target=serve, args=(self._listener, self._serve), daemon=True).start()

    def hold_request(self, of: str) -> None:
        self._hold()
        self._request = of.encode()

    def hold_answer(self, to: str) -> None:
        self._hold()
        self._answer = to.encode()

    def _hold(self) -> None:
        self.held.clear()
        self._open.clear()
        self._lost = False

    def drop(self) -> None:
        self._lost = True
        self.let_go()

    def let_go(self) -> None:
        self._request = self._answer = b"\0"
        self._open.set()

    def close(self) -> None:
        self.drop()
        shut(self._listener)

    def _serve(self, here: socket.socket) -> None:
        with here, suppress(OSError), socket.create_connection(self._to) as there:
            answers = threading.Event()  # whether what comes back now is to be held

            def before_request(data: bytes) -> bool:
                if data.startswith(self._answer):
                    answers.set()
                return not data.startswith(self._request) or self._wait()

            def before_answer(_: bytes) -> bool:
                if not answers.is_set():
                    return True
                answers.clear()
                return self._wait()

            back = threading.Thread(target=pump, args=(there, here, before_answer), daemon=True)
            back.start()
            pump(here, there, before_request)
            back.join()

    def _wait(self) -> bool:
        """Until the gate opens; whether what waited goes on."""
        self.held.set()
        self._open.wait()
        return not self._lost


def listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def serve(listener: socket.socket, serve_one: Callable[[socket.socket], None]) -> None:
    """Give each connection a thread, until the listener is shut."""
    with suppress(OSError):
        while True:
            here, _ = listener.accept()
            threading.Thread(target=serve_one, args=(here,), daemon=True).start()


def shut(listener: socket.socket) -> None:
    # A plain close would leave the thread in accept.
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def pump(source: socket.socket, target: socket.socket, may_pass: Callable[[bytes], bool] = bool) -> None:
    """Everything from one end to the other; when one ends, so does the other."""
    with suppress(OSError):
        while (data := source.recv(65536)) and may_pass(data):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
