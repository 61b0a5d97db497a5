"""`manage.py generate` as a person or a script runs it: files, manifest and exit codes."""

import hashlib
import http.server
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image

from runs import formats

ROOT = Path(__file__).parent.parent.parent
SMALL = ("--set", "steps=2", "--set", "pixels=65536")

BRIEF = """
name = "Cold brew"
seed = 11
formats = ["google_display_inline_rectangle", "google_display_leaderboard"]
[brand]
name = "Nordlys"
[[products]]
name = "Can"
[[messages]]
headline = "Slow brewed. Fast gone."
button = "Try it"
"""


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    path = tmp_path / "brief.toml"
    path.write_text(BRIEF)
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "manage.py", "generate", *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "adgen.settings", "SIMULATOR_SECONDS_PER_STEP": "0.001"}


def generate(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120
    )


def refuse(*arguments: object) -> tuple[int, str]:
    """The exit code and the words of an order that is refused before anything is begun, in this process."""
    told = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("generate", *map(str, arguments), stderr=told)
    assert isinstance(end.value.code, int)
    return end.value.code, told.getvalue()


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_the_same_brief_and_seed_make_the_same_valid_files(brief: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    made = generate(brief, "--out", first, "--json", *SMALL)
    assert made.returncode == 0, made.stderr
    manifest = json.loads(made.stdout)
    assert {ad["format"] for ad in manifest["ads"]} == {
        "google_display_inline_rectangle",
        "google_display_leaderboard",
    }
    for ad in manifest["ads"]:
        size, data = formats.get(ad["format"]), (first / ad["file"]).read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert picture.size == (size.width, size.height)
        assert len(data) <= size.max_bytes
        assert ad["format"] in ad["file"]
        assert ad["file"].startswith("SAMPLE_")
    assert generate(brief, "--out", second, *SMALL).returncode == 0
    assert digests(first) == digests(second)


def test_copy_that_does_not_fit_ends_with_1_and_the_sentence(brief: Path, tmp_path: Path) -> None:
    text = BRIEF.replace("Slow brewed. Fast gone.", "Much too long for a strip " * 8)
    brief.write_text(text.replace("google_display_leaderboard", "google_display_mobile_banner_320"))
    made = generate(brief, "--out", tmp_path / "out", *SMALL)
    assert made.returncode == 1
    assert "too long for Google mobile banner 320×50" in made.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("seed = 11", "seed = -1"), "seed: Choose 0 or more"),
        (
            ('formats = ["google_display_inline_rectangle", ', 'formats = ["nope", '),
            "formats.0: There is no ad size",
        ),
        (("seed = 11", "seed = ["), "not valid TOML"),
    ],
)
def test_a_wrong_brief_ends_with_2_and_its_field(
    brief: Path, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    brief.write_text(BRIEF.replace(*change))
    code, told = refuse(brief, "--out", tmp_path / "out")
    assert (code, words in told) == (2, True), told
    assert not (tmp_path / "out").exists()


def test_a_refusal_is_the_exit_code_and_the_words_of_the_process(brief: Path, tmp_path: Path) -> None:
    brief.write_text(BRIEF.replace("seed = 11", "seed = -1"))
    made = generate(brief, "--out", tmp_path / "out")
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.startswith(f"{brief}: seed: Choose 0 or more") and "Traceback" not in made.stderr


def test_a_picture_beside_the_brief_is_laid_into_every_ad(brief: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "cold-brew-can.png", tmp_path / "can.png")
    brief.write_text(BRIEF.replace('name = "Can"', 'name = "Can"\ncutout = "can.png"'))
    made = generate(brief, "--out", tmp_path / "out", *SMALL, "--json")
    assert made.returncode == 0, made.stderr
    ads = json.loads(made.stdout)["ads"]
    assert ads and all("product" in ad["report"]["boxes"] for ad in ads)
    rows = [row for ad in ads for row in ad["report"]["checks"]]
    assert [row["words"] for row in rows if not row["ok"]] == []


@pytest.mark.parametrize(
    ("picture", "words"),
    [(None, "No such file"), (b"<svg/>", "is not PNG, JPEG or WebP")],
)
def test_a_product_picture_that_is_none_ends_with_2_and_its_field(
    brief: Path, tmp_path: Path, picture: bytes | None, words: str
) -> None:
    if picture is not None:
        (tmp_path / "can.png").write_bytes(picture)
    brief.write_text(BRIEF.replace('name = "Can"', 'name = "Can"\ncutout = "can.png"'))
    code, told = refuse(brief, "--out", tmp_path / "out")
    assert code == 2
    assert "products.0.cutout" in told and words in told


def test_a_brief_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    code, told = refuse(tmp_path / "none.toml", "--out", tmp_path / "out")
    assert (code, "cannot be read" in told) == (2, True)


def test_an_unknown_setting_ends_with_2(brief: Path, tmp_path: Path) -> None:
    code, told = refuse(brief, "--out", tmp_path / "out", "--set", "stepps=4")
    assert (code, "picture.stepps: This field does not exist" in told) == (2, True)


def test_a_used_folder_holds_only_the_new_ads_and_what_others_put_there(brief: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "beside.jpg").write_bytes(b"not ours")
    for name in ("p1_old.jpg", "notes.txt"):
        (out / name).write_bytes(b"old")
    told = {"ads": [{"file": "p1_old.jpg"}, {"file": "../beside.jpg"}, {"file": ""}, {"file": "gone.jpg"}]}
    (out / "manifest.json").write_text(json.dumps(told))
    made = generate(brief, "--out", out, "--json", *SMALL)
    assert made.returncode == 0, made.stderr
    files = {ad["file"] for ad in json.loads(made.stdout)["ads"]}
    assert {file.name for file in out.iterdir()} == {*files, "manifest.json", "notes.txt"}
    assert (tmp_path / "beside.jpg").exists()


def test_a_server_that_is_down_ends_with_3(brief: Path, tmp_path: Path) -> None:
    code, told = refuse(brief, "--out", tmp_path / "out", "--server", "http://127.0.0.1:9")
    assert (code, "http://127.0.0.1:9" in told) == (3, True)


def test_a_server_without_an_address_ends_with_3_and_paints_nothing(brief: Path, tmp_path: Path) -> None:
    code, told = refuse(brief, "--out", tmp_path / "out", "--server", "")
    assert (code, list(tmp_path.glob("out/*"))) == (3, [])
    assert "http://" in told


def test_a_brief_file_may_begin_with_a_byte_order_mark(brief: Path, tmp_path: Path) -> None:
    brief.write_text(BRIEF.replace("seed = 11", "seed = -1"), encoding="utf-8-sig")
    _, told = refuse(brief, "--out", tmp_path / "out")
    assert "seed: Choose 0 or more." in told and "TOML" not in told


@pytest.fixture
def web_page() -> Iterator[str]:
    """A server that answers everything with a page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>It works</html>")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_server_that_answers_html_ends_with_3(brief: Path, tmp_path: Path, web_page: str) -> None:
    code, told = refuse(brief, "--out", tmp_path / "out", "--server", web_page)
    assert (code, "not as ComfyUI" in told) == (3, True)


def test_ctrl_c_in_the_first_moment_ends_without_a_traceback(brief: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = command(brief, "--out", out)
    process = subprocess.Popen(words, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
    while not out.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")


def test_ctrl_c_stops_the_run_and_ends_with_130(brief: Path, tmp_path: Path) -> None:
    slow = {**environment(), "SIMULATOR_SECONDS_PER_STEP": "5"}
    process = subprocess.Popen(
        command(brief, "--out", tmp_path / "out"),
        cwd=ROOT,
        env=slow,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert "0 of" in process.stderr.readline()  # the bar's first line: the run has begun
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
