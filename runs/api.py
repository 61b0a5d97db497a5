"""The API of runs. Polling is the truth: an order is answered at once with its id."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from ninja import Header, Router, Status
from ninja.errors import HttpError

from accounts.audit import note
from accounts.models import ApiToken
from runs import downloads, lifecycle, pausing, pinning, preflight, repeats
from runs.brief import BriefSpec
from runs.errors import NotAllowed
from runs.export import of_run
from runs.models import Creative, Run
from runs.schemas import EXAMPLE, AdOut, GenerationOut, Problem, RunCreated, RunOut
from runs.shown import in_order
from runs.states import RunStatus
from runs.summary import summarise

router = Router(tags=["runs"])
# Its form is looked at in `start`: what is wrong with it is said in our words.
KEY = Header(
    None,
    alias="Idempotency-Key",
    description="A name of your own for this order, 1 to 200 printable characters, such as a UUID.",
)
NO_KEY = "Send an Idempotency-Key of 1 to 200 printable characters, such as a UUID."
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 429: Problem}


@router.post(
    "/runs",
    response={201: RunCreated, **dict.fromkeys((400, 409, 415, 422, 503), Problem), **REFUSALS},
    summary="Start a run",
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXAMPLE}}}},
)
def start(request: HttpRequest, spec: BriefSpec, idempotency_key: str | None = KEY) -> Status[RunCreated]:
    """Send a whole brief. The answer comes at once; poll `GET /runs/{id}` for the ads.

    With an `Idempotency-Key` the same order sent again is the same run: use one, as any answer may get lost.
    """
    token = _token(request)
    if idempotency_key is None:
        preflight.check(spec, token.workspace)
        run = lifecycle.start(token.workspace, token.user, spec)
    elif repeats.is_key(idempotency_key):
        run = repeats.order(token.workspace, token.user, spec, idempotency_key)
    else:
        raise HttpError(400, NO_KEY)
    _note(token, "run.start", run)
    return Status(201, _created(run))


def _created(run: Run) -> RunCreated:
    return RunCreated(
        id=run.uid,
        status=RunStatus(run.status),
        url=f"{settings.PUBLIC_URL}/api/v1/runs/{run.uid}",
        pictures_total=run.pictures_total,
        ads_total=run.ads_total,
    )


@router.post(
    "/runs/{uuid:uid}/again",
    response={201: RunCreated, **dict.fromkeys((400, 422), Problem), **REFUSALS},
    summary="Run again with a new seed",
)
def again(request: HttpRequest, uid: UUID, idempotency_key: str | None = KEY) -> Status[RunCreated]:
    """A new run of the same frozen brief; only its seed is another. The same `Idempotency-Key` is the same run."""
    if idempotency_key is not None and not repeats.is_key(idempotency_key):
        raise HttpError(400, NO_KEY)
    run, token = _run(request, uid), _token(request)
    new = repeats.again(run, token.user, idempotency_key or "")
    _note(token, "run.start", new)
    return Status(201, _created(new))


@router.get("/runs/{uuid:uid}", response={200: RunOut, **REFUSALS}, summary="Get a run")
def show(request: HttpRequest, uid: UUID) -> RunOut:
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/cancel", response={200: RunOut, **REFUSALS}, summary="Stop a run")
def cancel(request: HttpRequest, uid: UUID) -> RunOut:
    """What is waiting ends at once; what is on a GPU ends within seconds. Stopping twice does no harm."""
    run, token = _run(request, uid), _token(request)
    lifecycle.cancel_run(run, actor=str(token))
    _note(token, "run.cancel", run)
    return _out(_run(request, uid))


@router.post(
    "/runs/{uuid:uid}/pause", response={200: RunOut, 409: Problem, **REFUSALS}, summary="Pause a run"
)
def pause(request: HttpRequest, uid: UUID) -> RunOut:
    """It takes no new pictures; what is on a GPU is finished. Pausing twice does no harm."""
    run, token = _run(request, uid), _token(request)
    try:
        if pausing.pause(run, actor=str(token)):
            _note(token, "run.pause", run)
    except NotAllowed as refusal:
        raise HttpError(409, str(refusal)) from None
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/resume", response={200: RunOut, **REFUSALS}, summary="Resume a run")
def resume(request: HttpRequest, uid: UUID) -> RunOut:
    """Its pictures have kept their places in the queue. Where nothing is paused, nothing happens."""
    run, token = _run(request, uid), _token(request)
    if pausing.go_on(run):
        _note(token, "run.resume", run)
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/pin", response={200: RunOut, **REFUSALS}, summary="Pin a run")
def pin(request: HttpRequest, uid: UUID) -> RunOut:
    """No clean-up takes it and nobody deletes it, until it is unpinned. Pinning twice does no harm."""
    run, token = _run(request, uid), _token(request)
    if pinning.pin(run):
        _note(token, "run.pin", run)
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/unpin", response={200: RunOut, **REFUSALS}, summary="Unpin a run")
def unpin(request: HttpRequest, uid: UUID) -> RunOut:
    """The rules of retention are its own again. Where nothing is pinned, nothing happens."""
    run, token = _run(request, uid), _token(request)
    if pinning.unpin(run):
        _note(token, "run.unpin", run)
    return _out(_run(request, uid))


@router.post("/runs/{uuid:uid}/retry", response={200: RunOut, **REFUSALS}, summary="Retry failed pictures")
def retry(request: HttpRequest, uid: UUID) -> RunOut:
    lifecycle.retry_failed(_run(request, uid), actor=str(_token(request)))
    return _out(_run(request, uid))


@router.get("/runs/{uuid:uid}/export.zip", summary="Download the ads", include_in_schema=True)
def export(request: HttpRequest, uid: UUID, approved: bool = False) -> HttpResponseBase:
    """A ZIP of every ad that is ready, or `approved`: a folder each platform, manifests, copy, sheets, logos."""
    return downloads.archive(of_run(_run(request, uid), approved=approved), by=_token(request).user)


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
    ads = Creative.objects.newest().filter(run=run).select_related("generation")
    return RunOut(
        id=run.uid,
        name=run.name,
        status=summary.status,
        paused=run.is_paused,
        pinned=run.pinned,
        simulated=run.simulated,
        pictures_total=summary.pictures_total,
        pictures_done=summary.pictures_done,
        ads_total=summary.ads_total,
        ads_ready=summary.ads_ready,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        generations=[GenerationOut.of(row, run) for row in run.generations.all()],
        ads=[AdOut.of(ad, base) for ad in in_order(run, ads)],
        export_url=f"{base}/api/v1/runs/{run.uid}/export.zip",
    )


def _note(token: ApiToken, deed: str, run: Run) -> None:
    note(token.workspace, token.user, deed, run.name, f"With the token {token}.")
