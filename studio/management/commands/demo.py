"""Make the demo workspace if nobody has a workspace yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from studio.demo import ensure_demo
from studio.welcome import welcome


class Command(BaseCommand):
    help = "Create the demo workspace with one campaign and one brief; changes nothing that is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--welcome", action="store_true", help="print a sign-in link for its owner and a curl"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = ensure_demo().email
        words = (
            welcome(owner, "is starting") if options["welcome"] else f"The demo workspace belongs to {owner}."
        )
        self.stdout.write(words)
