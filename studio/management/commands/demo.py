"""Make the demo workspace if nobody has a workspace yet."""

from typing import Any

from django.core.management.base import BaseCommand

from studio.demo import ensure_demo


class Command(BaseCommand):
    help = "Create the demo workspace with one campaign and one brief; changes nothing that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The demo workspace belongs to {ensure_demo().email}.")
