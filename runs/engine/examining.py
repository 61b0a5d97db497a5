"""Asks each ComfyUI all that a run needs of it, for `manage.py doctor`. Writes nothing down."""

import asyncio
import logging
import re
import secrets
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError

from runs.comfyui import TEXT_TO_IMAGE, Comfy, ComfyError
from runs.comfyui.errors import BadAddress
from runs.comfyui.protocol import Dialect
from runs.engine import servers
from runs.findings import Finding, fault, note, ok
from runs.models import Server

log = logging.getLogger(__name__)

TESTED = ((0, 3, 64), (0, 33, 0))
CLOCKS_APART = 30.0  # seconds; a header says no less than a second
PATIENCE = 30.0  # seconds for another process, which has to start first
ASK = "Start ComfyUI there, or correct its address (COMFYUI_URLS, or GPU servers in the admin)."


def examine() -> list[Finding]:
    """All servers that are switched on or named in the settings, at the same time."""
    known = wanted()
    if not known:
        return list(_without(settings.TEST_MODE))
    return [finding for found in asyncio.run(_examine_all(known)) for finding in found]


def wanted() -> list[Server]:
    """Those of the database, and those of COMFYUI_URLS that no studio has written down yet."""
    try:
        rows = [server for server in servers.enabled() if server.name != servers.SIMULATOR_NAME]
    except DatabaseError:
        rows = []
    there = {server.url for server in rows}
    try:
        named = {url: known for url, known in servers._configured().items() if url not in there}
    except BadAddress:  # told with the settings
        named = {}
    return rows + [Server(name=urlsplit(url).netloc, url=url, **known) for url, known in named.items()]


def _without(test_mode: str) -> Iterator[Finding]:
    if test_mode == "off":
        fix = "Name one in COMFYUI_URLS, or add it in the admin."
        yield fault("GPU servers", "There are none, and test mode is off: no pictures can be made.", fix)
    else:
        fix = "Name a ComfyUI in COMFYUI_URLS, or add one in the admin, for real pictures."
        yield note("GPU servers", "There are none: test mode makes sample pictures.", fix)


async def _examine_all(known: list[Server]) -> list[list[Finding]]:
    return list(await asyncio.gather(*map(_examine, known)))


async def _examine(server: Server) -> list[Finding]:
    about = f"GPU server {server.name}"
    try:
        async with Comfy(servers.endpoint(server), servers.PROBE_WAITS) as client:
            return await _ask(about, server, client)
    except ComfyError as refusal:
        return [fault(about, str(refusal), ASK)]


async def _ask(about: str, server: Server, client: Comfy) -> list[Finding]:
    info = await client.probe()
    stats, models, time = await client.system_stats(), list(await client.checkpoints()), await client.clock()
    missing = [name for name in sorted(TEXT_TO_IMAGE.node_classes) if await client.object_info(name) is None]
    argv = [str(part) for part in stats.system.get("argv") or []]
    findings = [_version(about, info.version, info.simulated), *_nodes(about, missing)]
    findings.append(_models(about, models, server.wanted_checkpoint("") if not info.simulated else ""))
    findings.append(_previews(about, info.dialect, argv, info.simulated))
    findings += _clock(about, time)
    return findings


def _version(about: str, version: str, simulated: bool) -> Finding:
    if simulated:
        return ok(about, f"The simulator answers, as ComfyUI {version}. Its ads are samples.")
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if TESTED[0] <= number <= TESTED[1]:
        return ok(about, f"ComfyUI {version} answers.")
    fix = "It will probably work. If it does not, use a version that the README lists."
    if number < TESTED[0]:
        return fault(about, f"ComfyUI {version} is too old.", "Update it to 0.3.64 or newer.")
    return note(about, f"ComfyUI {version} answers; it is newer than those the studio was tested with.", fix)


def _nodes(about: str, missing: list[str]) -> Iterator[Finding]:
    if missing:
        yield fault(about, f"It lacks the nodes {', '.join(missing)}.", "Update ComfyUI there.")
    else:
        yield ok(about, "It has all the nodes our workflows need.")


def _models(about: str, models: list[str], named: str) -> Finding:
    if not models:
        fix = "Put a checkpoint into its folder models/checkpoints."
        return fault(about, "It has no model.", fix)
    if named and named not in models:
        fix = "Put it there, or set COMFYUI_CHECKPOINT to one of those that it has."
        return fault(about, f"COMFYUI_CHECKPOINT is “{named}”, which is not on it.", fix)
    return ok(about, f"It has {len(models)} {'model' if len(models) == 1 else 'models'}.")


def _previews(about: str, dialect: Dialect, argv: list[str], simulated: bool) -> Finding:
    """Newer ones are asked for previews with each prompt; older ones decide when they start."""
    method = argv[argv.index("--preview-method") + 1 :][:1] if "--preview-method" in argv else []
    if dialect is Dialect.V0_33 or simulated or (method and method != ["none"]):
        return ok(about, "It shows live previews.")
    fix = "Start it with --preview-method latent2rgb, or update it to 0.33."
    return note(about, "It shows no live previews.", fix)


def _clock(about: str, time: datetime | None) -> Iterator[Finding]:
    if time is None:
        return
    apart = abs((datetime.now(UTC) - time).total_seconds())
    if apart > CLOCKS_APART:
        yield note(
            about, f"Its clock is {apart:.0f} s apart from ours.", "Let both machines set theirs by NTP."
        )
    else:
        yield ok(about, "Its clock matches ours.")


def hears_other_processes() -> bool:
    """Whether a message that another process of ours sends through the channel layer comes here."""
    try:
        return asyncio.run(_hear_another())
    except Exception as gone:  # of Redis, its client or the layer
        log.info("The channel layer does not answer: %s", gone)
        return False


async def _hear_another() -> bool:
    layer, group = get_channel_layer(), f"doctor.{secrets.token_hex(8)}"
    assert layer is not None  # the settings always name one
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    heard = asyncio.ensure_future(layer.receive(channel))
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "doctor", "--tell", group]
    other = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await asyncio.wait_for(other.wait(), PATIENCE)
        await asyncio.wait_for(heard, 5)
    except TimeoutError:
        return False
    finally:
        heard.cancel()
        if other.returncode is None:
            other.kill()
    return True
