"""One picture: how it was painted, and the ads that were made from it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Deed, may
from runs import formats
from runs.models import Creative, Picture
from studio.here import StudioRequest, member, to_see
from studio.provenance import provenance_of_picture
from studio.tiles import RATIO_CLASSES, card_of
from studio.wording import kilobytes

MOST = 60  # ads of one picture that are shown
PICTURES = Picture.objects.filter(dropped_at=None).select_related("generation__run__workflow")


@member
@require_safe
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    picture: Picture = to_see(request, PICTURES, uid)
    run = picture.generation.run
    ads = Creative.objects.newest().filter(picture=picture).select_related("generation")
    found = list(ads.defer("report", "brand", "copy").order_by("pk")[: MOST + 1])
    several = len(run.spec["messages"]) > 1
    context = {
        "picture": _picture(picture),
        "run": run,
        "made": provenance_of_picture(picture, may_change=may(request.user, Deed.EDIT, request.workspace)),
        "ads": [card_of(ad, several) for ad in found[:MOST]],
        "more": len(found) > MOST,
        "simulated": picture.simulated,
    }
    return render(request, "studio/picture.html", context)


def _picture(row: Picture) -> dict[str, Any]:
    made, media = row.generation, reverse("runs:media", args=["picture", row.uid])
    spec = made.run.spec
    several = spec["variations"] > 1
    name = spec["looks"][made.look]["name"]
    return {
        "name": _("%(name)s, variation %(n)d") % {"name": name, "n": made.variation + 1} if several else name,
        "product": spec["products"][made.product]["name"],
        "url": media,
        "download_url": f"{media}?download=1",
        "ratio_class": RATIO_CLASSES[formats.Shape(made.shape)],
        "width": row.width,
        "height": row.height,
        "bytes_words": kilobytes(row.bytes),
    }
