"""What the API says: the answers as typed values. The order itself is the brief (`runs.brief.BriefSpec`)."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from runs.models import Creative, Generation, Run
from runs.states import AdState, RunStatus, Status


class AdOut(Schema):
    id: UUID
    file: str
    format: str
    language: str
    message: int
    state: AdState
    words: str
    width: int
    height: int
    bytes: int
    sha256: str
    url: str

    @staticmethod
    def of(ad: Creative, base: str) -> "AdOut":
        size = ad.size
        return AdOut(
            id=ad.uid,
            file=ad.file_name if ad.key else "",
            format=ad.format,
            language=ad.language,
            message=ad.message,
            state=AdState(ad.state),
            words=ad.words,
            width=size.width,
            height=size.height,
            bytes=ad.bytes,
            sha256=ad.sha256,
            url=f"{base}/media/ad/{ad.uid}" if ad.key else "",
        )


class GenerationOut(Schema):
    id: UUID
    status: Status
    look: str
    product: str
    shape: str
    seed: int
    progress: float
    error: str
    attempt: int

    @staticmethod
    def of(row: Generation, run: Run) -> "GenerationOut":
        return GenerationOut(
            id=row.uid,
            status=Status(row.status),
            look=run.spec["looks"][row.look]["name"],
            product=run.spec["products"][row.product]["name"],
            shape=row.shape,
            seed=row.seed,
            progress=row.progress,
            error=row.error,
            attempt=row.attempt,
        )


class RunCreated(Schema):
    """The answer to an order, at once: the work goes on by itself."""

    id: UUID
    status: RunStatus
    url: str
    pictures_total: int
    ads_total: int


class RunOut(Schema):
    id: UUID
    name: str
    status: RunStatus
    simulated: bool | None
    pictures_total: int
    pictures_done: int
    ads_total: int
    ads_ready: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    generations: list[GenerationOut]
    ads: list[AdOut]
    export_url: str


class Problem(Schema):
    """RFC 9457: what is wrong and what to do, with the field where one is at fault."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default_factory=list)
