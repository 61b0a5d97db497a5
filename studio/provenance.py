"""How an ad or a picture was made: from which brief, words and seed, on which server. And the brief for more of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Workspace
from runs import posting, recompose
from runs.brief import BriefSpec, from_stored
from runs.models import Creative, Generation, Picture, Run
from runs.summary import clock
from runs.wording import with_words
from studio.models import Brief
from studio.rows import COPY

type Fact = tuple[str, str, str]  # name, words, url


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Each fact with its name, in the order of the page; `url` where there is more to see."""

    facts: tuple[Fact, ...]
    made_at: datetime
    prompt: str
    without: str  # what the picture was not to show
    more_url: str  # a new brief of the same campaign, filled in; empty where there is none


def provenance_of(ad: Creative, *, may_change: bool) -> Provenance:
    gone = ad.picture.dropped_at is not None
    painted = "" if gone else reverse("studio:picture", args=[ad.picture.uid])
    more = [
        (_("Picture"), _("removed by a clean-up") if gone else _("view original"), painted),
        (_("AI label"), *_mark(str(ad.report.get("source_type", "")))),
        (_("Checksum"), ad.sha256[:16], ""),
    ]
    return _provenance(ad, ad.picture, more, may_change)


# The terms of the IPTC vocabulary that files carry, in words.
MARKS = {
    "algorithmicMedia": gettext_lazy("drawn by a program"),
    "trainedAlgorithmicMedia": gettext_lazy("made with AI"),
    "compositeWithTrainedAlgorithmicMedia": gettext_lazy("made with AI, text and product added"),
}


def _mark(term: str) -> tuple[str, str]:
    """What it says, with the address of the term."""
    return str(MARKS.get(term.rpartition("/")[2], term)), term


def provenance_of_picture(picture: Picture, *, may_change: bool) -> Provenance:
    return _provenance(picture, picture, [(_("Checksum"), picture.sha256[:16], "")], may_change)


def _provenance(row: Creative | Picture, picture: Picture, more: list[Fact], may_change: bool) -> Provenance:
    made = row.generation
    brief = _brief_of(made.run)
    facts = [*_order(made, brief, may_change), *_painting(made, picture), *more]
    return Provenance(
        facts=tuple(fact for fact in facts if fact[1]),
        made_at=row.created_at,
        prompt=made.positive,
        without=made.negative,
        more_url=_more(row.uid, brief) if brief and may_change else "",
    )


def _order(made: Generation, brief: Brief | None, may_change: bool) -> Iterator[Fact]:
    run, spec = made.run, made.run.spec
    if brief:
        yield _("Campaign"), brief.campaign.name, brief.campaign.get_absolute_url()
        yield _("Brief"), brief.name, brief.get_absolute_url() if may_change else ""
    yield _("Run"), run.name, reverse("studio:run", args=[run.uid])
    product = spec["products"][made.product]
    how = _("as uploaded") if product.get("cutout") else _("AI-generated")
    yield _("Product"), f"{product['name']}, {how}", ""
    yield _("Look"), spec["looks"][made.look]["name"], ""


def _painting(made: Generation, picture: Picture) -> Iterator[Fact]:
    yield _("Engine preset"), _("%(name)s, version %(n)d") % _preset(made.run), ""
    yield _("GPU server"), picture.server, ""
    yield _("Model"), picture.checkpoint, ""
    yield _("Made in"), _seconds(made), ""
    yield _("Seed"), str(made.seed), ""
    yield _("Attempt"), str(picture.attempt + 1) if picture.attempt else "", ""


def _brief_of(run: Run) -> Brief | None:
    if not run.origin:
        return None
    known = Brief.objects.filter(uid=run.origin, workspace=run.workspace_id)
    return known.select_related("campaign").first()


def _preset(run: Run) -> dict[str, object]:
    return {"name": run.workflow.name, "n": run.workflow.version}


def _seconds(made: Generation) -> str:
    begin, end = made.rendering_at, made.rendered_at
    return clock(max(1, (end - begin).total_seconds())) if begin and end else ""


def _more(uid: UUID, brief: Brief) -> str:
    return f"{reverse('studio:brief_new', args=[brief.campaign.uid])}?like={uid}"


def like(workspace: Workspace, written: str) -> BriefSpec | None:
    """The brief for more like the ad or the picture of that uid, where the workspace has it."""
    try:
        uid = UUID(written)
    except ValueError:
        return None
    ad = Creative.objects.filter(workspace=workspace, uid=uid).select_related("run", "generation").first()
    if ad is not None:
        return more_like(ad)
    picture = Picture.objects.filter(workspace=workspace, uid=uid).select_related("generation__run").first()
    return more_like_picture(picture) if picture else None


def more_like(ad: Creative) -> BriefSpec:
    """A brief of that product, message and look alone, with what the ad says, and a seed of its own."""
    spec = ad.run.brief
    if ad.twin:
        return _alike(spec, ad.generation, messages=(spec.messages[ad.message],))
    words = {name: ad.copy.get(name, "") for name in COPY} | {"post": posting.of_ad(spec, ad)}
    message = spec.messages[ad.message]
    if ad.language in spec.languages:
        told: dict[str, Any] = {"messages": (with_words(message, spec.languages[0], ad.language, words),)}
    else:  # its words were put into a language that the brief does not have
        told = {
            "messages": (message.model_copy(update=words | {"translations": {}}),),
            "languages": (ad.language,),
        }
    product = spec.products[ad.generation.product].model_copy(update={"price": recompose.price_of(ad)})
    return _alike(spec, ad.generation, products=(product,), **told)


def more_like_picture(picture: Picture) -> BriefSpec:
    """A brief of that product and look alone, with every message that may stand on them."""
    made = picture.generation
    spec = made.run.brief
    wanted = spec.messages_of(spec.products[made.product])
    return _alike(spec, made, messages=tuple(spec.messages[i] for i in wanted))


def _alike(spec: BriefSpec, made: Generation, **changes: Any) -> BriefSpec:
    product = spec.products[made.product]
    named = {"products": (product,), "looks": (spec.looks[made.look],), "seed": None}
    raw = spec.model_copy(update=named | changes).model_dump(mode="json")
    raw["name"] = (_("More like %(name)s") % {"name": spec.name})[:120]
    return from_stored(raw)
