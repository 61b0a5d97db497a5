"""An S3 of our own on a real socket: keeps objects in memory, reads signed addresses, and can be told to misbehave."""

import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Bucket(ThreadingHTTPServer):
    """`faults` says how many of the next questions are answered by 503, `pause` how long each answer takes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.faults, self.pause = 0, 0.0
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *args: Any) -> None:
        """Whoever asked did not wait: that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_PUT = do_DELETE = do_GET

    def _answer(self) -> None:
        body = self._body()
        self.server.asked.append(self.command)
        time.sleep(self.server.pause)
        if self.server.faults > 0:
            self.server.faults -= 1
            return self._send(503, _fault("SlowDown"))
        address = urlsplit(self.path)
        if _is_over(parse_qs(address.query)):
            return self._send(403, _fault("AccessDenied"))
        return self._serve(unquote(address.path).split("/", 2)[2], body)

    def _serve(self, key: str, body: bytes) -> None:
        there = self.server.objects.get(key)
        match self.command:
            case "PUT":
                self.server.objects[key] = body
                self._send(200)
            case "DELETE":
                self.server.objects.pop(key, None)
                self._send(204)
            case _ if there is None:
                self._send(404, _fault("NoSuchKey"))
            case _:
                self._send(200, there)

    def _body(self) -> bytes:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return data
        whole = b""
        while (size := int(data.partition(b"\r\n")[0].split(b";")[0], 16)) > 0:
            begin = data.index(b"\r\n") + 2
            whole, data = whole + data[begin : begin + size], data[begin + size + 2 :]
        return whole

    def _send(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Fri, 27 Nov 2026 04:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Not into the tests' output."""


def _fault(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()


def _is_over(query: dict[str, list[str]]) -> bool:
    """Whether a signed address has run out, by either kind of signature."""
    if "Expires" in query:
        return time.time() > int(query["Expires"][0])
    if "X-Amz-Date" in query:
        begun = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return datetime.now(UTC) > begun + timedelta(seconds=int(query["X-Amz-Expires"][0]))
    return False
