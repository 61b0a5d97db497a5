"""Typed readers of the environment. `settings.py` is the only caller: every knob is read once, here and loudly."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MIN_SECRET = 40  # characters; set-up makes 64


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


def integer(name: str, default: int, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} is “{value}”. Set it to a whole number of {least} or more.")
    return int(value)


def number(name: str, default: float) -> float:
    value = text(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Set it to a number, for example {default}."
        ) from None


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas or blanks."""
    return text(name, default).replace(",", " ").split()


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
    return value
