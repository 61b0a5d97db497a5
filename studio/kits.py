"""What is done with brand kits: pages, the demo and the brief say these sentences."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Workspace
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


def duplicate(kit: BrandKit) -> BrandKit:
    name = _("%s, copy") % kit.name[:110]
    return BrandKit.objects.create(
        workspace=kit.workspace, name=name, brand=kit.brand, tone=kit.tone, looks=kit.looks
    )


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
