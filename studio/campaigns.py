"""What is done with campaigns: pages say these sentences."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import uuid4, uuid5

from django.db import IntegrityError, transaction
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


def begin(campaign: Campaign, actor: User, key: str = "") -> Campaign:
    """Write this new one. The same form sent twice, a double press, is one campaign: that which is there."""
    campaign.created_by = actor
    said = (
        f"{campaign.name}\n{campaign.goal}\n{campaign.starts_on}\n{campaign.ends_on}\n{campaign.budget_note}"
    )
    campaign.uid = uuid5(campaign.workspace.uid, f"campaign {actor.pk} {key} {said}") if key else uuid4()
    return _once(campaign, actor)


def _once(campaign: Campaign, actor: User, briefs: Iterable[Brief] = (), words: str = "") -> Campaign:
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
            Brief.objects.bulk_create(briefs, batch_size=100)
            note(campaign.workspace, actor, "campaign.create", campaign, words)
    except IntegrityError:
        there = Campaign.objects.filter(workspace=campaign.workspace, uid=campaign.uid).first()
        if there is None:
            raise
        return there
    return campaign


def duplicate(campaign: Campaign, actor: User, key: str = "") -> Campaign:
    """The campaign with its briefs, to be changed; nothing that was made for it. The same key is the same press."""
    name = _("%s (copy)") % campaign.name[:110]
    kept = ("workspace", "goal", "starts_on", "ends_on", "budget_note")
    facts = {field: getattr(campaign, field) for field in kept}
    uid = uuid5(campaign.uid, f"copy {actor.pk} {key}") if key else uuid4()
    copy = Campaign(uid=uid, name=name, created_by=actor, **facts)
    briefs = campaign.briefs.order_by("updated_at", "pk")
    return _once(copy, actor, _copies(briefs, copy, actor), f"A copy of “{campaign.name}”.")


def _copies(briefs: Iterable[Brief], copy: Campaign, actor: User) -> Iterator[Brief]:
    """In the order of the originals, which is the order of their last changes."""
    now, kept = timezone.now(), ("workspace_id", "kit_id", "name", "spec")
    for n, brief in enumerate(briefs):
        yield Brief(
            **{field: getattr(brief, field) for field in kept},
            uid=uuid4(),
            campaign=copy,
            created_by=actor,
            updated_at=now + timedelta(microseconds=n),
        )
