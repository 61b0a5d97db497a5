"""Writes down what became of each prompt, a line of JSON at once: what was paid for can be read after a kill -9."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from .machine import Moment
from .queue import Ticket


class Ledger:
    """An observer for `Simulator`. `picture` is the same for the same graph: sent twice, it was paid for twice."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def __call__(self, moment: Moment, ticket: Ticket) -> None:
        graph = json.dumps(ticket.graph, sort_keys=True).encode()
        line = {
            "event": moment,
            "prompt_id": ticket.prompt_id,
            "picture": hashlib.sha256(graph).hexdigest()[:16],
            "at": time.time(),
        }
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)
