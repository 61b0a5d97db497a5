"""What a brief comes to, as a sentence, and about how long it would take, from what pictures took lately."""

from datetime import timedelta
from math import ceil, prod
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Workspace
from runs.brief import BriefSpec, Estimate
from runs.kinds import servers_for, simulates
from runs.models import Generation, Run
from runs.states import RunStatus, Status

LATELY = 3  # runs
REMEMBERED = 60  # seconds
SECONDS_AN_AD = 0.1


def sentence(spec: BriefSpec, about: Estimate) -> dict[str, Any]:
    """“4 looks × 3 messages × 6 sizes = 72 ads”, and what they are made from.

    Where some messages are one product's and some every product's, the numbers do not multiply to the ads: the sign
    is then a colon.
    """
    every = not any(message.product for message in spec.messages)
    factors = [
        (about.looks, ngettext("%d look", "%d looks", about.looks)),
        (about.messages, ngettext("%d message", "%d messages", about.messages)),
        (about.sizes, ngettext("%d size", "%d sizes", about.sizes)),
    ]
    further = [
        (len(spec.products) if every else 1, _("%d products")),
        (len(spec.languages), _("%d languages")),
        (spec.variations, _("%d variations")),
    ]
    factors += [(count, words) for count, words in further if count > 1]
    ads = about.ads - about.twins
    return {
        "factors": [words % count for count, words in factors],
        "sign": "=" if prod(count for count, _words in factors) == ads else ":",
        "ads": ngettext("%d ad", "%d ads", ads) % ads,
        "rest": _rest(about),
    }


def _rest(about: Estimate) -> str:
    made = ngettext("from %d picture", "from %d pictures", about.pictures) % about.pictures
    if not about.twins:
        return made
    twins = ngettext("and %d without text,", "and %d without text,", about.twins) % about.twins
    return f"{twins} {made}"


def duration(workspace: Workspace, about: Estimate) -> str:
    """“about 3 min”, counting what waits before it; empty where nobody can know."""
    key = f"foretell:{workspace.uid}"
    known: tuple[float, int] | None = cache.get(key)
    if known is None:
        known = _seconds_a_picture(workspace), _ahead(workspace)
        cache.set(key, known, REMEMBERED)
    each, ahead = known
    if not each:
        return ""
    seconds = (ahead + about.pictures) * each + about.ads * SECONDS_AN_AD
    if seconds < 50:
        return _("under 1 min")
    if seconds < 5400:
        return _("about %d min") % ceil(seconds / 60)
    hours = round(seconds / 3600)
    return ngettext("about %d hour", "about %d hours", hours) % hours


def _seconds_a_picture(workspace: Workspace) -> float:
    """Of all servers together that would paint it; 0.0 while none works or nothing of its kind was painted."""
    servers = sum(server.is_up for server in servers_for())
    ended = Run.objects.filter(workspace=workspace, status=RunStatus.DONE, simulated=simulates()).order_by(
        "-pk"
    )
    lately = list(ended.values_list("pk", flat=True)[:LATELY])
    painted = Generation.objects.filter(run__in=lately, status=Status.DONE, rendered_at__isnull=False)
    took: timedelta | None = painted.aggregate(each=Avg(F("rendered_at") - F("rendering_at")))["each"]
    return took.total_seconds() / servers if took and servers else 0.0


def _ahead(workspace: Workspace) -> int:
    """Pictures that wait for the same servers; those of a run that rests let others pass."""
    waiting = Generation.objects.filter(workspace=workspace, status=Status.WAITING, paused=False)
    return waiting.exclude(run__simulated=not simulates()).count()
