"""Is the process alive, and can it do its work? For load balancers and for `make run`."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from runs.kinds import servers_for, simulates
from runs.states import WORKING


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """No I/O: answers as long as the process does."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 while pages or work cannot be served; the body says which part and why."""
    parts = {"database": _database()}
    if parts["database"] == "ok":
        parts |= {"engine": _engine(), "gpu_servers": _servers()}
    ok = all(words in ("ok", "test mode", "elsewhere") for words in parts.values())
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
    except DatabaseError as fault:
        return f"does not answer: {fault.__class__.__name__}"
    return "ok"


def _engine() -> str:
    from runs.engine.supervisor import current

    if settings.ENGINE == "workers":
        return "elsewhere"
    return "ok" if current() is not None else "not running in this process"


def _servers() -> str:
    if not servers_for().filter(state__in=WORKING).exists():
        return "none answers"
    return "test mode" if simulates() else "ok"
