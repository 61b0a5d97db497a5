"""How much memory the ZIP of a very large run takes while it is sent.

    python benchmarks/export.py [--gigabytes 2] [--megabytes-each 4]

A throw-away studio with one run whose ads together weigh that much (they share one file on disk). Its ZIP is read
through Django's ASGI handler as a browser would read it, and thrown away. Told are the bytes that came, the time to
the first of them, and by how much the process grew from then on.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--megabytes-each", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "adgen.settings",
            "VAR_DIR": folder,
            "SECRET_KEY": "only-for-this-benchmark-0123456789-0123456789",
            "ALLOWED_HOSTS": "testserver",
        }
        import django

        django.setup()
        url, secret = _large_run(
            round(options.gigabytes * 1024 / options.megabytes_each), options.megabytes_each
        )
        asyncio.run(_read(url, secret))


def _large_run(ads: int, megabytes: int) -> tuple[str, str]:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.core.management import call_command

    from accounts.models import ApiToken, Membership, Role, User, Workspace
    from runs import lifecycle, storage
    from runs.models import Creative
    from tests.conftest import brief, finish, make_png

    call_command("migrate", verbosity=0, interactive=False)
    workspace, alice = Workspace.objects.create(name="Large"), User.objects.create_user("alice@example.com")
    Membership.objects.create(workspace=workspace, user=alice, role=Role.OWNER)
    run = finish(lifecycle.start(workspace, alice, brief()))
    default_storage.save("w/heavy.jpg", ContentFile(os.urandom(megabytes * 1024 * 1024)))
    default_storage.save(storage.small_key("w/heavy.jpg"), ContentFile(make_png(320, 320)))
    row = run.creatives.all()[0]
    rows = []
    for number in range(ads):
        copied = Creative.objects.get(pk=row.pk)
        copied.pk, copied.revision, copied.key = None, number + 2, "w/heavy.jpg"
        copied.uid = uuid4()
        rows.append(copied)
    Creative.objects.bulk_create(rows, batch_size=500)
    return f"/api/v1/runs/{run.uid}/export.zip", ApiToken.issue(workspace, alice, "benchmark")


async def _read(url: str, secret: str) -> None:
    from django.test import AsyncClient

    begun = time.perf_counter()
    answer: Any = await AsyncClient().get(url, headers={"Authorization": f"Bearer {secret}"})
    sent, first, before = 0, 0.0, 0
    async for piece in answer:
        if not sent:
            first, before = time.perf_counter() - begun, _resident()
        sent += len(piece)
    grown = (_resident() - before) / 1024
    seconds = time.perf_counter() - begun
    print(f"{sent / 1024**3:.2f} GB in {seconds:.0f} s, the first piece after {first * 1000:.0f} ms")
    print(f"the process grew by {grown:.0f} MB from its first piece to its last")


def _resident() -> int:
    """The most memory this process has held, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
