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
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.held = threading.Event()
        self._open = threading.Event()
        self._lost = False
        self._request = self._answer = b"\0"
        threading.Thread(target=self._accept, daemon=True).start()

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
        # Without it the thread would go on waiting in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                here, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

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

            back = threading.Thread(target=_pump, args=(there, here, before_answer), daemon=True)
            back.start()
            _pump(here, there, before_request)
            back.join()

    def _wait(self) -> bool:
        """Until the gate opens; whether what waited goes on."""
        self.held.set()
        self._open.wait()
        return not self._lost


def _pump(source: socket.socket, target: socket.socket, may_pass: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while (data := source.recv(65536)) and may_pass(data):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
