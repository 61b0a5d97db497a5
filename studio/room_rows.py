"""The rows that the run page reads: its pictures, their places in the queue, the servers that can work on them."""

from collections import Counter
from collections.abc import Set

from django.db.models import Count

from runs.kinds import servers_for
from runs.models import Creative, Generation, Run, Server
from runs.states import SEATED, AdState, Status

_COLUMNS = ["uid", "run", "product", "look", "shape", "variation", "status", "attempt", "server", "error"]
_COLUMNS += ["cancel_requested", "paused", "progress", "step", "preview_version", "ended_at"]
MAX_PLACES = 9


def all_of(run: Run) -> list[Generation]:
    """Its pictures, without what hangs on tiles that are not shown."""
    return list(run.generations.only(*_COLUMNS).order_by("pk"))


def some_of(run: Run, uids: Set[str]) -> list[Generation]:
    """These pictures of the run, with what their tiles need."""
    return list(run.generations.filter(uid__in=uids).only(*_COLUMNS).select_related("server").order_by("pk"))


def ready_by_look(run: Run) -> Counter[int]:
    """How many of its ads are ready, by the number of their look."""
    ready = Creative.objects.newest().filter(run=run, state=AdState.READY).values_list("generation__look")
    return Counter(dict(ready.annotate(n=Count("pk"))))


def places_of(generations: list[Generation]) -> dict[int, int]:
    """The places in the whole studio's queue of the pictures that come next.

    Only these: every start moves all places, and 200 tiles must not be sent anew for that.
    """
    waiting = [g.pk for g in generations if g.status == Status.WAITING and not g.paused][:MAX_PLACES]
    if not waiting:
        return {}
    ahead = Generation.objects.filter(status=Status.WAITING, paused=False, pk__lt=waiting[0]).count()
    return {pk: ahead + n for n, pk in enumerate(waiting, 1)}


def servers_of(run: Run, generations: list[Generation]) -> list[Server]:
    """Those that can work on the run, and those switched off that still do; known to each picture that is there."""
    seated = [generation for generation in generations if generation.status in SEATED]
    at_work = {generation.server_id for generation in seated if generation.server_id}
    servers = list((servers_for(run) | Server.objects.filter(pk__in=at_work)).order_by("name"))
    by_pk: dict[int | None, Server] = {server.pk: server for server in servers}
    for generation in seated:
        generation.server = by_pk.get(generation.server_id)
    return servers
