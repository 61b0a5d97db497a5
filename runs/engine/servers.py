"""Which GPU servers there are and what they can do: rows from the settings, facts from asking."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs import signals
from runs.comfyui import Comfy, ComfyError, Endpoint
from runs.engine.database import rows
from runs.models import Server
from runs.states import ServerState

log = logging.getLogger(__name__)

SIMULATOR_NAME = "Simulator"


def test_mode() -> bool:
    """auto: on while no real server is known."""
    if settings.TEST_MODE != "auto":
        return bool(settings.TEST_MODE == "on")
    return not settings.COMFYUI_URLS and not Server.objects.filter(enabled=True, simulated=False).exists()


def register_configured() -> None:
    """One row for each address in COMFYUI_URLS; those that left the list are switched off, not forgotten."""
    with transaction.atomic():
        Server.objects.filter(configured=True).exclude(url__in=settings.COMFYUI_URLS).update(
            enabled=False, configured=False
        )
        for url in settings.COMFYUI_URLS:
            Server.objects.update_or_create(
                url=url.rstrip("/"),
                defaults={"configured": True, "enabled": True, "token": settings.COMFYUI_TOKEN},
                create_defaults={
                    "configured": True,
                    "name": _free_name(urlsplit(url).netloc or url),
                    "token": settings.COMFYUI_TOKEN,
                    "seats": settings.SEATS_PER_SERVER,
                },
            )


def _free_name(wanted: str) -> str:
    taken = set(Server.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    return next(
        name for n in range(1, 1000) if (name := wanted if n == 1 else f"{wanted} ({n})") not in taken
    )


def register_simulator(url: str) -> None:
    """The one row of the built-in simulator; its port changes with every start."""
    Server.objects.update_or_create(
        name=SIMULATOR_NAME,
        defaults={"url": url, "enabled": True, "simulated": True, "state": ServerState.UNKNOWN},
        create_defaults={"url": url, "simulated": True, "seats": settings.SEATS_PER_SERVER},
    )


def retire_simulator() -> None:
    Server.objects.filter(name=SIMULATOR_NAME).update(enabled=False, state=ServerState.UNKNOWN)


def endpoint(server: Server) -> Endpoint:
    return Endpoint.with_bearer(server.url, server.token) if server.token else Endpoint(server.url)


async def probe(server: Server) -> None:
    """Ask a server what it is and has, and write it down; a server that came up gets work at once."""
    facts: dict[str, object] = {"probed_at": timezone.now()}
    try:
        async with Comfy(endpoint(server)) as client:
            info = await client.probe()
            facts["checkpoints"] = list(await client.checkpoints())
        facts |= {
            "state": ServerState.UP,
            "reason": "",
            "version": info.version,
            "simulated": info.simulated,
            "seen_at": timezone.now(),
        }
    except ComfyError as fault:
        facts |= {"state": ServerState.DOWN, "reason": str(fault)}
    await rows(_note, server, facts)


def _note(server: Server, facts: dict[str, object]) -> None:
    Server.objects.filter(pk=server.pk).update(**facts)
    if facts["state"] != server.state:
        log.info("%s is %s. %s", server, facts["state"], facts.get("reason", ""))
    if facts["state"] == ServerState.UP:
        transaction.on_commit(lambda: signals.work_waiting.send(Server))


def enabled() -> list[Server]:
    return list(Server.objects.filter(enabled=True))
