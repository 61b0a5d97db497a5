"""Files over HTTP: GET /view, POST /upload/image and /upload/mask (facts 44, 45, 47; D30, D31)."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

from PIL import Image

from runs.comfyui.protocol import Uploaded

from .files import FOLDERS, OutsideFolder, StoredFile, contained, split_annotation
from .http import Request, Response, crashed, empty, json_answer
from .machine import Machine

# Types a browser would run as a page of the server's own (D30).
RISKY = re.compile(
    r"^(text/html|text/css|text/xml|(text|application)/(x-)?javascript|application/xml|.*\+xml)$"
)
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_NAME = re.compile(r'\bname="((?:[^"\\]|\\.)*)"')
_FILENAME = re.compile(r'\bfilename="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; `filename` is None for a plain value."""

    filename: str | None
    data: bytes

    @property
    def text(self) -> str:
        """As UTF-8; what is none is replaced."""
        return self.data.decode("utf-8", "replace")


def view(machine: Machine, request: Request) -> Response:
    """GET /view."""
    if "filename" not in request.query:
        return empty(404)
    machine.views.append(request.query["filename"])
    name, folder = split_annotation(request.query["filename"])
    folder = request.query.get("type") or folder or "output"
    if not name or name.startswith("/") or ".." in name or folder not in FOLDERS:
        return empty(400)
    try:
        contained(request.query.get("subfolder", ""), "x")
    except OutsideFolder:
        return empty(403)
    file = machine.files.get(folder, request.query.get("subfolder", ""), name.rsplit("/", 1)[-1])
    if file is None:
        return empty(404)
    if machine.faults.corrupt:
        file = StoredFile(file.name, file.data[: len(file.data) // 2], file.written)
    return _show(machine, request, file)


def _show(machine: Machine, request: Request, file: StoredFile) -> Response:
    headers = {"Content-Disposition": f'filename="{_escaped(file.name)}"'}
    try:
        if "preview" in request.query:
            mime, data = _reencoded(file.data, request.query["preview"])
            return Response(200, data, headers | {"Content-Type": mime})
        if request.query.get("channel", "rgba") in ("rgb", "a"):
            data = _channel(file.data, request.query["channel"])
            return Response(200, data, headers | {"Content-Type": "image/png"})
    except (OSError, ValueError):
        return crashed()
    return _plain(request, file, headers | _safety(machine, request, file))


def _safety(machine: Machine, request: Request, file: StoredFile) -> dict[str, str]:
    """How a type is sent that could run as a page (D30); the older server only hides the plainest (fact 47)."""
    risky = bool(RISKY.match(file.mime))
    if not machine.newer:
        hidden = risky and not file.mime.endswith("svg+xml")
        return {"Content-Type": "application/octet-stream" if hidden else file.mime}
    if not risky:
        return {"X-Content-Type-Options": "nosniff", "Content-Type": file.mime}
    guard = {"X-Content-Type-Options": "nosniff", "Vary": "Sec-Fetch-Dest", "Cache-Control": "no-store"}
    if file.mime == "image/svg+xml" and request.headers.get("sec-fetch-dest") == "image":
        return guard | {"Content-Type": file.mime}
    attached = f'attachment; filename="{_escaped(file.name)}"'
    return guard | {"Content-Type": "application/octet-stream", "Content-Disposition": attached}


def _plain(request: Request, file: StoredFile, headers: Mapping[str, str]) -> Response:
    when = formatdate(file.written // 1_000_000_000, usegmt=True)
    headers = {**headers, "Etag": file.etag, "Last-Modified": when}
    if request.headers.get("if-none-match") == file.etag or request.headers.get("if-modified-since") == when:
        return Response(304, b"", headers)
    headers["Accept-Ranges"] = "bytes"
    if match := _RANGE.match(request.headers.get("range", "")):
        first, size = int(match[1]), len(file.data)
        last = min(int(match[2] or size - 1), size - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Response(206, file.data[first : last + 1], headers)
    return Response(200, file.data, headers)


def _reencoded(data: bytes, wish: str) -> tuple[str, bytes]:
    """preview=webp;90: WebP or JPEG, everything else becomes WebP; raises OSError, ValueError."""
    kind, _, quality = wish.partition(";")
    kind = kind if kind in ("webp", "jpeg") else "webp"
    number = int(quality) if quality.isdigit() else 90
    if number > 100:
        raise ValueError(f"quality {number}")
    raw = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(raw, kind.upper(), quality=number)
    return f"image/{kind}", raw.getvalue()


def _channel(data: bytes, channel: str) -> bytes:
    """The picture without its alpha, or its alpha alone, as a PNG without text chunks."""
    picture, raw = Image.open(io.BytesIO(data)), io.BytesIO()
    if channel == "rgb":
        picture.convert("RGB").save(raw, "PNG")
        return raw.getvalue()
    alpha = picture.convert("RGBA").getchannel("A")
    only = Image.new("RGBA", picture.size)
    only.putalpha(alpha)
    only.save(raw, "PNG")
    return raw.getvalue()


def upload_image(machine: Machine, request: Request) -> Response:
    """POST /upload/image. Nobody checks the content (fact 45)."""
    form = read_form(request)
    part = form.get("image")
    if part is None or part.filename is None or not part.filename:
        return empty(400)
    return _keep(machine, form, part.filename, part.data)


def upload_mask(machine: Machine, request: Request) -> Response:
    """POST /upload/mask: the alpha of the upload laid into `original_ref`; a missing original writes nothing."""
    form = read_form(request)
    part = form.get("image")
    if part is None or not part.filename:
        return empty(400)
    reference = json.loads(form["original_ref"].text)
    folder, subfolder = reference.get("type", "output"), reference.get("subfolder", "")
    original = machine.files.get(folder, subfolder, reference["filename"])
    if original is None:
        return json_answer(Uploaded(part.filename).to_json())
    picture, raw = Image.open(io.BytesIO(original.data)).convert("RGBA"), io.BytesIO()
    picture.putalpha(Image.open(io.BytesIO(part.data)).convert("RGBA").getchannel("A").resize(picture.size))
    picture.save(raw, "PNG")
    return _keep(machine, form, part.filename, raw.getvalue())


def _keep(machine: Machine, form: Mapping[str, Part], name: str, data: bytes) -> Response:
    folder, subfolder = _text(form, "type") or "input", _text(form, "subfolder")
    if folder not in FOLDERS:
        return crashed()
    try:
        contained(subfolder, name)
        if name.startswith("/"):
            return crashed()
    except OutsideFolder:
        return crashed() if name.startswith("/") else empty(400)
    if "/" in name:
        return crashed()  # the folder in the name does not exist
    if _text(form, "overwrite") not in ("true", "1"):
        name = machine.files.free_name(folder, subfolder, name, data)
    machine.files.put(folder, subfolder, name, data)
    return json_answer(Uploaded(name, subfolder, folder).to_json())


def _text(form: Mapping[str, Part], name: str) -> str:
    return form[name].text if name in form else ""


def read_form(request: Request) -> dict[str, Part]:
    """The fields of a multipart body; empty when it is none."""
    match = re.search(r'boundary="?([^";,]+)"?', request.headers.get("content-type", ""))
    if match is None:
        return {}
    fields: dict[str, Part] = {}
    for piece in request.body.split(b"--" + match[1].encode())[1:-1]:
        head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        words = head.decode("utf-8", "replace")
        if name := _NAME.search(words):
            filename = _FILENAME.search(words)
            fields[name[1]] = Part(filename and filename[1], data.removesuffix(b"\r\n"))
    return fields


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
