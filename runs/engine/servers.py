"""Which GPU servers there are and what they can do: rows from the settings, facts from asking."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from runs import signals
from runs.comfyui import TEXT_TO_IMAGE, Comfy, ComfyError, Endpoint, Queue, Running, Timeouts, Waiting
from runs.engine import addresses, condition
from runs.engine.database import rows
from runs.models import Generation, Run, Server, Withdrawal
from runs.models.spelling import OPEN, UNDER_WAY
from runs.states import FINAL, SEATED, WORKING, ServerState, Status

log = logging.getLogger(__name__)

SIMULATOR_NAME = "Simulator"
PROBE_WAITS = Timeouts(connect=3.0, answer=10.0, whole=20.0)
FORGOTTEN = timedelta(days=1)  # after which a server that stayed away has surely been restarted
TOO_MANY = 3  # failures in a row
# Its prompt may still be on the server it was sent to.
SENT = Q(status=Status.WAITING, prompt_id__isnull=False, server__isnull=False)


def test_mode() -> bool:
    """auto: on while no real server is known."""
    if settings.TEST_MODE != "auto":
        return bool(settings.TEST_MODE == "on")
    return not settings.COMFYUI_URLS and not Server.objects.filter(enabled=True, simulated=False).exists()


def register_configured() -> None:
    """One row for each address in COMFYUI_URLS; those that left the list are switched off, not forgotten."""
    access = _configured()
    with transaction.atomic():
        gone = Server.objects.filter(configured=True).exclude(url__in=access)
        gone.update(enabled=False, configured=False, was_configured=True)
        # Only those that come to the list: one that was switched off in the admin stays off.
        Server.objects.filter(configured=False, url__in=access).update(enabled=True)
        for url, known in access.items():
            first = {"name": _free_name(urlsplit(url).netloc or url), "seats": settings.SEATS_PER_SERVER}
            Server.objects.update_or_create(url=url, defaults=known, create_defaults=known | first)


def _configured() -> dict[str, dict[str, Any]]:
    """Each address without its user and password, and how to get in there."""
    access: dict[str, dict[str, Any]] = {}
    for typed in settings.COMFYUI_URLS:
        login = login_of(typed)
        url = Endpoint(typed).url
        if login or url not in access:
            user, password = login or ("", "")
            token = "" if login else settings.COMFYUI_TOKEN
            known = {"configured": True, "user": user, "password": password, "token": token}
            access[url] = known | {"ca": settings.COMFYUI_CA}
    return access


def login_of(url: str) -> tuple[str, str] | None:
    """The user and the password that an address carries."""
    parts = urlsplit(url)
    return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


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
    known = Server.objects.filter(name=SIMULATOR_NAME, enabled=True)
    if not known.update(enabled=False, state=ServerState.UNKNOWN):
        return
    begun = Run.objects.filter(OPEN, simulated=True)
    begun.exclude(generations__pictures__isnull=False).update(simulated=None)


def endpoint(server: Server) -> Endpoint:
    """Where it is and how to get in. Raises BadAddress for headers that HTTP does not carry.

    Where an address from the admin leads is looked at with each request: what a name stands for may change.
    """
    headers = dict(server.headers)
    if server.token:
        headers |= Endpoint.with_bearer(server.url, server.token).headers
    elif server.user:
        headers |= Endpoint.with_basic(server.url, server.user, server.password).headers
    # One that left COMFYUI_URLS is still asked for what it paints of ours.
    known = server.configured or server.was_configured or server.name == SIMULATOR_NAME
    return Endpoint(server.url, headers, server.ca or None, None if known else addresses.choose)


async def ask(server: Server) -> tuple[dict[str, object], Queue]:
    """What a server is and has, as columns of its row, and its queue. Raises ComfyError where it is not ComfyUI."""
    async with Comfy(endpoint(server), PROBE_WAITS) as client:
        info = await client.probe()
        checkpoints = list(await client.checkpoints())
        queue = await client.queue()
        missing = server.missing_nodes
        if server.state in (ServerState.UNKNOWN, ServerState.DOWN) or info.version != server.version:
            missing = [
                node for node in sorted(TEXT_TO_IMAGE.node_classes) if await client.object_info(node) is None
            ]
    facts: dict[str, object] = {
        "version": info.version[: Server._meta.get_field("version").max_length],
        "can_cancel_jobs": info.jobs_api,
        "simulated": info.simulated,
        "checkpoints": checkpoints,
        "missing_nodes": missing,
    }
    return facts, queue


async def probe_all() -> None:
    """Ask every server that is switched on, and those that still hold work of ours, all at once."""
    await asyncio.gather(*(probe(server) for server in await rows(to_ask)))


async def probe(server: Server) -> None:
    """Ask a server and write down what it says; one that came up gets work at once."""
    said = await _hear(server)
    await rows(_write_down, server, said)
    if not isinstance(said, ComfyError):
        await withdraw_from(server.pk)


def probe_now(asked: list[Server]) -> list[tuple[Server, str | None]]:
    """The same for a page that waits for it: each server, and what is wrong with it."""
    answers = asyncio.run(_hear_all(asked))
    for server, said in zip(asked, answers, strict=True):
        _write_down(server, said)
    faults = [str(said) if isinstance(said, ComfyError) else None for said in answers]
    return list(zip(asked, faults, strict=True))


type Said = tuple[dict[str, object], Queue, float] | ComfyError  # facts, queue, seconds it took; or why not


async def _hear(server: Server) -> Said:
    begun = time.monotonic()
    try:
        facts, queue = await ask(server)
    except ComfyError as fault:
        return fault
    return facts, queue, time.monotonic() - begun


async def _hear_all(asked: list[Server]) -> list[Said]:
    return list(await asyncio.gather(*map(_hear, asked)))


def _write_down(server: Server, said: Said) -> None:
    if isinstance(said, ComfyError):
        _note_silence(server, str(said))
    else:
        _note(server, *said)


async def withdraw_from(pk: int) -> None:
    """Take off a server the prompts that nobody waits for; what it still paints after that is looked at again."""
    server, prompts = await rows(_withdrawals, pk)
    if server is None or not prompts:
        return
    try:
        async with Comfy(endpoint(server), PROBE_WAITS) as client:
            for prompt_id in prompts:
                state = await client.cancel(str(prompt_id))
                if not isinstance(state, Waiting | Running):
                    await rows(Withdrawal.objects.filter(prompt_id=prompt_id).delete)
    except ComfyError as fault:
        log.info("What nobody waits for is still on %s: %s", server, fault)


def _withdrawals(pk: int) -> tuple[Server | None, list[UUID]]:
    Withdrawal.objects.filter(created_at__lt=Now() - FORGOTTEN).delete()
    server = Server.objects.filter(pk=pk).first()
    found = Withdrawal.objects.filter(server=pk).order_by("pk").values_list("prompt_id", flat=True)
    return server, list(found[:50])


def _note(server: Server, facts: dict[str, object], queue: Queue, took: float) -> None:
    ours = set(_ours(server, queue))
    quiet = bool(queue.pending) and not queue.running
    # The database's clock here too: the workers' clocks may differ.
    now = _now()
    quiet_since = (server.quiet_since or now) if quiet else None
    seen = condition.Seen(
        answered_in=took,
        waiting=len(queue.pending),
        others=len(_ids(queue) - ours),
        quiet_for=(now - quiet_since).total_seconds() if quiet_since else 0.0,
        stopped_for=_stopped_for(server, queue, now),
        pace=server.pace,
        usual_pace=_usual_pace(server),
    )
    state, reason = condition.judge(seen)
    facts |= {"state": state, "reason": reason, "others": seen.others, "quiet_since": quiet_since}
    facts |= {"seen_at": now, "probed_at": now}
    Server.objects.filter(pk=server.pk).update(**facts)
    _tell(server, state, reason)


def _note_silence(server: Server, reason: str) -> None:
    facts = {"state": ServerState.DOWN, "reason": reason, "probed_at": Now(), "quiet_since": None}
    Server.objects.filter(pk=server.pk).update(**facts)
    _tell(server, ServerState.DOWN, reason)


def _tell(server: Server, state: ServerState, reason: str) -> None:
    if state != server.state:
        log.info("%s is %s. %s", server, state, reason)
    if state in WORKING:
        transaction.on_commit(lambda: signals.work_waiting.send(Server))


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        found = cursor.fetchone()[0]
    return found if isinstance(found, datetime) else timezone.now()  # SQLite is in our own process


def _ids(queue: Queue) -> set[str]:
    return {item.prompt_id for item in (*queue.running, *queue.pending)}


def _ours(server: Server, queue: Queue) -> Iterator[str]:
    """The prompts there that belong to pictures still wanted."""
    wanted = Generation.objects.filter(server=server, prompt_id__in=_canonical(_ids(queue)))
    yield from map(str, wanted.exclude(status__in=sorted(FINAL)).values_list("prompt_id", flat=True))


def _stopped_for(server: Server, queue: Queue, now: datetime) -> float:
    """Seconds since a picture was stopped that the server paints all the same; 0 where there is none."""
    running = _canonical({item.prompt_id for item in queue.running})
    stopped = Generation.objects.filter(server=server, prompt_id__in=running, status=Status.CANCELLED)
    ended = stopped.order_by("ended_at").values_list("ended_at", flat=True).first()
    return (now - ended).total_seconds() if ended else 0.0


def _canonical(ids: set[str]) -> list[UUID]:
    """Other people's prompts may be called anything; ours are UUIDs."""
    found = []
    for text in ids:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


def _usual_pace(server: Server) -> float | None:
    """How long the other servers take for a picture."""
    others = Server.objects.filter(enabled=True, simulated=server.simulated, pace__isnull=False)
    paces = others.exclude(pk=server.pk).values_list("pace", flat=True)
    known = [pace for pace in paces if pace is not None]
    return median(known) if known else None


def mark_down(generation: Generation, reason: str, worker: str) -> None:
    """What a worker just met at the server of its picture; the next probe decides whether it lasts.

    One that lost the picture to another worker has been away: what it met may long be over.
    """
    held = Generation.objects.filter(pk=generation.pk, worker_id=worker, server=generation.server)
    Server.objects.filter(pk__in=held.values("server")).update(state=ServerState.DOWN, reason=reason)


def is_stalled(server: Server | None) -> bool:
    """Whether the last probe saw that it leaves its queue alone."""
    return server is not None and Server.objects.filter(pk=server.pk, state=ServerState.STALLED).exists()


def note_success(server: Server, seconds: float | None) -> None:
    """A picture came out: it works, and took so long."""
    facts: dict[str, Any] = {"failures": 0, "paused_until": None}
    if seconds is not None:
        old = Server.objects.filter(pk=server.pk).values_list("pace", flat=True).first()
        facts["pace"] = seconds if old is None else old + (seconds - old) * 0.3
    Server.objects.filter(pk=server.pk).update(**facts)


def note_failure(server: Server, reason: str) -> None:
    """The server answers but fails at pictures: after three in a row it gets nothing for a while."""
    found = Server.objects.filter(pk=server.pk)
    found.update(failures=F("failures") + 1)
    failures = found.values_list("failures", flat=True).first() or 0
    if failures >= TOO_MANY:
        pause = min(300, 10 * 2 ** (failures - TOO_MANY))
        found.update(paused_until=Now() + timedelta(seconds=pause))
        log.warning("%s failed %s times in a row and pauses for %s s. %s", server, failures, pause, reason)


def enabled() -> list[Server]:
    return list(Server.objects.filter(enabled=True))


def to_ask() -> list[Server]:
    """The servers that are switched on, and those switched off on which something of ours may be."""
    seated = Generation.objects.filter(UNDER_WAY, status__in=sorted(SEATED))
    held = [
        seated,
        Generation.objects.filter(SENT),
        Withdrawal.objects.filter(created_at__gte=Now() - FORGOTTEN),
    ]
    # Each asked for by itself: two conditions in one query would walk through all pictures.
    ours = (Q(pk__in=rows.order_by().values("server")) for rows in held)
    return list(Server.objects.filter(reduce(or_, ours, Q(enabled=True))))
