"""Is the process alive, can it serve pages, can pictures be made? For load balancers and for those on watch.

Three questions, because their answers have different consequences: what is not alive is started again, what is not
ready gets no requests, and when no picture can be made somebody is told. docs/decisions/0010 says why.
"""

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from runs import leaving
from runs.kinds import servers_for, simulates
from runs.obstacles import is_able
from runs.states import WORKING


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """No I/O: answers as long as the process does."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 while this process cannot serve pages, and once it was told to end. It can without a GPU server, too."""
    if leaving.told.is_set():
        return JsonResponse({"status": "draining"}, status=503)
    parts = _parts()
    here = parts["database"] == "ok" and parts["engine"] != NOT_HERE
    return _answer(here, parts)


@require_safe
@never_cache
def work(request: HttpRequest) -> JsonResponse:
    """503 while no picture can be made, wherever the reason lies."""
    parts = _parts()
    return _answer(all(words not in FAULTS for words in parts.values()) and parts["database"] == "ok", parts)


NOT_HERE, NO_WORKER, NO_SERVER = "not running in this process", "no worker", "none answers"
NOT_ABLE = "none can take a picture: run `manage.py doctor`"
FAULTS = (NOT_HERE, NO_WORKER, NO_SERVER, NOT_ABLE)
LATELY = 40  # seconds; a worker shows itself every ten


def _parts() -> dict[str, str]:
    parts = {"database": _database(), "engine": "not known", "gpu_servers": "not known"}
    if parts["database"] == "ok":
        parts |= {"engine": _engine(), "gpu_servers": _servers()}
    return parts


def _answer(ok: bool, parts: dict[str, str]) -> JsonResponse:
    return JsonResponse({"status": "ok" if ok else "not ready", **parts}, status=200 if ok else 503)


_migrated = False


def _database() -> str:
    """Once the migrations were found applied they stay so for this process."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "migrations are missing: run `manage.py migrate`"
            _migrated = True
    except Error as fault:
        return f"does not answer: {fault.__class__.__name__}"
    return "ok"


def _engine() -> str:
    from runs.engine.supervisor import current

    if settings.ENGINE == "workers":
        return workers() if settings.POSTGRES else "elsewhere"
    return "ok" if current() is not None else NOT_HERE


def workers() -> str:
    """How many worker processes showed themselves lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [LATELY],
        )
        count = cursor.fetchone()[0]
    return f"{count} workers" if count > 1 else "1 worker" if count else NO_WORKER


def _servers() -> str:
    answering = list(servers_for().filter(state__in=WORKING))
    if not any(map(is_able, answering)):
        return NOT_ABLE if answering else NO_SERVER
    return "test mode" if simulates() else "ok"
