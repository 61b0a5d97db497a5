"""What the API says: the answers as typed values. The order itself is the brief (`runs.brief.BriefSpec`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from runs.models import Creative, Generation, Run, Verdict
from runs.states import AdState, RunStatus, Status

# What “Try it out” on the API's page sends; examples/run.json holds the same for the command line.
EXAMPLE: dict[str, Any] = {
    "name": "A first run by API",
    "formats": ["meta_feed_square", "google_display_leaderboard"],
    "products": [{"name": "Cold Brew 250 ml", "description": "a slim dark can of cold brew coffee"}],
    "messages": [{"headline": "Slow brewed. Fast gone.", "line": "18 hours cold.", "button": "Try it"}],
    "looks": [
        {"name": "Warm podium", "words": "on a stone podium, warm arch", "palette": ["#f6c9a8", "#e8825b"]}
    ],
    "brand": {"name": "Nordlys", "primary": "#2a1a2e", "accent": "#ffd84d"},
}


class AdOut(Schema):
    id: UUID
    file: str
    format: str
    language: str
    message: int
    without_text: bool
    revision: int
    state: AdState
    decision: Verdict
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
            without_text=ad.twin,
            revision=ad.revision,
            state=AdState(ad.state),
            decision=Verdict(ad.decision),
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
    paused: bool
    pinned: bool
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
