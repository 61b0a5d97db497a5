"""What is done with campaigns: pages say these sentences."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import User
from studio.models import Brief, Campaign


def archive(campaign: Campaign, actor: User) -> None:
    """Out of the way, with everything in it as it was."""
    _put_away(campaign, actor, "campaign.archive", archived_at=timezone.now())


def restore(campaign: Campaign, actor: User) -> None:
    _put_away(campaign, actor, "campaign.restore", archived_at=None)


def _put_away(campaign: Campaign, actor: User, action: str, **changes: object) -> None:
    with transaction.atomic():
        changed = Campaign.objects.filter(pk=campaign.pk, archived_at__isnull="restore" not in action)
        if changed.update(**changes):
            note(campaign.workspace, actor, action, campaign)


def duplicate(campaign: Campaign, actor: User) -> Campaign:
    """The campaign with its briefs, to be changed; nothing that was made for it."""
    name = _("%s (copy)") % campaign.name[:110]
    kept = ("workspace", "goal", "starts_on", "ends_on", "budget_note")
    facts = {field: getattr(campaign, field) for field in kept}
    with transaction.atomic():
        copy = Campaign.objects.create(name=name, created_by=actor, **facts)
        briefs = campaign.briefs.order_by("updated_at", "pk")
        Brief.objects.bulk_create(_copies(briefs, copy, actor), batch_size=100)
        note(copy.workspace, actor, "campaign.create", copy, f"A copy of “{campaign.name}”.")
    return copy


def _copies(briefs: Iterable[Brief], copy: Campaign, actor: User) -> list[Brief]:
    """In the order of the originals, which is the order of their last changes."""
    now, kept = timezone.now(), ("workspace_id", "kit_id", "name", "spec")
    return [
        Brief(
            **{field: getattr(brief, field) for field in kept},
            uid=uuid4(),
            campaign=copy,
            created_by=actor,
            updated_at=now + timedelta(microseconds=n),
        )
        for n, brief in enumerate(briefs)
    ]
