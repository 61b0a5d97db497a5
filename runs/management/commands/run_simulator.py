"""`manage.py run_simulator`: the simulator as a server of its own, e.g. for COMFYUI_URLS. Needs no database."""

import asyncio
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs.comfyui.protocol import Dialect
from runs.simulator.errors import CannotListen
from runs.simulator.ledger import Ledger
from runs.simulator.server import CHECKPOINTS, Simulator


class Command(BaseCommand):
    help = "Runs a ComfyUI simulator: it speaks ComfyUI's protocol and paints pictures without a GPU."
    requires_system_checks: list[str] = []  # noqa: RUF012
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8188, help="port to listen on (8188); 0 takes a free one"
        )
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument(
            "--dialect",
            type=Dialect,
            choices=list(Dialect),
            default=Dialect.V0_33,
            help="the ComfyUI version it speaks like (0.33)",
        )
        parser.add_argument(
            "--seconds-per-step",
            type=float,
            default=0.05,
            metavar="S",
            help="time of a sampler's step (0.05)",
        )
        parser.add_argument(
            "--faults",
            action="store_true",
            help="let POST /simulator/faults make it misbehave; for tests only",
        )
        parser.add_argument(
            "--ledger",
            type=Path,
            metavar="FILE",
            help="append a line of JSON for each prompt that is accepted, begun or ended",
        )
        parser.add_argument(
            "--checkpoint",
            dest="checkpoints",
            nargs="+",
            metavar="NAME",
            default=list(CHECKPOINTS),
            help="names of the checkpoints it has",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["port"] <= 65_535:
            raise CommandError("--port is a number from 0 to 65535; 0 takes a free one.")
        if options["seconds_per_step"] < 0:
            raise CommandError("--seconds-per-step cannot be negative.")
        simulator = Simulator(
            dialect=options["dialect"],
            seconds_per_step=options["seconds_per_step"],
            checkpoints=options["checkpoints"],
            faults=options["faults"],
            observer=self._ledger(options["ledger"]),
        )
        try:
            asyncio.run(self._serve(simulator, options["host"], options["port"]))
        except CannotListen as error:
            raise CommandError(str(error)) from error

    def _ledger(self, path: Path | None) -> Ledger | None:
        try:
            return Ledger(path) if path else None
        except OSError as error:
            raise CommandError(f"The ledger {path} cannot be written: {error.strerror}.") from error

    async def _serve(self, simulator: Simulator, host: str, port: int) -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        url = await simulator.start(host, port)
        self.stdout.write(
            f"The simulator listens at {url} (ComfyUI {simulator.machine.version}). Ctrl-C ends it."
        )
        self.stdout.flush()
        await ended.wait()
        await simulator.stop()
