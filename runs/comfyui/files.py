"""Files on a ComfyUI server: outputs to fetch and uploads that came back with a name (facts 44 to 48)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from runs.comfyui.errors import UnsafeName
from runs.comfyui.reading import Json, as_list, as_object, as_text

FOLDERS = ("output", "temp")


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture in the output or the temp folder of a server.

    Raises UnsafeName for a name that could lead elsewhere: `..`, a path as a name, a backslash, NUL, an
    absolute subfolder, or another folder. Servers have opened such names (fact 46); our disk must not either.
    """

    filename: str
    subfolder: str = ""
    type: str = "output"

    def __post_init__(self) -> None:
        check_plain(self.filename, "/")
        if self.subfolder:
            check_plain(self.subfolder)
        if self.type not in FOLDERS:
            raise UnsafeName(f"{self.type!r} is no folder from which pictures are fetched.")

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read one entry of `images`; raises ProtocolViolation, UnsafeName."""
        data = as_object(value, "images")
        return cls(
            as_text(data.get("filename"), "filename"),
            as_text(data.get("subfolder", ""), "subfolder"),
            as_text(data.get("type", "output"), "type"),
        )

    def to_json(self) -> dict[str, str]:
        """The entry of `images`, and the query of GET /view."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The answer of POST /upload/image: the name the file really got (fact 44)."""

    name: str
    subfolder: str = ""
    type: str = "input"

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the answer; raises ProtocolViolation."""
        data = as_object(body, "upload")
        return cls(
            as_text(data.get("name"), "name"),
            as_text(data.get("subfolder", ""), "subfolder"),
            as_text(data.get("type", "input"), "type"),
        )

    def to_json(self) -> dict[str, str]:
        """The answer."""
        return {"name": self.name, "subfolder": self.subfolder, "type": self.type}

    @property
    def value(self) -> str:
        """What LoadImage takes: "name.png" or "folder/name.png"."""
        return f"{self.subfolder}/{self.name}" if self.subfolder else self.name


def images_of(outputs: Mapping[str, Json]) -> tuple[tuple[str, ImageRef], ...]:
    """The pictures among the outputs of a prompt, each with its node (D7: choose by node, not by place).

    Entries of the input folder are somebody's reference pictures, not results, and are left out. Raises
    UnsafeName and ProtocolViolation.
    """
    return tuple(
        (node, ImageRef.parse(entry))
        for node, result in outputs.items()
        for entry in as_list(result.get("images") or [], "images")
        if as_object(entry, "images").get("type") != "input"
    )


def check_plain(path: str, also: str = "") -> str:
    """A relative path that stays below its folder; raises UnsafeName, also for each character of `also`."""
    printable = all(character >= " " for character in path)
    inside = not path.startswith("/") and ".." not in path and "\\" not in path and ":" not in path[1:2]
    if not path or not printable or not inside or any(character in path for character in also):
        raise UnsafeName(f"{path!r} is no safe name for a file on a server. It was left alone.")
    return path
