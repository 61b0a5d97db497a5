"""What a run delivers, as data: one entry an ad, with its file, its checks and why one is missing."""

from typing import Any

from runs.models import Creative, Run
from runs.states import Status


def manifest(run: Run) -> dict[str, Any]:
    ads = Creative.objects.filter(run=run).select_related("generation").order_by("generation", "pk")
    failed = run.generations.filter(status__in=[Status.FAILED, Status.CANCELLED])
    return {
        "run": run.name,
        "status": run.status,
        "simulated": bool(run.simulated),
        "seed": run.spec["seed"],
        "pictures_total": run.pictures_total,
        "ads_total": run.ads_total,
        "ads": [_entry(run, ad) for ad in ads],
        "failures": [f"Picture {row.pk}: {row.error or row.status}" for row in failed],
    }


def _entry(run: Run, ad: Creative) -> dict[str, Any]:
    size, generation = ad.size, ad.generation
    return {
        "file": ad.file_name if ad.key else "",
        "key": ad.key,
        "state": ad.state,
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
        "product": run.spec["products"][generation.product]["name"],
        "look": run.spec["looks"][generation.look]["name"],
        "seed": generation.seed,
        "copy": ad.copy,
        "report": ad.report,
    }
