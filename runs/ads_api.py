"""The API of single ads: all that is known of one, its report and its revisions; and how to order another."""

from datetime import datetime
from enum import StrEnum, auto
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from accounts.models import ApiToken
from runs import choosing, passes, recompose
from runs.brief import BrandSpec, CopySpec
from runs.models import Creative, Verdict
from runs.recompose import Change
from runs.rules import Origin, Rule, rules_of
from runs.schemas import AdOut, Problem
from runs.states import AdState

router = Router(tags=["ads"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 429: Problem}
Part = Annotated[float, Field(ge=0, le=1)]


class Scope(StrEnum):
    """Which ads a change is for."""

    AD = auto()
    MESSAGE = auto()  # all sizes and looks that say the same in this language
    PICTURE = auto()  # all ads over this picture
    RUN = auto()


class RuleSource(Schema):
    name: str
    url: str
    kind: str
    date: str


class CheckOut(Schema):
    """One row of the report: the rule, whether it is kept, and whose rule it is since when."""

    name: str
    ok: bool
    words: str
    origin: Origin
    note: str
    sources: list[RuleSource]

    @staticmethod
    def of(rule: Rule) -> "CheckOut":
        sources = [
            RuleSource(name=source.name, url=source.url, kind=source.kind, date=source.date)
            for source in rule.sources
        ]
        return CheckOut(
            name=rule.name, ok=rule.ok, words=rule.words, origin=rule.origin, note=rule.note, sources=sources
        )


class RevisionOut(Schema):
    id: UUID
    revision: int
    state: AdState
    made_by: str
    created_at: datetime
    url: str


class AdDetail(Schema):
    ad: AdOut
    run: UUID
    newest: bool
    copy_: dict[str, str] = Field(serialization_alias="copy")
    brand: BrandSpec
    focus: tuple[float, float]
    checks: list[CheckOut]
    history: list[RevisionOut]
    open_url: str = Field(description="Its file, without a token, for an hour; empty if there is none.")


class ChangeIn(Schema):
    """What is to be different; what is left out stays. `copy` is the whole of the words."""

    model_config = ConfigDict(extra="forbid")

    copy_: CopySpec | None = Field(None, alias="copy")
    price: str | None = None
    language: str | None = None
    format: str | None = None
    brand: BrandSpec | None = None
    focus: tuple[Part, Part] | None = None
    scope: Scope = Scope.AD


@router.get("/creatives/{uuid:uid}", response={200: AdDetail, **REFUSALS}, by_alias=True, summary="Get an ad")
def show(request: HttpRequest, uid: UUID) -> AdDetail:
    """Its words, its report with the source of each rule, and all its revisions, the newest first."""
    ad = _ad(request, uid)
    revisions = recompose.history(ad)
    return AdDetail(
        ad=AdOut.of(ad, settings.PUBLIC_URL),
        run=ad.run.uid,
        newest=revisions[0].pk == ad.pk,
        copy_=ad.copy,
        brand=recompose.brand_from(ad.brand),
        focus=tuple(ad.focus),
        checks=[CheckOut.of(rule) for rule in rules_of(ad)],
        history=[_revision(row) for row in revisions],
        open_url=f"{settings.PUBLIC_URL}/media/ad/{ad.uid}?sig={passes.signature('ad', ad.uid)}"
        if ad.key
        else "",
    )


@router.post(
    "/creatives/{uuid:uid}/revisions",
    response={202: list[AdOut], 415: Problem, 422: Problem, **REFUSALS},
    summary="Change finished ads",
)
def revise(request: HttpRequest, uid: UUID, wanted: ChangeIn) -> Status[list[AdOut]]:
    """No GPU is needed. The answer names the new revisions while they are `pending`; poll each until it is not."""
    ad = _ad(request, uid)
    change = Change(
        copy=wanted.copy_,
        price=wanted.price,
        language=wanted.language,
        format=wanted.format,
        brand=wanted.brand,
        focus=wanted.focus,
    )
    made = recompose.order(_meant(ad, wanted.scope), change, actor=str(_token(request)))
    rows = (
        Creative.objects.filter(pk__in=[row.pk for row in made]).select_related("generation").order_by("pk")
    )
    return Status(202, [AdOut.of(row, settings.PUBLIC_URL) for row in rows])


class DecisionIn(Schema):
    """`sha256` is that of the file you looked at: an ad that was changed since is then not decided on."""

    model_config = ConfigDict(extra="forbid")

    decision: Verdict
    sha256: str = ""


@router.post(
    "/ads/{uuid:uid}/decision",
    response={200: AdOut, 409: Problem, 415: Problem, 422: Problem, **REFUSALS},
    summary="Approve or reject an ad",
)
def decide(request: HttpRequest, uid: UUID, wanted: DecisionIn) -> AdOut:
    """The newest decision counts; `undecided` takes it back. A changed ad is a new one that is undecided."""
    token = _token(request)
    words = f"With the token {token}."
    row = choosing.decide(_ad(request, uid), wanted.decision, by=token.user, seen=wanted.sha256, words=words)
    return AdOut.of(row, settings.PUBLIC_URL)


def _meant(ad: Creative, scope: Scope) -> list[Creative]:
    match scope:
        case Scope.AD:
            return [ad]
        case Scope.MESSAGE:
            return recompose.of_message(ad)
        case Scope.PICTURE:
            return recompose.of_picture(ad)
        case Scope.RUN:
            return recompose.of_run(ad)


def _revision(row: Creative) -> RevisionOut:
    return RevisionOut(
        id=row.uid,
        revision=row.revision,
        state=AdState(row.state),
        made_by=row.made_by,
        created_at=row.created_at,
        url=f"{settings.PUBLIC_URL}/media/ad/{row.uid}" if row.key else "",
    )


def _token(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def _ad(request: HttpRequest, uid: UUID) -> Creative:
    mine = Creative.objects.filter(workspace=_token(request).workspace, uid=uid)
    ad = mine.select_related("run", "generation").first()
    if ad is None:
        raise HttpError(404, "There is no such ad in this workspace.")
    return ad
