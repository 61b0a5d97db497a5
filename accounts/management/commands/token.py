"""Mint a token for a program."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import ApiToken, Membership, Role, Scope, Workspace

LONGEST = 3650  # days


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise ArgumentTypeError(
            f"“{text}” is not a number of days. Write a whole number from 1 to {LONGEST}."
        )
    return int(text)


class Command(BaseCommand):
    help = "Create an API token for a workspace and print it. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="name or uid")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", choices=Scope.values, default=Scope.WRITE)
        parser.add_argument("--days", type=_days, default=365, help="how long it is valid (default 365)")

    def handle(self, *args: Any, workspace: str, name: str, scope: str, days: int, **options: Any) -> None:
        place = _workspace(workspace)
        owners = Membership.objects.filter(workspace=place, role=Role.OWNER, user__is_active=True)
        owner = owners.select_related("user").first()
        if owner is None:
            raise CommandError(
                f"“{place}” has no owner for the token to act for. Make someone its owner first."
            )
        expires = timezone.now() + timedelta(days=days)
        self.stdout.write(ApiToken.issue(place, owner.user, name, scope=scope, expires_at=expires))


def _workspace(name: str) -> Workspace:
    found = [place for place in Workspace.objects.all() if name in (place.name, str(place.uid))]
    if not found:
        known = ", ".join(f"“{place.name}”" for place in Workspace.objects.all()) or "none yet"
        raise CommandError(f"There is no workspace “{name}”. Use one of: {known}.")
    if len(found) > 1:
        raise CommandError(f"Several workspaces are called “{name}”. Give the uid instead.")
    return found[0]
