"""TLS with a CA of one's own: trusted when it is stored with the server, refused with a sentence when it is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve

from runs.comfyui import Comfy, Endpoint, ServerUnreachable
from runs.comfyui.events import QueueChanged
from runs.comfyui.protocol import encode

# The second is found by nobody: who connects to it was told where it is.
NAMES = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("gpu.invalid")]
QUEUE = b'{"queue_running": [], "queue_pending": []}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n" % len(QUEUE) + QUEUE
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key behind it, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@asynccontextmanager
async def secured(certificate: Path) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_side(certificate))
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_server_with_a_stored_ca_is_trusted(certificate: Path) -> None:
    async with secured(certificate) as url, Comfy(Endpoint(url, ca=str(certificate))) as comfy:
        assert (await comfy.queue()).pending == ()


async def there(host: str) -> list[str]:
    return {"gpu.invalid": ["127.0.0.1"], "other.invalid": ["127.0.0.1"]}[host]


async def test_a_chosen_address_is_connected_to_under_the_servers_name(certificate: Path) -> None:
    async with secured(certificate) as url:
        named = url.replace("127.0.0.1", "gpu.invalid")
        async with Comfy(Endpoint(named, ca=str(certificate), choose=there)) as comfy:
            assert (await comfy.queue()).pending == ()


async def test_a_chosen_address_still_has_to_prove_the_name(certificate: Path) -> None:
    async with secured(certificate) as url:
        other = url.replace("127.0.0.1", "other.invalid")
        async with Comfy(Endpoint(other, ca=str(certificate), choose=there)) as comfy:
            with pytest.raises(ServerUnreachable, match="certificate"):
                await comfy.queue()


async def test_a_server_with_an_unknown_ca_is_refused_and_says_what_to_do(certificate: Path) -> None:
    async with secured(certificate) as url, Comfy(Endpoint(url)) as comfy:
        with pytest.raises(ServerUnreachable, match="Store its CA"):
            await comfy.queue()
        with pytest.raises(ServerUnreachable, match="Store its CA"):
            async with comfy.events("c"):
                pytest.fail("connected to a stranger")


async def test_the_websocket_trusts_the_same_ca(certificate: Path) -> None:
    async def play(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(encode(QueueChanged(0)))

    async with serve(play, "127.0.0.1", 0, ssl=server_side(certificate)) as server:
        url = f"https://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        text = certificate.read_text()
        async with Comfy(Endpoint(url, ca=text)) as comfy, comfy.events("c") as events:
            assert await anext(events) == QueueChanged(0)


async def test_the_websocket_goes_to_the_chosen_address_too(certificate: Path) -> None:
    hosts: list[str] = []

    async def play(socket: ServerConnection) -> None:
        assert socket.request is not None
        hosts.append(socket.request.headers["Host"])
        await socket.recv()
        await socket.send(encode(QueueChanged(0)))

    async with serve(play, "127.0.0.1", 0, ssl=server_side(certificate)) as server:
        address = f"gpu.invalid:{next(iter(server.sockets)).getsockname()[1]}"
        endpoint = Endpoint(f"https://{address}", ca=str(certificate), choose=there)
        async with Comfy(endpoint) as comfy, comfy.events("c") as events:
            assert await anext(events) == QueueChanged(0)
    assert hosts == [address]
