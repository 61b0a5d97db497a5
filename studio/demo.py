"""The demo workspace: owner, brand kit, campaign and a real brief, so that the first press on Start makes ads."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import Membership, Role, User, Workspace
from runs import assets
from runs.brief import BriefSpec, from_toml
from studio import kits
from studio.models import BrandKit, Brief, Campaign

EMAIL = "owner@studio.example"
TONE = "Calm, dry, a little proud. Short sentences. Never shouts."
BANNED = ("cheap", "best in the world", "detox", "guilt-free")
LOOKS = [
    {
        "name": "Copper dusk",
        "words": "on dark wet slate, low copper evening light, long shadows, steam in the air",
        "palette": ["#5b2f3f", "#b5633f", "#f0b27a"],
    },
    {
        "name": "Northern light",
        "words": "on pale birch wood beside a window, cool overcast light, much empty wall",
        "palette": ["#eef1f2", "#c9d6d9", "#7f9aa3"],
    },
]
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
    kit = _kit(workspace, spec)
    spec = spec.model_copy(update={"brand": kit.spec})
    Brief.objects.create(
        workspace=workspace,
        campaign=campaign,
        kit=kit,
        name=spec.name,
        spec=spec.model_dump(mode="json"),
        created_by=user,
    )


def _kit(workspace: Workspace, spec: BriefSpec) -> BrandKit:
    """What the brief has of its own, with a voice and ready looks."""
    kit = kits.make(workspace, "Nordlys 2026", spec.brand.model_copy(update={"banned": BANNED}))
    kit.tone, kit.looks = TONE, LOOKS
    kit.save()
    return kit
