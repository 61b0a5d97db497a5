"""Which addresses that were typed into the admin may be asked at all.

The studio stands where a browser does not: on a private network, beside databases and a cloud's metadata service. An
address from COMFYUI_URLS is the operator's own word. One from the admin may only lead out of that network, unless its
host is listed in COMFYUI_ALLOWED_HOSTS.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from runs.comfyui.errors import BadAddress

type Address = IPv4Address | IPv6Address

_TRANSLATED = ip_network("64:ff9b::/96")  # the last four bytes are where a translator sends it
# Looks public, and answers every virtual machine of Azure with what is meant for that machine alone.
_METADATA = frozenset({ip_address("168.63.129.16")})


class AddressNotAllowed(BadAddress):
    """An address inside the network, and nobody allowed it."""


def _by_the_system(host: str) -> Iterable[str]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(f"{host} cannot be a name") from error
    return [str(where[0]) for *_, where in answers]


async def choose(host: str, look_up: Callable[[str], Iterable[str]] = _by_the_system) -> list[str]:
    """The addresses to connect to: what the host stands for now, and nothing else it may stand for a moment later.

    Raises AddressNotAllowed where one of its addresses lies inside the network, OSError where the host is not found:
    who looked it up once more could find another address, and one that nobody has looked at.
    """
    written = await asyncio.to_thread(look_up, host)
    found: list[Address] = list(dict.fromkeys(ip_address(where.partition("%")[0]) for where in written))
    if inside := next((address for address in found if not may_ask(host, address)), None):
        raise AddressNotAllowed(_words(host, inside))
    return list(map(str, found))


def may_ask(host: str, address: Address) -> bool:
    return _is_listed(host, address) or all(map(_is_public, _meant(address)))


def _is_public(address: Address) -> bool:
    # Python calls multicast global, as its addresses mean the same everywhere.
    return address.is_global and not address.is_multicast and address not in _METADATA


def _meant(address: Address) -> Iterator[Address]:
    """The address itself, and the IPv4 address that an IPv6 one may carry inside."""
    yield address
    if isinstance(address, IPv6Address):
        carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        yield from (inner for inner in carried if inner is not None)
        if address in _TRANSLATED:
            yield IPv4Address(int(address) & 0xFFFF_FFFF)


def _is_listed(host: str, address: Address) -> bool:
    listed: Iterable[str] = settings.COMFYUI_ALLOWED_HOSTS
    return any(_names(entry, host, address) for entry in listed)


def _names(entry: str, host: str, address: Address) -> bool:
    """A host by its name, an address, or a range of addresses."""
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return entry.lower().rstrip(".") == host.lower().rstrip(".")


def _words(host: str, address: Address) -> str:
    what = f"{host} is {address}, an address" if host != str(address) else f"{host} is an address"
    wide = ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False)
    return (
        f"{what} inside the network. Ask your studio admin to allow it: restart the studio with "
        f"COMFYUI_ALLOWED_HOSTS={host} (or a range such as {wide}), or with the server in COMFYUI_URLS."
    )
