"""The demo workspace: one owner, one campaign, one real brief, so that the first press on Start makes ads."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import Membership, Role, User, Workspace
from runs import assets
from runs.brief import from_toml
from studio.models import Brief, Campaign

EMAIL = "owner@studio.example"
BRIEF = Path(settings.BASE_DIR) / "examples" / "cold-brew.toml"


def ensure_demo() -> User:
    """Create what is missing and leave the rest as people made it."""
    with transaction.atomic():
        user = User.objects.filter(email=EMAIL).first() or User.objects.create_superuser(
            EMAIL, first_name="Demo", last_name="Owner"
        )
        if not user.memberships.exists():
            _furnish(user)
    return user


def _furnish(user: User) -> None:
    workspace = Workspace.objects.create(name="Nordlys Coffee")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    campaign = Campaign.objects.create(
        workspace=workspace, name="Summer cold brew", goal="Trial of the new cans", created_by=user
    )
    spec = assets.with_files(from_toml(BRIEF.read_text()), BRIEF.parent, workspace)
    Brief.objects.create(
        workspace=workspace,
        campaign=campaign,
        name=spec.name,
        spec=spec.model_dump(mode="json"),
        created_by=user,
    )
