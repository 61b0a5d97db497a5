"""What a run delivers, as data: one entry an ad, with its file, its checks and why one is missing."""

from collections.abc import Iterator
from typing import Any

from runs import formats, posting
from runs.brief import BriefSpec
from runs.models import Creative, Run
from runs.shown import in_order
from runs.states import Status

ENDS = {Status.FAILED: "It failed.", Status.CANCELLED: "It was stopped."}


def manifest(run: Run) -> dict[str, Any]:
    ads = Creative.objects.newest().filter(run=run).select_related("generation")
    spec = run.brief
    entries = [entry_of(run, spec, ad) for ad in in_order(run, ads)]
    return head_of(run) | {"ads": entries, "failures": failures_of(run)}


def head_of(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "status": run.status,
        "simulated": bool(run.simulated),
        "seed": run.spec["seed"],
        "pictures_total": run.pictures_total,
        "ads_total": run.ads_total,
    }


def failures_of(run: Run) -> list[str]:
    """What was ordered and is not there, one sentence each."""
    return [*_pictures_missing(run), *_sizes_missing(run)]


def _pictures_missing(run: Run) -> Iterator[str]:
    """A picture is named by what it shows: numbers of rows say nothing to anybody."""
    products, looks = run.spec["products"], run.spec["looks"]
    over = run.generations.filter(status__in=[Status.FAILED, Status.CANCELLED])
    for row in over.order_by("pk"):
        name = f"{products[row.product]['name']}, {looks[row.look]['name']}, {row.shape}"
        number = f" {row.variation + 1}" if run.spec["variations"] > 1 else ""
        yield f"Picture of {name}{number}: {row.error or ENDS[Status(row.status)]}"


def _sizes_missing(run: Run) -> Iterator[str]:
    """Sizes that left the catalogue before their ads were made."""
    made = set(Creative.objects.filter(run=run).values_list("format", flat=True))
    for format_id in run.brief.gone_formats:
        if format_id not in made:
            yield f"The size “{format_id}” is no longer available; it has no ads."


def entry_of(run: Run, spec: BriefSpec, ad: Creative) -> dict[str, Any]:
    """`spec` is the run's brief: whoever writes many entries reads it once."""
    size, generation = ad.size, ad.generation
    return {
        "file": ad.file_name if ad.key else "",
        "key": ad.key,
        "state": ad.state,
        "decision": ad.decision,
        "words": ad.words,
        "format": ad.format,
        "label": size.label,
        "platform": size.platform_name,
        "width": size.width,
        "height": size.height,
        "bytes": ad.bytes,
        "byte_limit": size.max_bytes,
        "byte_limit_is_ours": size.max_bytes_is_ours,
        "sha256": ad.sha256,
        "language": ad.language,
        "message": ad.message,
        "without_text": ad.twin,
        "revision": ad.revision,
        "product": spec.products[generation.product].name,
        "product_picture": "as uploaded" if spec.products[generation.product].cutout else "invented",
        "look": spec.looks[generation.look].name,
        "seed": generation.seed,
        "copy": ad.copy,
        "post": post_of(spec, ad),
        "report": ad.report,
    }


def post_of(spec: BriefSpec, ad: Creative) -> dict[str, Any]:
    """The text that goes beside this ad on its platform."""
    post = posting.of_ad(spec, ad)
    entry = formats.catalogue().get(ad.format)
    written: dict[str, Any] = dict(post.written(entry.platform)) if entry else {}
    return ({"link": post.link} if written and post.link else {}) | written
