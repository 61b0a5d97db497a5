"""COMFYUI_URLS: one row an address, with the user and password that it carries; the address itself stays clean."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Error

from runs.checks import nothing_gets_lost
from runs.engine import servers
from runs.models import Server

pytestmark = pytest.mark.django_db


def registered(settings: Any, *urls: str) -> list[Server]:
    settings.COMFYUI_URLS = list(urls)
    servers.register_configured()
    return list(Server.objects.order_by("pk"))


def sent(server: Server) -> str:
    return servers.endpoint(server).headers.get("Authorization", "")


def test_user_and_password_leave_the_address_for_their_columns(settings: Any) -> None:
    (server,) = registered(settings, "http://me:p%40ss%2Fword@gpu-1.test:8188/comfy/")
    assert (server.url, server.user, server.password) == ("http://gpu-1.test:8188/comfy", "me", "p@ss/word")
    assert (server.name, server.configured) == ("gpu-1.test:8188", True)
    assert sent(server).startswith("Basic ")


def test_two_entries_that_differ_in_the_password_alone_are_one_server(settings: Any) -> None:
    (server,) = registered(
        settings, "http://me:old@gpu-1.test", "http://gpu-1.test/", "http://me:new@gpu-1.test"
    )
    assert server.password == "new"


def test_a_password_that_changes_or_goes_is_changed_in_the_same_row(settings: Any) -> None:
    (first,) = registered(settings, "http://me:old@gpu-1.test")
    (second,) = registered(settings, "http://me:new@gpu-1.test")
    assert (second.pk, second.password) == (first.pk, "new")
    (third,) = registered(settings, "http://gpu-1.test")
    assert (third.pk, third.user, third.password) == (first.pk, "", "")


def test_the_token_is_for_those_without_a_password_of_their_own(settings: Any) -> None:
    settings.COMFYUI_TOKEN = "hush"
    one, other = registered(settings, "http://gpu-1.test", "http://me:pass@gpu-2.test")
    assert sent(one) == "Bearer hush"
    assert sent(other).startswith("Basic ")


def test_the_authority_of_comfyui_ca_holds_for_all_of_them(settings: Any) -> None:
    settings.COMFYUI_CA = (Path(__file__).parents[2] / "data" / "ca.pem").read_text()
    (server,) = registered(settings, "https://gpu-1.test")
    assert servers.endpoint(server).ssl_context() is not None


@pytest.mark.parametrize("url", ["gpu-1:8188", "http://me:hush-hush@gpu 1", "ftp://me:hush-hush@gpu-1"])
def test_an_entry_that_is_no_address_stops_the_start_without_its_password(url: str, settings: Any) -> None:
    settings.COMFYUI_URLS = [url]
    (fault,) = nothing_gets_lost()
    assert isinstance(fault, Error) and "http://host:port" in fault.msg
    assert "hush-hush" not in fault.msg
