"""Which GPU servers there are and what they can do: rows from the settings, facts from asking."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs import signals
from runs.comfyui import Comfy, ComfyError, Endpoint
from runs.engine.database import rows
from runs.models import Run, Server
from runs.states import RunStatus, ServerState

log = logging.getLogger(__name__)

SIMULATOR_NAME = "Simulator"


def test_mode() -> bool:
    """auto: on while no real server is known."""
    if settings.TEST_MODE != "auto":
        return bool(settings.TEST_MODE == "on")
    return not settings.COMFYUI_URLS and not Server.objects.filter(enabled=True, simulated=False).exists()


def register_configured() -> None:
    """One row for each address in COMFYUI_URLS; those that left the list are switched off, not forgotten."""
    urls = [url.rstrip("/") for url in settings.COMFYUI_URLS]
    with transaction.atomic():
        gone = Server.objects.filter(configured=True).exclude(url__in=urls)
        gone.update(enabled=False, configured=False)
        # Only those that come to the list: one that was switched off in the admin stays off.
        Server.objects.filter(configured=False, url__in=urls).update(enabled=True)
        for url in urls:
            Server.objects.update_or_create(
                url=url,
                defaults={"configured": True, "token": settings.COMFYUI_TOKEN},
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
    """Switch its row off; runs that have no picture of it yet may go to the real servers."""
    Server.objects.filter(name=SIMULATOR_NAME).update(enabled=False, state=ServerState.UNKNOWN)
    begun = Run.objects.filter(simulated=True, status__in=[RunStatus.WAITING, RunStatus.RUNNING])
    begun.exclude(generations__pictures__isnull=False).update(simulated=None)


def endpoint(server: Server) -> Endpoint:
    return Endpoint.with_bearer(server.url, server.token) if server.token else Endpoint(server.url)


async def ask(server: Server) -> dict[str, object]:
    """What a server is and has, as columns of its row. Raises ComfyError where it does not answer as ComfyUI."""
    async with Comfy(endpoint(server)) as client:
        info = await client.probe()
        checkpoints = list(await client.checkpoints())
    return {
        "state": ServerState.UP,
        "reason": "",
        "version": info.version,
        "simulated": info.simulated,
        "checkpoints": checkpoints,
        "seen_at": timezone.now(),
    }


async def probe(server: Server) -> None:
    """Ask a server and write down what it says; one that came up gets work at once."""
    facts: dict[str, object] = {"probed_at": timezone.now()}
    try:
        facts |= await ask(server)
    except ComfyError as fault:
        facts |= {"state": ServerState.DOWN, "reason": str(fault)}
    await rows(_note, server, facts)


def _note(server: Server, facts: dict[str, object]) -> None:
    Server.objects.filter(pk=server.pk).update(**facts)
    if facts["state"] != server.state:
        log.info("%s is %s. %s", server, facts["state"], facts.get("reason", ""))
    if facts["state"] == ServerState.UP:
        transaction.on_commit(lambda: signals.work_waiting.send(Server))


def mark_down(server: Server, reason: str) -> None:
    """What a worker just met; the next probe decides whether it lasts."""
    Server.objects.filter(pk=server.pk).update(state=ServerState.DOWN, reason=reason)


def enabled() -> list[Server]:
    return list(Server.objects.filter(enabled=True))
