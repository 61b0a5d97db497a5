"""The doctor: what is well is said to be, what is not has words and a way out, and nothing is left behind."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.db import OperationalError, connection

from runs import doctor, usage
from runs.comfyui import TEXT_TO_IMAGE
from runs.engine import examining
from runs.findings import Finding, Level
from runs.models import Server
from tests.conftest import make_server

from .far_ends import FarEnd


def told(part: Callable[[], Iterator[Finding]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {level: [] for level in Level}
    for finding in part():
        found[finding.level].append(f"{finding.words} {finding.fix}".strip())
    return found


def servers() -> dict[str, list[str]]:
    return told(lambda: iter(examining.examine()))


# --- The studio itself ---------------------------------------------------------------------------------------


def test_a_good_deployment_has_no_fault(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    said = capsys.readouterr().out
    assert "FAULT" not in said and said.rstrip().endswith("All is well.")
    assert all(
        f"ok    {about}:" in said for about in ("Settings", "Database", "Channels", "Cache", "Files", "Fonts")
    )


def test_json_is_the_same_for_programs(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor", "--json")
    listed = json.loads(capsys.readouterr().out)
    assert {"about", "level", "words", "fix"} == set(listed[0])


def test_every_fault_and_note_comes_with_what_to_do(
    db: None, settings: Any, nobody: str, tmp_path: Path
) -> None:
    settings.DEBUG, settings.COMFYUI_URLS, settings.PUBLIC_URL = True, [nobody], "http://ads.lan"
    bad = [finding for finding in (*doctor.examine(), *examining.examine()) if finding.level == Level.FAULT]
    assert len(bad) >= 2 and all(finding.fix for finding in bad)


def test_faults_are_an_exit_code(db: None, settings: Any, nobody: str) -> None:
    settings.COMFYUI_URLS = [nobody]
    with pytest.raises(SystemExit) as ending:
        call_command("doctor")
    assert ending.value.code == 1


def test_nothing_is_left_behind(settings: Any) -> None:
    list(doctor._storage())
    assert list(settings.MEDIA_ROOT.rglob("doctor*")) == []


def test_a_database_that_is_away_is_told(db: None) -> None:
    def broken(*args: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(broken):
        (words,) = told(doctor._database)[Level.FAULT]
    assert words == "It does not answer: connection refused Start it, or correct DATABASE_URL."


def test_missing_migrations_are_told_with_the_command(db: None, settings: Any) -> None:
    settings.MIGRATION_MODULES = {}  # the tests' own database was made without them
    assert "Run `manage.py migrate`." in told(doctor._database)[Level.FAULT][0]


def test_a_folder_that_takes_no_file_is_told(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "runs.storage.AtomicFileStorage", "OPTIONS": {"location": settings.MEDIA_ROOT}}
    }
    (words,) = told(doctor._storage)[Level.FAULT]
    assert "does not accept files" in words and "MEDIA_ROOT" in words


@pytest.mark.parametrize(
    ("free", "level"), [(0, Level.FAULT), (2 * 1024**3, Level.NOTE), (1024**4, Level.OK)]
)
def test_a_disk_is_full_before_it_is_full(free: int, level: Level) -> None:
    assert doctor.of_disk(usage.Disk(1024**4, free)).level == level


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has its database on a disk of ours")
def test_the_disk_of_the_database_is_looked_at_where_files_are_elsewhere(settings: Any) -> None:
    assert [one.about for one in doctor._disk()] == ["Disk"]
    settings.MEDIA_ROOT = Path("/proc/media")  # another disk
    assert [one.about for one in doctor._disk()] == ["Disk", "Disk of the database"]
    settings.MEDIA_STORAGE = "s3"
    assert [one.about for one in doctor._disk()] == ["Disk of the database"]


def test_redis_that_is_away_is_told(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": {"hosts": [settings.REDIS_URL]}}}
    assert "Redis" in told(doctor._channels)[Level.FAULT][0]


class Broken(LocMemCache):
    """In a way that nobody foresees of a cache."""

    def set(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no luck")


def test_a_part_that_breaks_is_a_fault_and_the_others_are_still_looked_at(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Broken"}}
    seen = told(doctor.examine)
    assert seen[Level.FAULT] == ["RuntimeError: no luck Look at the whole message in the log."]
    assert any("stores and returns" in words for words in seen[Level.OK])


# --- Its GPU servers -----------------------------------------------------------------------------------------


def test_a_server_that_is_well_is_said_to_be(db: None, settings: Any, comfy: str) -> None:
    settings.COMFYUI_URLS = [comfy]
    FarEnd.known["/system_stats"] = {"system": {"comfyui_version": "0.33.0"}, "devices": []}
    seen = servers()
    assert (seen[Level.FAULT], seen[Level.NOTE]) == ([], [])
    assert "ComfyUI 0.33.0 answers." in seen[Level.OK]
    assert "It has 2 models." in seen[Level.OK] and "Its clock matches ours." in seen[Level.OK]
    assert Server.objects.count() == 0  # it is looked at, not written down


def test_an_address_that_is_none_is_told_once_and_ends_nothing(
    db: None, settings: Any, comfy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMFYUI_URLS = ["ftp://gpu", comfy]
    with pytest.raises(SystemExit):
        call_command("doctor")
    told = capsys.readouterr().out
    assert told.count("'ftp://gpu' is not the address of a server") == 1 and "1 fault found." in told


def test_a_refused_connection_is_told_with_what_to_do(db: None, settings: Any, nobody: str) -> None:
    settings.COMFYUI_URLS = [nobody]
    (words,) = servers()[Level.FAULT]
    assert words.startswith(f"{nobody} does not answer.") and "COMFYUI_URLS" in words


def test_something_that_is_no_comfyui_is_told(db: None, settings: Any, web_page: str) -> None:
    settings.COMFYUI_URLS = [web_page]
    assert "not as ComfyUI does" in servers()[Level.FAULT][0]


@pytest.mark.parametrize(
    ("version", "level", "part"),
    [
        ("0.3.40", Level.FAULT, "too old"),
        ("0.3.64", Level.OK, "answers"),
        ("0.41.2", Level.NOTE, "newer than"),
    ],
)
def test_versions_outside_of_the_tested_ones_are_told(
    db: None, settings: Any, comfy: str, version: str, level: Level, part: str
) -> None:
    settings.COMFYUI_URLS = [comfy]
    FarEnd.known["/system_stats"] = {"system": {"comfyui_version": version}, "devices": []}
    assert any(f"ComfyUI {version}" in words and part in words for words in servers()[level])


def test_a_missing_node_and_a_missing_model_are_told(db: None, settings: Any, comfy: str) -> None:
    settings.COMFYUI_URLS, settings.COMFYUI_CHECKPOINT = [comfy], "flux.safetensors"
    node = sorted(TEXT_TO_IMAGE.node_classes - {"CheckpointLoaderSimple"})[0]
    FarEnd.known[f"/object_info/{node}"] = {}
    faults = servers()[Level.FAULT]
    assert f"It lacks the nodes {node}. Update ComfyUI there." in faults
    assert any("“flux.safetensors”, which is not on it" in words for words in faults)


def test_an_older_server_without_previews_is_told_how_to_show_them(
    db: None, settings: Any, comfy: str
) -> None:
    settings.COMFYUI_URLS = [comfy]
    FarEnd.known["/api/jobs"] = []  # an older one has no such list
    stats: dict[str, Any] = {"comfyui_version": "0.3.64", "argv": ["main.py", "--listen"]}
    FarEnd.known["/system_stats"] = {"system": stats, "devices": []}
    assert any("--preview-method" in words for words in servers()[Level.NOTE])
    stats["argv"] += ["--preview-method", "latent2rgb"]
    assert servers()[Level.NOTE] == []


def test_servers_of_the_admin_are_looked_at_and_those_switched_off_are_not(db: None, comfy: str) -> None:
    make_server("gpu-1", url=comfy)
    make_server("gpu-2", enabled=False)
    assert {finding.about for finding in examining.examine()} == {"GPU server gpu-1"}


def test_no_server_is_a_fault_only_without_test_mode(db: None, settings: Any) -> None:
    assert len(servers()[Level.NOTE]) == 1
    settings.TEST_MODE = "off"
    assert len(servers()[Level.FAULT]) == 1


async def test_the_simulator_is_well_and_is_called_what_it_is(engine_less: str) -> None:
    found = await examining._examine(Server(name="Simulator", url=engine_less, configured=True))
    assert {finding.level for finding in found} == {Level.OK}
    assert "Its ads are samples." in found[0].words


@pytest.fixture
async def engine_less() -> Any:
    from runs.simulator.server import Simulator

    async with Simulator() as running:
        yield running.url
