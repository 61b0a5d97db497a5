"""An address from the admin may not lead inside the network; one that is allowed, or the operator's own, may."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from itertools import count
from typing import Any

import pytest

from runs.comfyui import Comfy, Endpoint, ServerUnreachable
from runs.engine import addresses, servers
from runs.engine.addresses import AddressNotAllowed, may_ask
from runs.engine.database import rows
from runs.models import Server
from runs.states import ServerState
from tests.conftest import make_server
from tests.runs.far_ends import FarEnd

INSIDE = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.20",
    "169.254.169.254",  # the metadata of most clouds
    "100.100.100.200",  # Alibaba's
    "192.0.0.192",  # Oracle's
    "168.63.129.16",  # Azure's, which is a public address
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fd00:ec2::254",  # Amazon's
    "::ffff:127.0.0.1",
    "::ffff:192.168.1.20",
    "64:ff9b::a9fe:a9fe",  # 169.254.169.254 behind a translator
    "2002:7f00:1::",  # 127.0.0.1 in 6to4
]


@pytest.fixture(autouse=True)
def nothing_is_allowed(settings: Any) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = []


@pytest.mark.parametrize("address", INSIDE)
def test_what_lies_inside_is_refused(address: str) -> None:
    assert not may_ask("gpu", ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_lies_outside_is_asked(address: str) -> None:
    assert may_ask("gpu", ip_address(address))


@pytest.mark.parametrize(
    "listed", ["gpu-1.lan", "GPU-1.lan.", "192.168.1.20", "192.168.1.0/24", "192.168.1.77/24", "0.0.0.0/0"]
)
def test_a_host_is_allowed_by_its_name_its_address_or_a_range(listed: str, settings: Any) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = ["other.lan", listed]
    assert may_ask("gpu-1.lan", ip_address("192.168.1.20"))


@pytest.mark.parametrize("listed", ["lan", "gpu-1", "192.168.2.0/24", "fd00::/8"])
def test_what_only_looks_like_it_does_not_allow_it(listed: str, settings: Any) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = [listed]
    assert not may_ask("gpu-1.lan", ip_address("192.168.1.20"))


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8188", "http://localhost", "http://2130706433/x", "http://0x7f.1", "http://[::1]/"],
)
async def test_every_way_to_write_an_address_is_seen_through(url: str) -> None:
    endpoint = Endpoint(url, choose=addresses.choose)
    with pytest.raises(AddressNotAllowed):
        await endpoint.destinations()


async def test_the_refusal_says_what_to_set() -> None:
    with pytest.raises(
        AddressNotAllowed, match=r"COMFYUI_ALLOWED_HOSTS=10\.1\.2\.3 .*10\.1\.2\.0/24.*COMFYUI_URLS"
    ):
        await addresses.choose("10.1.2.3")


async def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    with pytest.raises(AddressNotAllowed, match=r"gpu\.example\.com is 10\.0\.0\.5, an address inside"):
        await addresses.choose("gpu.example.com", look_up=lambda _: ["8.8.8.8", "10.0.0.5"])


async def test_every_address_of_a_name_may_be_connected_to() -> None:
    both = ["2606:4700::1111", "8.8.8.8"]
    assert await addresses.choose("gpu.example.com", look_up=lambda _: both) == both


@pytest.mark.parametrize("url", ["http://nobody.invalid", "http://a..b", f"http://{'a' * 64}.example"])
async def test_a_host_that_is_not_found_does_not_answer(url: str) -> None:
    async with Comfy(Endpoint(url, choose=addresses.choose)) as comfy:
        with pytest.raises(ServerUnreachable):
            await comfy.queue()
        with pytest.raises(ServerUnreachable):
            async with comfy.events("c"):
                pytest.fail("connected to nobody")


async def test_a_host_that_is_not_found_is_not_looked_up_once_more(
    comfy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patched: whoever connects would ask the system itself, and no name of the real world changes on demand.
    monkeypatch.setattr(socket, "getaddrinfo", _found_inside_at_the_second_look())
    async with Comfy(Endpoint(comfy.replace("127.0.0.1", "evil.example"), choose=addresses.choose)) as client:
        with pytest.raises(ServerUnreachable):
            await client.queue()
    assert FarEnd.asked == []


def _found_inside_at_the_second_look() -> Callable[..., Any]:
    """A name server of somebody who would like to reach the studio's own network."""
    looks, as_it_is = count(), socket.getaddrinfo

    def found(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("evil.example", b"evil.example"):
            return as_it_is(host, *args, **kwargs)
        if next(looks) == 0:
            raise socket.gaierror("the name server does not answer")
        return as_it_is("127.0.0.1", *args, **kwargs)

    return found


@pytest.mark.django_db(transaction=True)
async def test_a_name_that_leads_inside_later_is_down_at_the_next_probe() -> None:
    server = await _made(url="http://localhost:9")
    await servers.probe(server)
    told = await Server.objects.aget()
    assert told.state == ServerState.DOWN and "COMFYUI_ALLOWED_HOSTS=localhost" in told.reason


@pytest.mark.django_db(transaction=True)
async def test_a_server_of_comfyui_urls_is_the_operators_own_word() -> None:
    server = await _made(url="http://127.0.0.1:9", configured=True)
    await servers.probe(server)
    assert "COMFYUI_ALLOWED_HOSTS" not in (await Server.objects.aget()).reason


@pytest.mark.django_db(transaction=True)
async def test_so_is_one_that_left_comfyui_urls_and_still_paints(settings: Any) -> None:
    server = await _made(url="http://127.0.0.1:9", configured=True)
    settings.COMFYUI_URLS = []
    await rows(servers.register_configured)
    await rows(server.refresh_from_db)
    await servers.probe(server)
    told = await Server.objects.aget()
    assert not told.enabled and "COMFYUI_ALLOWED_HOSTS" not in told.reason


@pytest.mark.django_db(transaction=True)
async def test_a_server_of_the_admin_is_not_trusted_more_for_being_switched_off() -> None:
    server = await _made(url="http://localhost:9", enabled=False)
    await servers.probe(server)
    assert "COMFYUI_ALLOWED_HOSTS=localhost" in (await Server.objects.aget()).reason


async def _made(**facts: Any) -> Server:
    return await rows(make_server, **facts)
