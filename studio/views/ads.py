"""One ad: what it says and shows, its checks, its revisions, and how to have it otherwise."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Deed, may
from runs import choosing, formats, recompose
from runs.errors import BriefRefused, Overtaken
from runs.manifest import post_of
from runs.models import Creative, Verdict
from runs.rules import rules_of
from runs.shown import in_order
from runs.states import AdState
from studio.ad_forms import FORMS, ChangeForm
from studio.ad_post import PostForm
from studio.here import StudioRequest, member, posted, to_change, to_see
from studio.posts import lines_of
from studio.provenance import provenance_of
from studio.rows import language_name
from studio.rulelines import rule_line, source_line
from studio.tiles import ad_label
from studio.wording import kilobytes

MOST_BESIDE = 50
# What all revisions of an ad have in common.
IDENTITY = ("generation_id", "format", "twin", "message", "language")
ADS = Creative.objects.select_related("run__workflow", "generation", "picture")


@member
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    ad: Creative = to_see(request, ADS.all(), uid)
    return page_of(request, ad)


@member
@posted
def change(request: StudioRequest, uid: UUID, what: str) -> HttpResponseBase:
    """Order the revision; the answer is the page of the ad as it is being made."""
    ad: Creative = to_change(request, ADS.all(), uid)
    if what not in FORMS:
        raise Http404
    form = _form(what, ad, request.POST)
    made = _ordered(form, str(request.user))
    if form.overtaken:
        return _overtaken(request, what, ad)
    if made is None:
        return page_of(request, ad, {what: form})
    new = next((row for row in made if _is_like(row, ad)), made[0] if made else ad)
    if request.htmx:  # type: ignore[attr-defined]
        answer = page_of(request, ADS.get(pk=new.pk))
        answer["HX-Push-Url"] = reverse("studio:ad", args=[new.uid])
        return answer
    return redirect("studio:ad", new.uid)


@member
@posted
def post_text(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """Write the text beside the ad; while somebody types, `counts` asks only how its platform counts it."""
    ad: Creative = to_change(request, ADS.all(), uid)
    if ad.format not in formats.catalogue():
        raise Http404
    ad = ADS.get(pk=recompose.history(ad)[0].pk)  # its words may have been changed meanwhile
    form = PostForm(ad, request.POST)
    if "counts" in request.GET:
        return render(request, "parts/post_counts_of_ad.html", {"part": form.part})
    if not form.write(request.user):
        return page_of(request, ad, post=form)
    if request.htmx:  # type: ignore[attr-defined]
        return page_of(request, ADS.get(pk=ad.pk))
    return redirect("studio:ad", ad.uid)


def _form(what: str, ad: Creative, data: Mapping[str, str]) -> ChangeForm:
    """Begun from that revision; what others changed of the ad meanwhile, and this form does not, stays theirs."""
    begun = FORMS[what](ad, data=data)
    newest = recompose.history(ad)[0]
    if not begun.replaces or newest.pk == ad.pk:
        return begun
    form = FORMS[what](ADS.get(pk=newest.pk), data=data)
    form.overtaken = form.initial != begun.initial
    return form


def _ordered(form: ChangeForm, actor: str) -> list[Creative] | None:
    """The new revisions; None where the form is at fault, or was overtaken."""
    if form.overtaken or not form.is_valid() or form.change is None:
        return None
    try:
        seen = form.ad if form.replaces else None
        return recompose.order(form.ads(), form.change, actor=actor, seen=seen)
    except BriefRefused as refusal:
        form.refuse(refusal)
    except Overtaken:
        form.overtaken = True
    return None


def _overtaken(request: StudioRequest, what: str, ad: Creative) -> HttpResponse:
    """The ad as it is now, with what was typed; sent from here it takes the place of the newest."""
    newest: Creative = ADS.get(pk=recompose.history(ad)[0].pk)
    form = FORMS[what](newest, data=request.POST)
    form.tell_overtaken()
    answer = page_of(request, newest, {what: form})
    answer["HX-Push-Url"] = reverse("studio:ad", args=[newest.uid])
    return answer


def _is_like(row: Creative, ad: Creative) -> bool:
    """Of several that were changed, the one whose page was open."""
    mine = (ad.generation_id, ad.message, ad.format, ad.twin)
    return (row.generation_id, row.message, row.format, row.twin) == mine


def page_of(
    request: StudioRequest,
    ad: Creative,
    filled: Mapping[str, ChangeForm] | None = None,
    fault: str = "",
    post: PostForm | None = None,
) -> HttpResponse:
    revisions = recompose.history(ad)
    newest = revisions[0].pk == ad.pk
    editor = may(request.user, Deed.EDIT, request.workspace)
    context = {
        "ad": _ad(ad),
        "run": ad.run,
        "revisions": [_revision(row, ad) for row in revisions],
        "siblings": [_sibling(row) for row in _beside(ad)],
        "turn": partial(_turn, ad),  # only the whole page has it, not each answer to a change
        "newest_url": "" if newest else reverse("studio:ad", args=[revisions[0].uid]),
        "forms": _forms(ad, filled or {}) if editor and newest else {},
        "post": (post or _post_form(ad)) if editor and newest else None,
        "may_change": editor,
        "made": provenance_of(ad, may_change=editor),
        "choice": choice_of(ad, newest=newest, may_decide=editor) | {"fault": fault},
    }
    part = "#ad" if request.htmx else ""  # type: ignore[attr-defined]
    # htmx shows what it gets only when all went well.
    status = 422 if (filled or post) and not request.htmx else 200  # type: ignore[attr-defined]
    return render(request, f"studio/ad.html{part}", context, status=status)


def _post_form(ad: Creative) -> PostForm | None:
    """None where no text goes beside it: its platform takes none, or its size is gone."""
    form = PostForm(ad) if ad.format in formats.catalogue() else None
    return form if form and form.part else None


def _turn(ad: Creative) -> dict[str, Any]:
    """The ad before it and the one after it, as the page of its run shows them."""
    shown = Creative.objects.newest().filter(run=ad.run_id).select_related("generation")
    rows = in_order(ad.run, shown.only("uid", *IDENTITY, "generation__look"))
    rows.sort(key=lambda row: row.generation.look)
    at = next((n for n, row in enumerate(rows) if _same(row, ad)), 0)
    around = {"before": rows[at - 1 : at], "after": rows[at + 1 : at + 2]}
    urls = {
        f"{where}_url": reverse("studio:ad", args=[found[0].uid]) for where, found in around.items() if found
    }
    return urls | {"at": at + 1, "of": len(rows)}


def _same(row: Creative, ad: Creative) -> bool:
    return all(getattr(row, name) == getattr(ad, name) for name in IDENTITY)


def choice_of(ad: Creative, *, newest: bool, may_decide: bool) -> dict[str, Any]:
    """What was decided about the ad and by whom; and why, where nothing can be."""
    decision = choosing.newest_of(ad)
    ready = ad.state == AdState.READY
    return {
        "verdict": ad.decision,
        "who": decision.who if decision and ad.decision != Verdict.UNDECIDED else "",
        "at": decision.at if decision else None,
        "why_not": choosing.SAMPLE if ready and ad.simulated else "",
        "url": reverse("studio:ad_decide", args=[ad.uid])
        if ready and newest and may_decide and not ad.simulated
        else "",
        "sha256": ad.sha256,
    }


def _forms(ad: Creative, filled: Mapping[str, ChangeForm]) -> dict[str, ChangeForm]:
    """What can be changed of it: a twin has no words, and a size or a picture that is gone cannot be made any more."""
    if ad.picture.dropped_at:
        return {}
    offered = ad.format in formats.catalogue()
    kinds = (
        {"size"}
        | ({"brand", "focus"} if offered else set())
        | ({"copy"} if offered and not ad.twin else set())
    )
    return {
        kind: filled.get(kind) or FORMS[kind](ad, prefix=None, auto_id=f"{kind}_%s") for kind in sorted(kinds)
    }


def _ad(row: Creative) -> dict[str, Any]:
    size = row.size
    # While the new one is being made the one before stays to be seen.
    shown = next((old for old in recompose.history(row) if old.key), row) if _is_pending(row) else row
    media = reverse("runs:media", args=["ad", row.uid])
    rules = [rule_line(rule) for rule in rules_of(row)]
    return {
        "uid": row.uid,
        "label": ad_label(size.label, row, several=False),
        "url": reverse("runs:media", args=["ad", shown.uid]) if shown.key else "",
        "pending": _is_pending(row),
        "page_url": reverse("studio:ad", args=[row.uid]),
        "download_url": f"{media}?download=1" if row.key else "",
        "file_name": row.file_name if row.key else "",
        "width": size.width,
        "height": size.height,
        "bytes_words": kilobytes(row.bytes),
        "limit_words": _limit(size),
        "state": row.state,
        "words": row.words,
        "product_words": _("as uploaded") if row.shows_upload else _("AI-generated"),
        "revision": row.revision,
        "simulated": row.simulated,
        "twin": row.twin,
        "rules": rules,
        "unmet": sum(not rule["ok"] for rule in rules),
        "copy": row.copy,
        "post": lines_of(post_of(row.run.brief, row)),
        "sources": [source_line(formats.sources()[name]) for name in size.sources],
        "picture": None if row.picture.dropped_at else _picture(row),
        "back_url": reverse("studio:run", args=[row.run.uid]),
        "run_name": row.run.name,
    }


def _is_pending(row: Creative) -> bool:
    return row.state == AdState.PENDING


def _picture(row: Creative) -> dict[str, Any]:
    picture, (x, y) = row.picture, row.focus
    return {
        "url": reverse("runs:media", args=["picture", picture.uid]) + "?size=small",
        "width": picture.width,
        "height": picture.height,
        "x": round(x * picture.width),
        "y": round(y * picture.height),
        "radius": round(min(picture.width, picture.height) * 0.045),
    }


def _revision(row: Creative, shown: Creative) -> dict[str, Any]:
    return _sibling(row) | {
        "number": row.revision,
        "here": row.pk == shown.pk,
        "made_by": row.made_by,
        "at": row.created_at,
        "words": row.words,
        "back_url": reverse("studio:ad_change", args=[row.uid, "back"]),
    }


def _sibling(row: Creative) -> dict[str, Any]:
    media = reverse("runs:media", args=["ad", row.uid])
    return {
        "url": reverse("studio:ad", args=[row.uid]),
        "thumb_url": f"{media}?size=small" if row.key else "",
        "label": ad_label(row.size.label, row, several=False),
        "state": row.state,
        "decision": row.decision,
        "language": language_name(row.language),
        "headline": "" if row.twin else row.copy.get("headline", ""),
    }


def _beside(ad: Creative) -> list[Creative]:
    """The same picture in the same size: its twin without text, other messages and languages."""
    same = Creative.objects.newest().filter(generation=ad.generation_id, format=ad.format)
    others = same.exclude(message=ad.message, language=ad.language, twin=ad.twin)
    return list(others.select_related("generation").order_by("-twin", "message", "language")[:MOST_BESIDE])


def _limit(size: formats.Size) -> str:
    words = kilobytes(size.max_bytes) if size.max_bytes else ""
    return words + (_(" (ours)") if size.max_bytes_is_ours else "")
