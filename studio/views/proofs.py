"""One proof beside a form, as the form that ordered it stands."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.models import Workspace
from runs import proofs
from runs.composition.proof import MIME
from studio import pace
from studio.here import StudioRequest, member, to_change
from studio.models import Campaign


@member
@require_safe
def proof(request: StudioRequest, campaign_uid: UUID, form: UUID, key: str) -> HttpResponseBase:
    """The picture with that key in the campaign's workspace; nothing where the form shows it no more.

    That is no fault: somebody typed on while it was asked for.
    """
    campaign = to_change(request, Campaign.objects.all(), campaign_uid)
    return answer_proof(request, campaign.workspace, form, key)


def answer_proof(request: StudioRequest, workspace: Workspace, form: UUID, key: str) -> HttpResponse:
    user, place = request.user.pk, str(workspace.uid)
    with pace.seat(user) as free:
        if not free:
            return HttpResponse(status=503, headers={"Retry-After": "1"})
        data = proofs.fetch((user, str(form)), place, key)
    if data is None:
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    return HttpResponse(data, content_type=MIME, headers={"Cache-Control": "private, max-age=600"})
