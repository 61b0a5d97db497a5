"""What somebody typed into a brief's form, kept while they type and given back when they return."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from runs.retention import OldRecord
from runs.unused import UNUSED
from studio.models import Brief, Campaign, KeptForm

MOST = 1_000_000  # letters of one form: 50 messages in twelve languages with all their post text
# Of the moment, not of the brief.
NEVER = ("csrfmiddlewaretoken", "action", "table", "anew", "over", "unfold", "touched")


def keep(user: User, campaign: Campaign, brief: Brief | None, sent: QueryDict) -> datetime | None:
    """Keep the form as it stands; None where that cannot be, as for a form that was saved in the meantime."""
    key = _key(sent.get("start_key", ""))
    fields = {name: [_plain(value) for value in values] for name, values in sent.lists() if name not in NEVER}
    if key is None or len(json.dumps(fields)) > MOST:
        return None
    now = timezone.now()
    facts = {"campaign": campaign, "brief": brief, "sent": fields, "kept_at": now}
    if _still_open(user, key).update(**facts):
        return now
    try:
        with transaction.atomic():
            KeptForm.objects.create(person=user, key=key, **facts)
    except IntegrityError:  # it is done, or came twice in one moment
        return now if _still_open(user, key).exists() else None
    return now


def settle(user: User, campaign: Campaign, brief: Brief, key: UUID | None) -> None:
    """The form was saved: nothing of it is given back any more, nor what of it is still on its way."""
    if key is not None:
        done = {"campaign": campaign, "brief": brief, "sent": {}, "done": True, "kept_at": brief.updated_at}
        KeptForm.objects.update_or_create(person=user, key=key, defaults=done)


def saved_last(user: User, brief: Brief, key: UUID | None) -> bool:
    """Whether this very form made the brief what it is: sent twice, it stands in nobody's way."""
    if key is None:
        return False
    own = KeptForm.objects.filter(person=user, brief=brief, key=key, done=True, kept_at=brief.updated_at)
    return own.exists()


def of_brief(user: User, brief: Brief) -> list[KeptForm]:
    """What this person changed in the brief and never saved, the newest first."""
    rows = KeptForm.objects.filter(person=user, brief=brief, done=False)
    return list(rows.select_related("campaign", "brief").order_by("-kept_at")[:5])


def begun(user: User, campaign: Campaign) -> list[KeptForm]:
    """Briefs that this person began in the campaign and never saved, the newest first."""
    rows = KeptForm.objects.filter(person=user, campaign=campaign, brief=None, done=False)
    return list(rows.select_related("campaign").order_by("-kept_at")[:5])


def find(user: User, campaign: Campaign, written: str) -> KeptForm | None:
    key = _key(written)
    return KeptForm.objects.filter(person=user, campaign=campaign, key=key).first() if key else None


def drop(user: User, campaign: Campaign, key: UUID) -> bool:
    """Forget it, as somebody wished, and what of it is still on its way."""
    return bool(_still_open(user, key).filter(campaign=campaign).update(done=True, sent={}))


def new_url(campaign: Campaign, key: str) -> str:
    """Where a brief that was begun opens again."""
    return f"{reverse('studio:brief_new', args=[campaign.uid])}?{urlencode({'form': key})}"


def form_of(kept: KeptForm) -> QueryDict:
    """As the browser would send it."""
    data = QueryDict(mutable=True)
    for name, values in kept.sent.items():
        data.setlist(name, values)
    return data


def to_forget(now: datetime, **_: Any) -> Iterator[OldRecord]:
    """What nobody came back for, for `manage.py prune`: it is kept as long as an upload that nothing names."""
    for row in KeptForm.objects.filter(kept_at__lte=now - UNUSED).order_by("kept_at", "pk").iterator():
        days = (now - row.kept_at).days
        reason = f"typed {days} days ago and never saved, kept for {UNUSED.days}"
        yield OldRecord(kind="form", uid=row.key, name=row.name, days=days, reason=reason)


def forget(record: OldRecord, **_: Any) -> None:
    if record.kind == "form":
        KeptForm.objects.filter(key=record.uid, kept_at__lte=timezone.now() - UNUSED).delete()


def _plain(value: Any) -> str:
    return str(value).replace("\0", "")  # no database takes one


def _still_open(user: User, key: UUID) -> QuerySet[KeptForm]:
    return KeptForm.objects.filter(person=user, key=key, done=False)


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
