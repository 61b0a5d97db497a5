"""Far ends for the admin's pages, on real sockets."""

import threading
from collections.abc import Iterator
from http.server import HTTPServer

import pytest

from .far_ends import FarEnd, as_comfy


@pytest.fixture
def web_page() -> Iterator[str]:
    """Something that answers, but is no ComfyUI."""
    FarEnd.asked.clear()
    FarEnd.heard.clear()
    FarEnd.known.clear()
    httpd = HTTPServer(("127.0.0.1", 0), FarEnd)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def comfy(web_page: str) -> str:
    """A ComfyUI with two models."""
    FarEnd.known |= as_comfy()
    return web_page


@pytest.fixture
def nobody() -> str:
    """An address at which nothing listens."""
    httpd = HTTPServer(("127.0.0.1", 0), FarEnd)
    httpd.server_close()
    return f"http://127.0.0.1:{httpd.server_port}"
