"""How an ad was made: from which brief, words and seed, on which server and when; and the brief for more like it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from runs.brief import BriefSpec, from_stored
from runs.models import Creative
from runs.summary import clock
from studio.models import Brief
from studio.rows import COPY


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Each fact with its name, in the order of the page; `url` where there is more to see."""

    facts: tuple[tuple[str, str, str], ...]  # name, words, url
    made_at: datetime
    prompt: str
    without: str  # what the picture was not to show
    more_url: str  # a new brief of the same campaign, filled in; empty where there is none


def provenance_of(ad: Creative, *, may_change: bool) -> Provenance:
    run, made, picture, spec = ad.run, ad.generation, ad.picture, ad.run.spec
    brief = _brief_of(ad)
    product = spec["products"][made.product]
    how = _("as uploaded") if product.get("cutout") else _("invented")
    facts = [
        (_("Campaign"), brief.campaign.name, brief.campaign.get_absolute_url()) if brief else None,
        (_("Brief"), brief.name, brief.get_absolute_url() if may_change else "") if brief else None,
        (_("Run"), run.name, reverse("studio:run", args=[run.uid])),
        (_("Product"), f"{product['name']}, {how}", ""),
        (_("Look"), spec["looks"][made.look]["name"], ""),
        (_("Engine preset"), _("%(name)s, version %(n)d") % _preset(ad), ""),
        (_("GPU server"), picture.server, ""),
        (_("Model"), picture.checkpoint, ""),
        (_("Painted in"), _seconds(ad), ""),
        (_("Seed"), str(made.seed), ""),
        (_("Attempt"), str(picture.attempt + 1) if picture.attempt else "", ""),
        (_("Marked as AI"), str(ad.report.get("source_type", "")), ""),
        (_("Checksum"), ad.sha256[:16], ""),
    ]
    return Provenance(
        facts=tuple(fact for fact in facts if fact and fact[1]),
        made_at=ad.created_at,
        prompt=made.positive,
        without=made.negative,
        more_url=_more(ad, brief) if brief and may_change else "",
    )


def _brief_of(ad: Creative) -> Brief | None:
    if not ad.run.origin:
        return None
    known = Brief.objects.filter(uid=ad.run.origin, workspace=ad.workspace_id)
    return known.select_related("campaign").first()


def _preset(ad: Creative) -> dict[str, object]:
    return {"name": ad.run.workflow.name, "n": ad.run.workflow.version}


def _seconds(ad: Creative) -> str:
    begin, end = ad.generation.rendering_at, ad.generation.rendered_at
    return clock(max(1, (end - begin).total_seconds())) if begin and end else ""


def _more(ad: Creative, brief: Brief) -> str:
    return f"{reverse('studio:brief_new', args=[brief.campaign.uid])}?like={ad.uid}"


def more_like(ad: Creative) -> BriefSpec:
    """A brief of that product, message and look alone, with the words as the ad says them and a seed of its own."""
    spec = ad.run.brief
    product, message = spec.products[ad.generation.product], spec.messages[ad.message]
    if ad.language == spec.languages[0] and not ad.twin:
        message = message.model_copy(update={name: ad.copy.get(name, "") for name in COPY})
    changes = {
        "name": _("More like %(name)s") % {"name": spec.name},
        "products": (product,),
        "messages": (message,),
        "looks": (spec.looks[ad.generation.look],),
        "seed": None,
    }
    raw = spec.model_copy(update=changes).model_dump(mode="json")
    raw["name"] = raw["name"][:120]
    return from_stored(raw)
