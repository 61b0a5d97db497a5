"""Typed readers of the environment. `settings.py` is the only caller: every knob is read once, here and loudly."""

import os
import re
from ipaddress import ip_network
from math import inf, nan
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

MIN_SECRET = 40  # characters; set-up makes 64
MIN_DISTINCT = 8  # different ones among them: forty random ones have about thirty


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def choice(name: str, default: str, *allowed: str) -> str:
    value = text(name, default).lower()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is “{value}”. Set it to one of: {', '.join(allowed)}.")
    return value


def flag(name: str, default: bool = False) -> bool:
    return choice(name, "1" if default else "0", "0", "1", "true", "false", "on", "off") in (
        "1",
        "true",
        "on",
    )


def integer(name: str, default: int, least: int = 0, most: int | None = None) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least or (most is not None and int(value) > most):
        span = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} is “{value}”. Set it to a whole number {span}.")
    return int(value)


def maybe_integer(name: str, most: int) -> int | None:
    """None where nothing is set."""
    return integer(name, 0, most=most) if text(name) else None


def number(name: str, default: float) -> float:
    """0 or more."""
    value = text(name, str(default))
    try:
        found = float(value)
    except ValueError:
        found = nan
    if not 0 <= found < inf:
        raise ImproperlyConfigured(f"{name} is “{value}”. Set it to a number, for example {default}.")
    return found


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Set it to a zone such as Europe/Berlin, or leave it out for {default}."
        ) from None
    return value


def database(name: str, default: str) -> dict[str, Any]:
    """A SQLite file for the studio in one process, or PostgreSQL for several."""
    value = credential(name) or default
    # Its scheme alone is shown: an address may hold a password.
    scheme = value.partition(":")[0] if "://" in value else ""
    if scheme not in ("sqlite", "postgres", "postgresql"):
        given = f"begins with “{scheme}”" if scheme else "is no address"
        raise ImproperlyConfigured(
            f"{name} {given}. Set it to a SQLite file such as sqlite:////srv/studio.sqlite3 or a PostgreSQL "
            "database such as postgres://studio@db/studio, or leave it out."
        )
    found = dict(dj_database_url.parse(value))
    if scheme != "sqlite" and not found.get("NAME"):
        raise ImproperlyConfigured(f"{name} names no database. End it with one: postgres://studio@db/studio.")
    return found


def folder(name: str, default: Path) -> Path:
    """A folder that is there when the settings are read."""
    path = Path(text(name, str(default)))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ImproperlyConfigured(
            f"{name} is “{path}”, which cannot be made: {fault.strerror}. Name a folder that may be written to."
        ) from None
    return path


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas or blanks."""
    return text(name, default).replace(",", " ").split()


def hosts(name: str) -> list[str]:
    """Host names, addresses and ranges of addresses."""
    found = words(name)
    for entry in found:
        if not (_is_range(entry) or re.fullmatch(r"[A-Za-z0-9_.-]+", entry)):
            raise ImproperlyConfigured(
                f"{name} has “{entry}”. Write host names (gpu-1.lan), addresses (192.168.1.20) or ranges "
                "(192.168.1.0/24), without http:// and port."
            )
    return found


def _is_range(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True


def content(name: str) -> str:
    """The text of the file that is named; empty where none is."""
    path = text(name)
    try:
        return Path(path).read_text() if path else ""
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name} is “{path}”, which cannot be read. Name a text file.") from None


def secret(name: str, file: Path) -> str:
    """The value of NAME, else the content of the file named by NAME_FILE, else of `file`."""
    value = text(name)
    if not value:
        path = Path(text(f"{name}_FILE", str(file)))
        if not path.is_file():
            raise ImproperlyConfigured(
                f"There is no {name}: {path} does not exist. Run `make setup`, or set {name}."
            )
        value = path.read_text().strip()
    if len(value) < MIN_SECRET:
        raise ImproperlyConfigured(f"{name} is too short: it needs at least {MIN_SECRET} random characters.")
    if len(set(value)) < MIN_DISTINCT or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"{name} is easily guessed: it needs {MIN_SECRET} random characters.")
    return value


def credential(name: str, least: int = 0) -> str:
    """One that may be missing: the value of NAME, else the content of the file named by NAME_FILE."""
    value = text(name) or content(f"{name}_FILE").strip()
    if text(f"{name}_FILE") and not value:
        raise ImproperlyConfigured(f"{name}_FILE names an empty file. Write {name} into it, or leave it out.")
    if value and len(value) < least:
        raise ImproperlyConfigured(f"{name} is easily guessed: it needs at least {least} random characters.")
    return value


def web_address(name: str) -> str:
    """The address of a service, without a slash at its end; empty where none is named."""
    value = text(name)
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if value and (not good or parts.username or parts.query or parts.fragment):
        raise ImproperlyConfigured(
            f"{name} is no address of a service. Write it as https://api.example.com/v1, without a user or “?”."
        )
    return value.rstrip("/")


def mailer(name: str) -> dict[str, Any] | None:
    """How mail leaves: smtp:// in the clear, smtp+tls:// with STARTTLS, smtps:// within TLS; None when it does not."""
    value = credential(name)
    if not value:
        return None
    kinds: dict[str, dict[str, Any]] = {
        "smtp": {},
        "smtp+tls": {"use_tls": True},
        "smtps": {"use_ssl": True},
    }
    try:
        address = urlsplit(value)
        port = address.port
    except ValueError:  # brackets that do not close, a port that is none
        address, port = urlsplit(""), None
    if address.scheme not in kinds or not address.hostname:
        raise ImproperlyConfigured(
            f"{name} is not the address of a mail server. "
            "Write it as smtp+tls://user:password@mail.example.com:587 (or smtps://, smtp://)."
        )
    access = {"username": unquote(address.username or ""), "password": unquote(address.password or "")}
    options = {"host": address.hostname, "port": port, "timeout": 10, **access, **kinds[address.scheme]}
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
