"""Refuses settings that would lose work, before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def test_mode_has_an_engine(**_: Any) -> list[CheckMessage]:
    if settings.TEST_MODE == "off" and not settings.COMFYUI_URLS and settings.ENGINE == "embedded":
        return []  # servers can be added in the admin
    if settings.TEST_MODE == "on" and settings.ENGINE == "off":
        words = "TEST_MODE=on needs the embedded engine. Set ENGINE=embedded, or TEST_MODE=off."
        return [Error(words, id="runs.E001")]
    return []
