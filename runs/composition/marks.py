"""Writes into the finished file what made it (IPTC DigitalSourceType and creator tool, as XMP), and reads it back.

No prompt, no workflow, no time stamp: the same ad has the same bytes.
"""

import re
import struct
import zlib
from enum import StrEnum

CREATOR_TOOL = "AdGen Studio"
_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_JPEG_NAMESPACE = b"http://ns.adobe.com/xap/1.0/\x00"
_PNG_KEYWORD = b"XML:com.adobe.xmp"
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_PNG_HEADER_END = 8 + 25  # signature and IHDR


class Source(StrEnum):
    """Where an ad's pixels come from, in the words of the IPTC vocabulary."""

    ALGORITHMIC = "algorithmicMedia"  # painted by the simulator's own code
    GENERATED = "trainedAlgorithmicMedia"  # a generated scene alone
    COMPOSITE = "compositeWithTrainedAlgorithmicMedia"  # a generated scene with type or product

    @property
    def uri(self) -> str:
        """The term's address in the vocabulary, as files carry it."""
        return _VOCABULARY + self.value

    @classmethod
    def of_layers(cls, *, simulated: bool, with_type: bool) -> "Source":
        """The source type that follows from the layers of an ad."""
        if simulated:
            return cls.ALGORITHMIC
        return cls.COMPOSITE if with_type else cls.GENERATED


def packet(source: Source) -> bytes:
    """The XMP of an ad of that source."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' xmp:CreatorTool="{CREATOR_TOOL}" Iptc4xmpExt:DigitalSourceType="{source.uri}"/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def weight(source: Source) -> int:
    """By how many bytes marking makes a file heavier, at most."""
    return len(packet(source)) + 80


def mark(data: bytes, source: Source) -> bytes:
    """The JPEG or PNG with its mark. Nothing else in the file changes."""
    if data.startswith(b"\x89PNG"):
        text = _PNG_KEYWORD + b"\x00\x00\x00\x00\x00" + packet(source)
        return (
            data[:_PNG_HEADER_END]
            + _png_chunk(b"sRGB", b"\x00")
            + _png_chunk(b"iTXt", text)
            + data[_PNG_HEADER_END:]
        )
    body = data[2:]
    if body.startswith(b"\xff\xe0"):
        length = struct.unpack(">H", body[2:4])[0]
        body = body[2 + length :]
    content = _JPEG_NAMESPACE + packet(source)
    return b"\xff\xd8" + _JFIF + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + body


def found(data: bytes) -> Source | None:
    """The source type a file states, or None."""
    match = re.search(
        rb'Iptc4xmpExt:DigitalSourceType="' + re.escape(_VOCABULARY.encode()) + rb'(\w+)"', data
    )
    names = {source.value: source for source in Source}
    return names.get(match[1].decode()) if match else None


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
