"""What is done with brand kits: pages, the demo and the brief say these sentences."""

from uuid import uuid4, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import User, Workspace
from runs.brief import BrandSpec
from studio.models import BrandKit, Brief


def alive(workspace: Workspace) -> list[BrandKit]:
    """Those that a brief can choose, the default one first."""
    kits = BrandKit.objects.filter(workspace=workspace, archived_at=None)
    return list(kits.order_by("-is_default", "name", "pk"))


def make(workspace: Workspace, name: str, brand: BrandSpec | None = None) -> BrandKit:
    """A new kit; a workspace's first one is its default."""
    plain = (brand or BrandSpec(name=name)).model_dump(mode="json")
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        first = not BrandKit.objects.filter(workspace=workspace, is_default=True).exists()
        return BrandKit.objects.create(workspace=workspace, name=name, brand=plain, is_default=first)


def duplicate(kit: BrandKit, actor: User, key: str = "") -> BrandKit:
    """Another kit with all that this one has. The same key is the same press, and the copy that is there."""
    uid = uuid5(kit.uid, f"copy {actor.pk} {key}") if key else uuid4()
    kept = {field: getattr(kit, field) for field in ("workspace", "brand", "tone", "looks")}
    copy = BrandKit(uid=uid, name=_("%s (copy)") % kit.name[:110], **kept)
    try:
        with transaction.atomic():
            copy.save(force_insert=True)
            note(kit.workspace, actor, "kit.create", copy)
    except IntegrityError:
        there = BrandKit.objects.filter(workspace=kit.workspace, uid=uid).first()
        if there is None:
            raise
        return there
    return copy


def make_default(kit: BrandKit) -> None:
    """New briefs of the workspace begin with it."""
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=kit.workspace_id)
        BrandKit.objects.filter(workspace=kit.workspace_id, is_default=True).update(is_default=False)
        BrandKit.objects.filter(pk=kit.pk).update(is_default=True, archived_at=None)


def archive(kit: BrandKit) -> None:
    """No brief can choose it any more; those that have it keep it."""
    BrandKit.objects.filter(pk=kit.pk).update(archived_at=timezone.now(), is_default=False)


def restore(kit: BrandKit) -> None:
    BrandKit.objects.filter(pk=kit.pk).update(archived_at=None)


def campaigns_of(kit: BrandKit) -> int:
    """How many campaigns have a brief with it."""
    return Brief.objects.filter(kit=kit).values("campaign").distinct().count()
