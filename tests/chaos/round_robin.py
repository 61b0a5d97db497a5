"""A round robin before web processes: each connection goes to the next of them, dead or alive, whoever asks."""

import socket
import threading
from contextlib import suppress
from itertools import cycle

from tests.chaos.gate import listen, pump, serve, shut


class RoundRobin:
    def __init__(self, *ports: int) -> None:
        self._next = cycle(ports)
        self._listener = listen()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=serve, args=(self._listener, self._pass_on), daemon=True).start()

    def _pass_on(self, here: socket.socket) -> None:
        with here, suppress(OSError), socket.create_connection(("127.0.0.1", next(self._next))) as there:
            back = threading.Thread(target=pump, args=(there, here), daemon=True)
            back.start()
            pump(here, there)
            back.join()

    def close(self) -> None:
        shut(self._listener)
