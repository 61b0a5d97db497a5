"""`/metrics` for Prometheus. docs/watching.md says what each tells, and deploy/ has alerts and a dashboard of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from runs import faults, gauges, usage, vitals, worker_loops
from runs.models import Server
from runs.obstacles import is_able
from runs.states import ACTIVE, SEATED

SHARES = (0.5, 0.95)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has METRICS_TOKEN; without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(
            "Send METRICS_TOKEN as “Authorization: Bearer …”.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(_text(), content_type=CONTENT_TYPE_LATEST)


def _text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Rows())
    return generate_latest(registry) + generate_latest(gauges.registry)


class Rows(Collector):
    """What the rows tell at this moment."""

    def collect(self) -> Iterator[Metric]:
        now, known = vitals.queue(), vitals.servers()
        yield from _queue(now)
        yield from _lately(vitals.lately(), known)
        yield from _servers(known, now)
        yield from _storage()
        yield from _workers()


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"adgen_{name}", words, value=value)


def _by(name: str, words: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"adgen_{name}", words, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else [*map(str, key)], value)
    return family


def _queue(now: vitals.Queue) -> Iterator[Metric]:
    yield _gauge(
        "queue_pictures", "Pictures that wait for a seat; those of paused runs do not count", now.waiting
    )
    yield _gauge("queue_oldest_seconds", "How long the first in line has waited", now.oldest)
    stages = {str(status): 0 for status in sorted(ACTIVE)}
    for (_, status), n in now.active.items():
        stages[status] += n
    yield _by("pictures_active", "Pictures under way, by stage", ["status"], stages)


def _lately(seen: vitals.Lately, known: Sequence[Server]) -> Iterator[Metric]:
    yield _gauge("window_seconds", "How far back all that is called recent goes", seen.seconds)
    yield _by("recent_wait_seconds", "From the queue to a seat", ["quantile"], _quantiles(seen.waits))
    yield _by(
        "recent_pickup_seconds",
        "From a seat to the server’s word that it has it",
        ["quantile"],
        _quantiles(seen.pick_ups),
    )
    painting = vitals.by_workflow(seen.painting)
    labels = ["server", "workflow", "quantile"]
    times = {
        (*key, share): value for key, took in painting.items() for share, value in _quantiles(took).items()
    }
    yield _by("recent_generation_seconds", "From a picture’s start to its end on the GPU", labels, times)
    counts = {key: len(took) for key, took in painting.items()}
    yield _by("recent_generations", "Pictures painted", labels[:2], counts)
    yield _by("recent_failures", "Pictures that failed for good, by kind", ["kind"], _kinds(seen.failed))
    yield _by("recent_losses", "Tries that were lost and made again, by kind", ["kind"], _kinds(seen.lost))
    yield _gauge("recent_lease_losses", "Times that a worker did not renew its lease", seen.silent)
    yield _gauge("recent_done", "Pictures whose ads are made", seen.done.total())
    yield _gauge("recent_error_share", "Failed pictures among those that ended", seen.error_share)
    busy = {server.name: seen.busy_share(server.name) for server in known}
    yield _by("gpu_busy_share", "Share of the recent time in which a server painted for us", ["server"], busy)


def _kinds(counts: Mapping[str, int]) -> dict[str, float]:
    """All kinds, so that a line is there before the first fault of its kind."""
    return {kind: counts[kind] for kind in faults.KINDS}


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {str(share): vitals.quantile(values, share) for share in SHARES} if values else {}


def _servers(known: Sequence[Server], queue: vitals.Queue) -> Iterator[Metric]:
    now = timezone.now()
    up = {server.name: float(is_able(server)) for server in known}
    yield _by("server_up", "1 while a server that is switched on gets work", ["server"], up)
    yield _gauge("servers_working", "Servers that get work", sum(up.values()))
    yield _by(
        "server_seats",
        "Pictures that may be at a server at once",
        ["server"],
        {s.name: s.seats for s in known},
    )
    pace = {server.name: server.pace for server in known if server.pace is not None}
    yield _by("server_pace_seconds", "Seconds for a picture, lately", ["server"], pace)
    paused = {s.name: float(bool(s.paused_until and s.paused_until > now)) for s in known}
    yield _by("server_paused", "1 while a server pauses after failures", ["server"], paused)
    taken = {server.name: 0 for server in known}
    for (name, status), n in queue.active.items():
        if name in taken and status in SEATED:
            taken[name] += n
    yield _by("server_seats_taken", "Pictures at a server", ["server"], taken)


def _workers() -> Iterator[Metric]:
    late = worker_loops.lags()
    yield _by("worker_loop_lag_seconds", "The worst in the last ten seconds", ["worker"], late)
    yield _gauge("workers", "Worker processes that told of themselves lately", len(late))


def _storage() -> Iterator[Metric]:
    sums = {kind: float(sum(found.values())) for kind, found in usage.by_workspace().items()}
    yield _by("storage_bytes", "Bytes of the files that rows name, at most ten minutes old", ["kind"], sums)
    if (disk := usage.disk()) is not None:
        yield _gauge("disk_size_bytes", "Size of the disk with the files", disk.size)
        yield _gauge("disk_free_bytes", "Room left on the disk with the files", disk.free)
