"""One order in a throw-away studio: `manage.py generate` starts this as a process of its own.

It fills an empty database with tables, runs the engine until the run has ended, and writes the ads to a folder.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runs.models import Run
    from runs.summary import Summary

STOPPED = 130
LOOK_EVERY = 0.2  # seconds


def main(folder: Path) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")
    import django

    django.setup()
    _make_tables()
    order = json.loads((folder / "order.json").read_text())
    run = _start(order)
    stopped = asyncio.run(_work(run, None if order["json"] else Bar()))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is ready is written, however often somebody asks
    manifest = _deliver(run, Path(order["out"]))
    _say(manifest, as_json=order["json"])
    if stopped:
        return STOPPED
    return (
        0 if manifest["ads"] and all(ad["state"] == "ready" for ad in manifest["ads"]) and _whole(run) else 1
    )


def _make_tables() -> None:
    """Straight from the models: a database that lives for one run has no history to replay."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)


def _start(order: dict[str, Any]) -> "Run":
    from accounts.models import Workspace
    from runs import assets, lifecycle
    from runs.brief import from_data

    workspace = Workspace.objects.create(name="Command line")
    spec = assets.with_files(from_data(order["spec"]), Path(order["brief"]).parent, workspace)
    return lifecycle.start(workspace, None, spec)


async def _work(run: "Run", bar: "Bar | None") -> bool:
    """Run the engine until the run has ended; True when somebody stopped it."""
    from runs.engine.database import rows
    from runs.engine.supervisor import Engine

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = Engine()
    await engine.start()
    try:
        while not (head := await rows(_summary, run.pk)).final and not stop.is_set():
            if bar:
                bar.show(head)
            await asyncio.sleep(LOOK_EVERY)
        if stop.is_set():
            await _stop(run)
        if bar:
            bar.show(await rows(_summary, run.pk))
    finally:
        await engine.stop()
    return stop.is_set()


async def _stop(run: "Run") -> None:
    """Take everything off the GPU before we go; a server that is away must not hold us."""
    from runs import lifecycle
    from runs.engine.database import rows

    await rows(lifecycle.cancel_run, run, actor="command line")
    for _ in range(int(10 / LOOK_EVERY)):
        if (await rows(_summary, run.pk)).final:
            return
        await asyncio.sleep(LOOK_EVERY)


def _summary(pk: int) -> "Summary":
    from runs.models import Run
    from runs.summary import summarise

    return summarise(Run.objects.get(pk=pk))


def _whole(run: "Run") -> bool:
    run.refresh_from_db()
    return bool(run.status == "done")


def _deliver(run: "Run", out: Path) -> dict[str, Any]:
    """Write every finished ad and the manifest in the place of what an earlier run left there."""
    from runs import storage
    from runs.manifest import manifest

    run.refresh_from_db()
    out.mkdir(parents=True, exist_ok=True)
    told = manifest(run)
    before = _delivered_before(out)
    for ad in told["ads"]:
        key = ad.pop("key")
        if ad["state"] == "ready":
            (out / ad["file"]).write_bytes(storage.get(key))
            before.discard(ad["file"])
    for name in before:
        (out / name).unlink(missing_ok=True)
    (out / "manifest.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return told


def _delivered_before(out: Path) -> set[str]:
    """The files that the manifest in there names: those of other people are not ours to remove."""
    try:
        named = {str(ad["file"]) for ad in json.loads((out / "manifest.json").read_bytes())["ads"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in named if Path(name).name == name and (out / name).is_file()}


def _say(manifest: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(manifest, indent=2, ensure_ascii=False))
        return
    ready = sum(ad["state"] == "ready" for ad in manifest["ads"])
    print(f"{ready} of {manifest['ads_total']} ads are ready.")
    for ad in manifest["ads"]:
        if ad["state"] != "ready":
            print(f"  {ad['label']}: {ad['words']}")
    for fault in manifest["failures"]:
        print(f"  {fault}")


class Bar:
    """A progress bar on a terminal; a line for each change elsewhere."""

    def __init__(self) -> None:
        self._last = ""
        self._terminal = sys.stderr.isatty()

    def show(self, head: "Summary") -> None:
        from runs.summary import clock

        filled = round(24 * head.pictures_done / max(1, head.pictures_total))
        left = f", {clock(head.seconds_left)} left" if head.seconds_left else ""
        text = (
            f"[{'#' * filled}{'.' * (24 - filled)}] {head.pictures_done} of {head.pictures_total} pictures, "
            f"{head.ads_ready} of {head.ads_total} ads{left}{'. ' + head.waits_for if head.waits_for else ''}"
        )
        news = text if self._terminal else f"{head.pictures} {head.ads_ready} {head.waits_for}"
        if news == self._last:
            return
        self._last = news
        print(
            f"\r\x1b[K{text}" if self._terminal else text, end="" if self._terminal else "\n", file=sys.stderr
        )
        if head.final and self._terminal:
            print(file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
