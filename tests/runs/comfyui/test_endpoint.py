"""Addresses and headers: what is kept, what is refused, and that secrets do not show."""

import ssl
from pathlib import Path

import certifi
import pytest

from runs.comfyui import BadAddress, Endpoint


def test_a_path_prefix_is_kept() -> None:
    endpoint = Endpoint("https://gpu.example:8443/comfy/")
    assert endpoint.at("/queue") == "https://gpu.example:8443/comfy/queue"
    assert endpoint.websocket("/ws", "a b") == "wss://gpu.example:8443/comfy/ws?clientId=a%20b"


def test_plain_http_has_a_plain_websocket() -> None:
    assert Endpoint("http://127.0.0.1:8188").websocket("/ws", "c") == "ws://127.0.0.1:8188/ws?clientId=c"


def test_an_ipv6_address_is_kept() -> None:
    assert Endpoint("http://[::1]:8188/").url == "http://[::1]:8188"


def test_name_and_password_in_the_address_become_a_header() -> None:
    endpoint = Endpoint("http://alice:s%40crèt@gpu.example")
    assert endpoint.url == "http://gpu.example"
    assert endpoint == Endpoint.with_basic("http://gpu.example", "alice", "s@crèt")


def test_a_bearer_token_is_a_header() -> None:
    assert Endpoint.with_bearer("http://gpu.example", "t0ken").headers == {"Authorization": "Bearer t0ken"}


def test_secrets_do_not_show_in_repr() -> None:
    endpoint = Endpoint("http://alice:s3cret@gpu.example", {"X-Key": "t0ken"}, ca="-----BEGIN secret")
    assert repr(endpoint) == "Endpoint('http://gpu.example', headers: Authorization, X-Key)"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpu.example",
        "gpu.example:8188",
        "ftp://gpu",
        "file:///etc/passwd",
        "http://",
        "http://:80",
        "http://a:99999",
        "http://a:b",
        "http://a/?x=1",
        "http://a/#x",
        "http://[::1",
        "http://a b",
        "http://a\n.example",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress, match="http://host:port"):
        Endpoint(url)


def test_the_refusal_of_an_address_does_not_repeat_its_password() -> None:
    with pytest.raises(BadAddress) as caught:
        Endpoint("ftp://alice:s3cret@gpu")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["Origin", "sec-fetch-site", "Host", "Content-Length"])
def test_fact_53_a_browsers_headers_are_never_sent(name: str) -> None:
    with pytest.raises(BadAddress, match=name):
        Endpoint("http://gpu", {name: "x"})


@pytest.mark.parametrize(
    ("name", "value"), [("X-Key", "s3cret\r\nX: y"), ("X-Key", "s3crét"), ("X Key", "s3cret"), ("", "s3cret")]
)
def test_a_header_that_http_cannot_carry_is_refused_without_its_value(name: str, value: str) -> None:
    with pytest.raises(BadAddress) as caught:
        Endpoint("http://gpu", {name: value})
    assert "s3cr" not in str(caught.value)


def test_without_tls_there_is_nothing_to_verify() -> None:
    assert Endpoint("http://gpu").ssl_context() is None


def test_a_certificate_is_checked_with_or_without_a_ca_of_ones_own() -> None:
    context = Endpoint("https://gpu").ssl_context()
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


@pytest.mark.parametrize("ca", ["/nowhere/ca.pem", "-----BEGIN CERTIFICATE-----\nrubbish\n", "\0"])
def test_a_ca_that_cannot_be_read_is_a_bad_address(ca: str) -> None:
    with pytest.raises(BadAddress, match="PEM"):
        Endpoint("https://gpu", ca=ca).ssl_context()


def test_a_ca_is_a_file_or_the_text_itself(tmp_path: Path) -> None:
    pem = Path(certifi.where()).read_text()
    one = pem[pem.index("-----BEGIN") : pem.index("-----END CERTIFICATE-----") + 26]
    file = tmp_path / "ca.pem"
    file.write_text(one)
    contexts = [Endpoint("https://gpu", ca=ca).ssl_context() for ca in (one, str(file))]
    assert [len(context.get_ca_certs()) if context else 0 for context in contexts] == [1, 1]
