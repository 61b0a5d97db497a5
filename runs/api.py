"""The API of runs. Polling is the truth: an order is answered at once with its id."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from ninja import Router, Status
from ninja.errors import HttpError

from accounts.models import ApiToken
from runs import downloads, lifecycle, preflight
from runs.brief import BriefSpec
from runs.models import Creative, Run
from runs.schemas import EXAMPLE, AdOut, GenerationOut, Problem, RunCreated, RunOut
from runs.states import RunStatus
from runs.summary import summarise

router = Router(tags=["runs"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem}


@router.post(
    "/runs",
    response={201: RunCreated, 415: Problem, 422: Problem, **REFUSALS},
    summary="Start a run",
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXAMPLE}}}},
)
def start(request: HttpRequest, spec: BriefSpec) -> Status[RunCreated]:
    """Send a whole brief. The answer comes at once; poll `GET /runs/{id}` for the ads."""
    token = _token(request)
    preflight.check(spec, token.workspace)
    run = lifecycle.start(token.workspace, token.user, spec)
    created = RunCreated(
        id=run.uid,
        status=RunStatus(run.status),
        url=f"{settings.PUBLIC_URL}/api/v1/runs/{run.uid}",
        pictures_total=run.pictures_total,
        ads_total=run.ads_total,
    )
    return Status(201, created)


@router.get("/runs/{uuid:uid}", response={200: RunOut, **REFUSALS}, summary="See how a run stands")
def show(request: HttpRequest, uid: UUID) -> RunOut:
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/cancel", response={200: RunOut, **REFUSALS}, summary="Stop a run")
def cancel(request: HttpRequest, uid: UUID) -> RunOut:
    """What is waiting ends at once; what is on a GPU ends within seconds. Stopping twice does no harm."""
    lifecycle.cancel_run(_run(request, uid), actor=str(_token(request)))
    return _out(_run(request, uid))


@router.post(
    "/runs/{uuid:uid}/retry", response={200: RunOut, **REFUSALS}, summary="Try failed pictures again"
)
def retry(request: HttpRequest, uid: UUID) -> RunOut:
    lifecycle.retry_failed(_run(request, uid), actor=str(_token(request)))
    return _out(_run(request, uid))


@router.get("/runs/{uuid:uid}/export.zip", summary="Download the ads", include_in_schema=True)
def export(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A ZIP of every ad that is ready, and a manifest."""
    return downloads.archive(_run(request, uid))


def _token(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def _run(request: HttpRequest, uid: UUID) -> Run:
    run = Run.objects.filter(workspace=_token(request).workspace, uid=uid).first()
    if run is None:
        raise HttpError(404, "There is no such run in this workspace.")
    return run


def _out(run: Run) -> RunOut:
    summary = summarise(run)
    base = settings.PUBLIC_URL
    ads = Creative.objects.filter(run=run).select_related("generation").order_by("pk")
    return RunOut(
        id=run.uid,
        name=run.name,
        status=summary.status,
        simulated=run.simulated,
        pictures_total=summary.pictures_total,
        pictures_done=summary.pictures_done,
        ads_total=summary.ads_total,
        ads_ready=summary.ads_ready,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        generations=[GenerationOut.of(row, run) for row in run.generations.all()],
        ads=[AdOut.of(ad, base) for ad in ads],
        export_url=f"{base}/api/v1/runs/{run.uid}/export.zip",
    )
