"""The picture of one product in the brief's form: sent at once, looked at, used or left out. Answers htmx alone."""

import re
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from runs.composition import Ground
from runs.models import Asset
from studio import uploads
from studio.here import StudioRequest, member, posted, to_change
from studio.models import Campaign
from studio.rows import ProductRow


@member
@posted
def cutout(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """The whole form arrives; `row` names the product, `answer` what is to become of its picture."""
    campaign = to_change(request, Campaign.objects.all(), campaign_uid)
    prefix = request.POST.get("row", "")
    if not re.fullmatch(r"products-[0-9]{1,3}", prefix):
        raise Http404
    used, proposed, fault = _answered(request, prefix)
    row = ProductRow(prefix=prefix, initial={"cutout": used, "proposed": proposed})
    context = {"campaign": campaign, "row": row, "fault": fault, "fresh": True}
    return render(request, "studio/brief_form.html#product_picture", context)


def _answered(request: StudioRequest, prefix: str) -> tuple[str, str, str]:
    """The key in use, the key to be looked at, and what is wrong."""
    used, proposed = (_ours(request, f"{prefix}-{name}") for name in ("cutout", "proposed"))
    match request.POST.get("answer"):
        case "use":
            return proposed or used, "", ""
        case "leave":
            return used, "", ""
        case "remove":
            return "", "", ""
        case _:
            return _uploaded(request, prefix, used)


def _uploaded(request: StudioRequest, prefix: str, used: str) -> tuple[str, str, str]:
    upload = request.FILES.get(f"{prefix}-picture")
    if upload is None:
        return used, "", _("No file arrived. Choose it again.")
    try:
        asset, ground = uploads.take(request.workspace, upload)
    except uploads.Refused as refusal:
        return used, "", str(refusal)
    return (used, asset.key, "") if ground is Ground.PLAIN else (asset.key, "", "")


def _ours(request: StudioRequest, name: str) -> str:
    """The key that came under this name, if it is one of this workspace's uploads."""
    key = request.POST.get(name, "")
    return key if Asset.objects.filter(workspace=request.workspace, key=key).exists() else ""
