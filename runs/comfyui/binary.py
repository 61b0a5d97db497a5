"""The binary frames of ComfyUI's websocket: previews and lines of text (facts 10, 11, 13).

All numbers on the wire are big-endian and four bytes wide.
"""

import json
import struct
from typing import Any

from runs.comfyui.errors import ProtocolViolation
from runs.comfyui.events import Event, Preview, ProgressText, UnknownEvent
from runs.comfyui.reading import as_object, as_text, decode_json, text_or_none

PREVIEW, PROGRESS_TEXT, PREVIEW_WITH_METADATA = 1, 3, 4  # type 2 never leaves the server
_MIMES = {1: "image/jpeg", 2: "image/png"}
_FORMATS = {mime: code for code, mime in _MIMES.items()}


def decode_binary(raw: bytes) -> Event:
    """The event of a binary frame; UnknownEvent for a type we do not know; raises ProtocolViolation."""
    kind, body = _take_number(raw)
    match kind:
        case 1:
            return _read_preview(body)
        case 3:
            return _read_text(body)
        case 4:
            return _read_preview_with_metadata(body)
        case _:
            return UnknownEvent(f"binary {kind}")


def encode_binary(event: Preview | ProgressText) -> bytes:
    """The frame of a preview or of a line of text; a type 1 preview must be JPEG or PNG (ValueError)."""
    match event:
        case Preview():
            return _write_preview(event)
        case ProgressText():
            node = event.node.encode()
            return struct.pack(">II", PROGRESS_TEXT, len(node)) + node + event.text.encode()


def _take_number(raw: bytes) -> tuple[int, bytes]:
    if len(raw) < 4:
        raise ProtocolViolation("The server sent a binary frame that is cut off.")
    return int.from_bytes(raw[:4], "big"), raw[4:]


def _take_block(raw: bytes) -> tuple[bytes, bytes]:
    length, rest = _take_number(raw)
    if length > len(rest):
        raise ProtocolViolation("The server sent a binary frame that is cut off.")
    return rest[:length], rest[length:]


def _as_utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ProtocolViolation("The server sent a text that is not UTF-8.") from error


def _read_preview(body: bytes) -> Preview:
    code, image = _take_number(body)
    if code not in _MIMES:
        raise ProtocolViolation(f"The server sent a preview in the unknown format {code}.")
    return Preview(None, None, _MIMES[code], image)


def _read_text(body: bytes) -> ProgressText:
    node, text = _take_block(body)
    return ProgressText(_as_utf8(node), _as_utf8(text))


def _read_preview_with_metadata(body: bytes) -> Preview:
    header, image = _take_block(body)
    about = as_object(decode_json(_as_utf8(header)), "metadata")
    node, mime = text_or_none(about.get("node_id"), "node_id"), as_text(about.get("image_type"), "image_type")
    return Preview(as_text(about.get("prompt_id"), "prompt_id"), node, mime, image)


def _write_preview(event: Preview) -> bytes:
    if event.prompt_id is not None:
        header = json.dumps(_identity(event) | {"image_type": event.mime}).encode()
        return struct.pack(">II", PREVIEW_WITH_METADATA, len(header)) + header + event.image
    if event.mime not in _FORMATS:
        raise ValueError(f"a preview without metadata is JPEG or PNG, not {event.mime}")
    return struct.pack(">II", PREVIEW, _FORMATS[event.mime]) + event.image


def _identity(event: Preview) -> dict[str, Any]:
    ids = {"node_id": event.node, "prompt_id": event.prompt_id, "display_node_id": event.node}
    return ids | {"parent_node_id": None, "real_node_id": event.node}
