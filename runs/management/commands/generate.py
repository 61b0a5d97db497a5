"""The main job without a browser: a brief file in, finished ads out. Exit codes are part of the contract."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from runs.banned import faults_of_words
from runs.brief import BriefSpec, from_data, from_toml
from runs.comfyui import Comfy, ComfyError, Endpoint, ServerTimeout, ServerUnreachable
from runs.composition import BadCutout, BadFont, BadPicture, clean_font, clean_logo, cut_out
from runs.errors import BriefFault, BriefRefused
from runs.post_copy import faults_of_posts
from runs.simulator.server import CHECKPOINTS

BRIEF_WRONG, NO_SERVER, STOPPED = 2, 3, 130
TOP_LEVEL = ("seed", "variations", "name")


class Command(BaseCommand):
    help = (
        "Make the ads of a brief file. Uses a throw-away database and engine, never the studio's. "
        "Exit code: 0 all ads are valid, 1 some failed or do not fit, 2 the brief is wrong, 3 no server, 130 stopped."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("brief", type=Path, metavar="BRIEF.toml")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--server", metavar="URL", help="a ComfyUI server; without it the simulator makes the pictures"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the manifest instead of a progress bar"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="override seed, variations, name or a setting of the picture: --set steps=4 --set pixels=65536",
        )

    def handle(self, *args: Any, brief: Path, out: Path, server: str | None, **options: Any) -> None:
        try:
            spec = _override(_read(brief), options["set"])
            _check_brand(spec, brief)
            _check_words(spec)
            _check_cutouts(spec, brief)
            if server is not None:
                _check_server(spec, server.rstrip("/"))
            else:
                _check_model(spec, "the simulator", CHECKPOINTS)
            _check_out(out)
        except BriefRefused as refusal:
            self._leave(BRIEF_WRONG, *(f"{brief}: {fault}" for fault in refusal.faults))
        except ComfyError as fault:
            self._leave(NO_SERVER, str(fault))
        sys.exit(_in_a_studio_of_its_own(spec, brief, out, server, as_json=options["json"]))

    def _leave(self, code: int, *sentences: str) -> None:
        for sentence in sentences:
            self.stderr.write(sentence)
        sys.exit(code)


def _check_words(spec: BriefSpec) -> None:
    faults = [*faults_of_posts(spec), *faults_of_words(spec)]
    if faults:
        raise BriefRefused(faults)


def _read(path: Path) -> BriefSpec:
    try:
        return from_toml(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as fault:
        raise BriefRefused([BriefFault(field="", words=f"This file cannot be read: {fault}.")]) from fault


def _override(spec: BriefSpec, assignments: list[str]) -> BriefSpec:
    raw: dict[str, Any] = spec.model_dump(mode="json")
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise BriefRefused(
                [BriefFault(field=name, words="Write --set as NAME=VALUE, for example steps=4.")]
            )
        (raw if name in TOP_LEVEL else raw["picture"])[name] = _value(name, value)
    return from_data(raw)


def _value(name: str, text: str) -> Any:
    if name in ("name", "checkpoint", "negative"):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _check_out(out: Path) -> None:
    """Before anything is painted: afterwards the pictures would be lost."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return
    except OSError as fault:
        words = f"Nothing can be written to {out}: {fault.strerror}. Choose another folder with --out."
        raise BriefRefused([BriefFault(field="", words=words)]) from fault


def _check_brand(spec: BriefSpec, brief: Path) -> None:
    for name, clean in (("logo", clean_logo), ("font", clean_font)):
        if not (named := getattr(spec.brand, name)):
            continue
        path = brief.parent / named
        try:
            clean(path.read_bytes())
        except (OSError, BadPicture, BadFont) as fault:
            words = f"{path} cannot be used as a {name}: {fault}"
            raise BriefRefused([BriefFault(field=f"brand.{name}", words=words)]) from fault


def _check_cutouts(spec: BriefSpec, brief: Path) -> None:
    for n, product in enumerate(spec.products):
        if not product.cutout:
            continue
        path = brief.parent / product.cutout
        try:
            cut_out(path.read_bytes())
        except (OSError, BadPicture, BadCutout) as fault:
            words = f"{path} cannot be used: {fault}"
            raise BriefRefused([BriefFault(field=f"products.{n}.cutout", words=words)]) from fault


def _check_server(spec: BriefSpec, url: str) -> None:
    """Before anything is made: it answers, it is ComfyUI, it has the model."""
    checkpoints = asyncio.run(_checkpoints(url))
    if not checkpoints:
        words = f"{url} has no model. Put one into its models/checkpoints folder."
        raise BriefRefused([BriefFault(field="picture.checkpoint", words=words)])
    _check_model(spec, url, checkpoints, settings.COMFYUI_CHECKPOINT)


def _check_model(spec: BriefSpec, place: str, checkpoints: Sequence[str], default: str = "") -> None:
    wanted = spec.picture.checkpoint or default
    if not wanted or wanted in checkpoints:
        return
    words = f"The model “{wanted}” is not on {place}. It has: {', '.join(checkpoints)}."
    raise BriefRefused([BriefFault(field="picture.checkpoint", words=words)])


async def _checkpoints(url: str) -> tuple[str, ...]:
    """Asked a few times: one cut connection is no server that is down."""
    for patience in (0.3, 1.0, None):
        try:
            async with Comfy(_endpoint(url)) as client:
                await client.probe()
                return await client.checkpoints()
        except (ServerUnreachable, ServerTimeout):
            if patience is None:
                raise
            await asyncio.sleep(patience)
    raise AssertionError("the last try returns or raises")


def _endpoint(url: str) -> Endpoint:
    return Endpoint.with_bearer(url, settings.COMFYUI_TOKEN) if settings.COMFYUI_TOKEN else Endpoint(url)


def _in_a_studio_of_its_own(
    spec: BriefSpec, brief: Path, out: Path, server: str | None, *, as_json: bool
) -> int:
    """A second process whose settings point into a temporary folder: the studio's rows are not even configured."""
    with tempfile.TemporaryDirectory(prefix="adgen-") as folder:
        order = {"spec": spec.model_dump(mode="json"), "brief": str(brief.resolve()), "json": as_json}
        order["out"] = str(out.resolve())
        (Path(folder) / "order.json").write_text(json.dumps(order))
        code = _wait_for([sys.executable, "-m", "runs.headless", folder], _environment(folder, server))
    return code if code >= 0 else STOPPED


def _wait_for(command: list[str], environment: dict[str, str]) -> int:
    """Its exit code. When we are asked to end, it is: it stops its run, writes what is ready, and ends."""
    process: subprocess.Popen[bytes] | None = None
    asked = False

    def pass_on(*_: object) -> None:
        nonlocal asked
        asked = True
        if process is not None:
            process.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, pass_on)
    # In a group of its own: one that is still importing would answer Ctrl-C with a traceback.
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, process_group=0)
    if asked:
        process.send_signal(signal.SIGTERM)
    return process.wait()


def _environment(folder: str, server: str | None) -> dict[str, str]:
    ours = {
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "VAR_DIR": folder,
        "MEDIA_ROOT": f"{folder}/media",
        "MEDIA_STORAGE": "files",
        "SECRET_KEY": settings.SECRET_KEY,
        "ENGINE": "embedded",
        "REDIS_URL": "",
        "WEB_CONCURRENCY": "1",
        "QUOTA_PER_DAY": "0",
        "QUOTA_RUNNING": "0",
        "COMFYUI_URLS": server or "",
        "TEST_MODE": "off" if server else "on",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"),
    }
    speed = {"SIMULATOR_SECONDS_PER_STEP": os.environ.get("SIMULATOR_SECONDS_PER_STEP", "0.005")}
    return {**os.environ, **ours, **speed}
