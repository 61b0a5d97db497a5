"""The knobs: a wrong one stops the studio with a sentence, a right one changes what it should."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "a-key-for-tests-only-0123456789" * 2


def load(folder: Path, show: str = "None", **knobs: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process whose environment is nothing but these knobs; print an expression."""
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), "SECRET_KEY": KEY, **knobs}
    code = f"import json, adgen.settings as s; print(json.dumps({show}, default=str))"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)


def value(folder: Path, show: str, **knobs: str) -> Any:
    done = load(folder, show, **knobs)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(folder: Path, **knobs: str) -> str:
    """The one sentence a wrong knob is answered with."""
    done = load(folder, **knobs)
    assert done.returncode == 1
    kind, _, words = done.stderr.strip().splitlines()[-1].partition(": ")
    assert kind.endswith("ImproperlyConfigured")
    return words


@pytest.mark.parametrize(
    "address",
    [
        "ads.example.com",
        "ftp://ads.example.com",
        "https://:8000",
        "localhost:8000",
        "https://ads.example.com/studio",
    ],
)
def test_a_public_address_without_scheme_or_host_is_refused(tmp_path: Path, address: str) -> None:
    words = refusal(tmp_path, PUBLIC_URL=address)
    assert (
        words
        == f"PUBLIC_URL is “{address}”. Set it to an address without a path, such as https://ads.example.com."
    )


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("::1", "http://[::1]:8000"),
        ("[::1]", "http://[::1]:8000"),
        ("::", "http://localhost:8000"),
        ("fd00::7", "http://[fd00::7]:8000"),
    ],
)
def test_an_address_of_ipv6_is_one_too(tmp_path: Path, host: str, url: str) -> None:
    public, hosts = value(tmp_path, "[s.PUBLIC_URL, s.ALLOWED_HOSTS]", HOST=host)
    assert public == url
    assert url.removeprefix("http://").removesuffix(":8000") in hosts


def test_without_a_key_the_studio_says_how_to_make_one(tmp_path: Path) -> None:
    words = refusal(tmp_path, SECRET_KEY="")
    assert str(tmp_path / "secret_key") in words
    assert "Run `make setup`, or set SECRET_KEY." in words


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    assert "at least 40 random characters" in refusal(tmp_path, SECRET_KEY="k" * 39)


@pytest.mark.parametrize("key", ["k" * 64, "django-insecure-" + KEY])
def test_a_key_that_is_easily_guessed_is_refused(tmp_path: Path, key: str) -> None:
    assert "SECRET_KEY is easily guessed" in refusal(tmp_path, SECRET_KEY=key)


def test_the_refusal_of_a_key_does_not_show_it(tmp_path: Path) -> None:
    assert "hunter2" not in load(tmp_path, SECRET_KEY="hunter2").stderr


def test_the_key_made_by_set_up_is_used(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "make_secret_key.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    key = (tmp_path / "secret_key").read_text()
    assert len(key) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert value(tmp_path, "s.SECRET_KEY", SECRET_KEY="") == key
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    assert (tmp_path / "secret_key").read_text() == key


def test_a_key_can_come_from_a_file_that_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(f"{KEY}\n")
    knobs = {"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "elsewhere")}
    assert value(tmp_path, "s.SECRET_KEY", **knobs) == KEY


@pytest.mark.parametrize("name", ["SERVER", "TEST_MODE", "ENGINE", "MEDIA_STORAGE", "DEBUG"])
def test_an_unknown_choice_is_answered_with_the_known_ones(tmp_path: Path, name: str) -> None:
    words = refusal(tmp_path, **{name: "gunicorn"})
    assert words.startswith(f"{name} is “gunicorn”. Set it to one of: ")


@pytest.mark.parametrize(
    ("name", "wrong"), [("PORT", "http"), ("PORT", "0"), ("SEATS_PER_SERVER", "0"), ("RETENTION_DAYS", "-1")]
)
def test_a_wrong_whole_number_is_refused(tmp_path: Path, name: str, wrong: str) -> None:
    assert refusal(tmp_path, **{name: wrong}).startswith(f"{name} is “{wrong}”. Set it to a whole number")


def test_a_wrong_number_is_refused(tmp_path: Path) -> None:
    words = refusal(tmp_path, SIMULATOR_SECONDS_PER_STEP="fast")
    assert words == "SIMULATOR_SECONDS_PER_STEP is “fast”. Set it to a number, for example 0.12."


@pytest.mark.parametrize("address", ["mysql://u:hunter2@db/adgen", "studio.sqlite3", "nothing://"])
def test_a_database_that_is_neither_sqlite_nor_postgresql_is_refused(tmp_path: Path, address: str) -> None:
    words = refusal(tmp_path, DATABASE_URL=address)
    assert "Set it to a SQLite file such as sqlite:////srv/studio.sqlite3" in words
    assert "hunter2" not in words


@pytest.mark.parametrize("entry", ["http://gpu-1.lan", "gpu-1.lan:8188", "192.168.1.0/64", "*"])
def test_an_allowed_host_is_a_name_an_address_or_a_range(tmp_path: Path, entry: str) -> None:
    words = refusal(tmp_path, COMFYUI_ALLOWED_HOSTS=f"gpu-2.lan, {entry}")
    assert words.startswith(f"COMFYUI_ALLOWED_HOSTS has “{entry}”. Write host names")


def test_the_authority_of_the_servers_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN")
    assert value(tmp_path, "s.COMFYUI_CA", COMFYUI_CA=str(tmp_path / "ca.pem")) == "-----BEGIN"
    assert "which cannot be read" in refusal(tmp_path, COMFYUI_CA=str(tmp_path / "gone.pem"))


@pytest.mark.parametrize("name", ["C2PA_CERT", "C2PA_KEY"])
def test_what_signs_the_ads_is_read_from_files(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.pem").write_text("-----BEGIN")
    assert value(tmp_path, f"s.{name}") == ""
    assert value(tmp_path, f"s.{name}", **{name: str(tmp_path / "file.pem")}) == "-----BEGIN"
    assert "which cannot be read" in refusal(tmp_path, **{name: str(tmp_path / "gone.pem")})


@pytest.mark.parametrize("zone", ["Berlin", "Europe/Nowhere", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused_with_an_example(tmp_path: Path, zone: str) -> None:
    assert f"TIME_ZONE is “{zone}”. Set it to a zone such as Europe/Berlin" in refusal(
        tmp_path, TIME_ZONE=zone
    )


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = refusal(tmp_path, VAR_DIR=str(tmp_path / "file" / "var"))
    assert words.startswith(f"VAR_DIR is “{tmp_path / 'file' / 'var'}”, which cannot be made")


@pytest.mark.parametrize("value", ["nan", "-1", "inf", "soon"])
def test_a_pace_that_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    assert "Set it to a number" in refusal(tmp_path, SIMULATOR_SECONDS_PER_STEP=value)


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("RETENTION_DAYS", "99999999999")])
def test_a_number_beyond_its_range_is_refused_with_the_range(tmp_path: Path, name: str, value: str) -> None:
    assert "Set it to a whole number from" in refusal(tmp_path, **{name: value})


def test_object_storage_needs_a_bucket(tmp_path: Path) -> None:
    assert "name the bucket in MEDIA_BUCKET" in refusal(tmp_path, MEDIA_STORAGE="s3")


def test_https_makes_cookies_that_only_this_host_over_tls_can_set(tmp_path: Path) -> None:
    show = "[s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE]"
    shown = value(tmp_path, show, PUBLIC_URL="https://ads.example.com")
    assert shown == ["__Host-session", "__Host-csrf", True, True]
    assert value(tmp_path, "s.SECURE_HSTS_SECONDS", PUBLIC_URL="https://ads.example.com") > 0


def test_plain_http_works_without_secure_cookies(tmp_path: Path) -> None:
    show = "[s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, hasattr(s, 'SECURE_HSTS_SECONDS')]"
    assert value(tmp_path, show, PUBLIC_URL="http://10.0.0.7:8000") == ["adgen_session", False, False, False]


def test_a_forwarded_scheme_is_believed_only_behind_a_proxy(tmp_path: Path) -> None:
    show = "s.SECURE_PROXY_SSL_HEADER"
    assert value(tmp_path, show, PUBLIC_URL="https://ads.example.com") is None
    behind = value(tmp_path, show, PUBLIC_URL="https://ads.example.com", BEHIND_PROXY="1")
    assert behind == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_the_public_address_names_host_and_origin(tmp_path: Path) -> None:
    hosts = value(tmp_path, "s.ALLOWED_HOSTS", PUBLIC_URL="https://ads.example.com/")
    assert hosts == ["ads.example.com", "127.0.0.1", "localhost", "[::1]"]
    origins = value(tmp_path, "s.CSRF_TRUSTED_ORIGINS", PUBLIC_URL="https://ads.example.com/")
    assert origins == ["https://ads.example.com"]


def test_a_studio_that_listens_everywhere_is_reached_as_localhost(tmp_path: Path) -> None:
    assert value(tmp_path, "s.PUBLIC_URL", HOST="0.0.0.0", PORT="9000") == "http://localhost:9000"


def test_servers_are_listed_with_commas_or_blanks(tmp_path: Path) -> None:
    shown = value(tmp_path, "s.COMFYUI_URLS", COMFYUI_URLS="http://a:8188, http://b:8188 http://c:8188")
    assert shown == ["http://a:8188", "http://b:8188", "http://c:8188"]


def test_everything_the_studio_writes_lies_under_its_folder(tmp_path: Path) -> None:
    show = "[s.DATABASES['default']['NAME'], s.MEDIA_ROOT]"
    assert value(tmp_path, show) == [str(tmp_path / "studio.sqlite3"), str(tmp_path / "media")]


@pytest.mark.parametrize(
    ("scheme", "port", "options"),
    [
        ("smtp+tls", 587, {"use_tls": True}),
        ("smtps", 465, {"use_ssl": True}),
        ("smtp", 25, {}),
    ],
)
def test_mail_leaves_by_the_server_that_is_named(
    tmp_path: Path, scheme: str, port: int, options: dict[str, bool]
) -> None:
    url = f"{scheme}://ida%40x:p%2Fw@mail.example.com:{port}"
    shown = value(tmp_path, "[s.SENDS_MAIL, s.MAILERS['default']['OPTIONS']]", EMAIL_URL=url)
    access = {"host": "mail.example.com", "port": port, "username": "ida@x", "password": "p/w"}
    assert shown == [True, access | {"timeout": 10} | options]


@pytest.mark.parametrize(
    "address", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://a:x", "smtp://[a"]
)
def test_a_mail_server_that_cannot_be_read_is_refused(tmp_path: Path, address: str) -> None:
    assert "Write it as smtp+tls://user:password@" in refusal(tmp_path, EMAIL_URL=address)


def test_without_a_mail_server_mail_is_printed(tmp_path: Path) -> None:
    shown = value(tmp_path, "[s.SENDS_MAIL, s.MAILERS['default']['BACKEND']]")
    assert shown == [False, "django.core.mail.backends.console.EmailBackend"]


def test_debug_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert value(tmp_path, "s.DEBUG") is False
    assert value(tmp_path, "s.DEBUG", DEBUG="on") is True


def test_every_knob_is_documented_and_every_documented_knob_exists() -> None:
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "adgen" / "settings.py").read_text())
    # The composition is a library of its own, which no settings reach.
    read += re.findall(r'environ\.get\("([A-Z_]+)"', (ROOT / "runs" / "composition" / "found.py").read_text())
    listed = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == set(read)


@pytest.mark.parametrize(("server", "loaded"), [("uvicorn", False), ("daphne", True)])
def test_only_a_studio_that_serves_with_daphne_carries_it(tmp_path: Path, server: str, loaded: bool) -> None:
    assert value(tmp_path, "'daphne' in s.INSTALLED_APPS", SERVER=server) == loaded


def test_daphne_is_what_runserver_serves_with(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "SECRET_KEY": KEY}
    asked = [sys.executable, "manage.py", "runserver", "--help"]
    done = subprocess.run(asked, cwd=ROOT, env=env, capture_output=True, text=True)
    assert "--http_timeout" in done.stdout


@pytest.mark.parametrize(
    ("knob", "value"),
    [("SENTRY_DSN", "https://key@sentry.example.com/1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318")],
)
def test_a_watcher_whose_packages_are_missing_is_refused_with_the_way_to_them(
    tmp_path: Path, knob: str, value: str
) -> None:
    words = refusal(tmp_path, **{knob: value})
    assert words.startswith(f"{knob} is set, but its packages are not installed. Run `pip install")
    assert "requirements-watch.txt" in words and value not in words


def test_logs_are_for_people_unless_json_is_asked_for(tmp_path: Path) -> None:
    show = "[s.LOGGING['handlers']['console']['formatter'], s.LOGGING['loggers']['runs.trail']['level']]"
    assert value(tmp_path, show) == ["text", "WARNING"]
    assert value(tmp_path, show, LOG_FORMAT="json") == ["json", "INFO"]
    assert "Set it to one of: text, json." in refusal(tmp_path, LOG_FORMAT="xml")


@pytest.mark.parametrize(
    ("knob", "secret", "show"),
    [
        ("DATABASE_URL", "postgres://studio:hush@db/studio", "s.DATABASES['default']['PASSWORD']"),
        ("REDIS_URL", "redis://:hush@cache:6379/0", "s.REDIS_URL"),
        ("EMAIL_URL", "smtps://studio:hush@mail.example.com", "s.MAILERS['default']['OPTIONS']['password']"),
        ("COMFYUI_TOKEN", "hush", "s.COMFYUI_TOKEN"),
        ("METRICS_TOKEN", "hush-hush-hush-hush", "s.METRICS_TOKEN"),
    ],
)
def test_a_secret_may_lie_in_a_file(tmp_path: Path, knob: str, secret: str, show: str) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{secret}\n")
    assert "hush" in value(tmp_path, show, **{f"{knob}_FILE": str(file)})
    file.write_text("\n")
    assert refusal(tmp_path, **{f"{knob}_FILE": str(file)}).startswith(f"{knob}_FILE names an empty file.")


def test_a_token_of_the_metrics_that_is_easily_guessed_is_refused(tmp_path: Path) -> None:
    words = refusal(tmp_path, METRICS_TOKEN="letmein")
    assert "at least 16 random characters" in words and "letmein" not in words


def test_a_list_of_passwords_is_asked_beside_djangos(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    assert "names no file" in refusal(tmp_path, PASSWORD_LIST=str(words))
    words.write_text("nordlys-2026\n")
    asked = value(
        tmp_path, "[one.get('OPTIONS') for one in s.AUTH_PASSWORD_VALIDATORS]", PASSWORD_LIST=str(words)
    )
    assert asked[-2:] == [None, {"password_list_path": str(words)}]
