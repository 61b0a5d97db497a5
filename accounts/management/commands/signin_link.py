"""Print a link that signs somebody in once, within fifteen minutes."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.models import SigninLink, User


def address(user: User) -> str:
    return settings.PUBLIC_URL + reverse("accounts:signin_link", args=[SigninLink.issue(user)])


class Command(BaseCommand):
    help = "Print a link that signs EMAIL in once, within fifteen minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"No one here has the email {email}.")
        self.stdout.write(address(user))
