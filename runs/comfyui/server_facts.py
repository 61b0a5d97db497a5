"""What a server says of itself: GET /system_stats and GET /object_info (D36, D42 to D45)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from runs.comfyui.prompts import choices_of
from runs.comfyui.reading import (
    Json,
    as_flag,
    as_list,
    as_object,
    as_text,
    as_whole,
    object_or_empty,
    texts,
)

SIMULATED = "simulated"  # our own key in `system`: the simulator says what it is


@dataclass(frozen=True, slots=True)
class Device:
    """A device the server computes on; memory in bytes."""

    name: str
    type: str
    memory_total: int = 0
    memory_free: int = 0

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read one entry of `devices`; raises ProtocolViolation."""
        data = as_object(value, "devices")
        return cls(
            as_text(data.get("name"), "name"),
            as_text(data.get("type"), "type"),
            as_whole(data.get("vram_total", 0), "vram_total"),
            as_whole(data.get("vram_free", 0), "vram_free"),
        )

    def to_json(self) -> dict[str, Any]:
        """The entry of `devices`."""
        total, free = self.memory_total, self.memory_free
        memory = {"vram_total": total, "vram_free": free, "torch_vram_total": total, "torch_vram_free": free}
        return {"name": self.name, "type": self.type, "index": None} | memory


@dataclass(frozen=True, slots=True)
class SystemStats:
    """GET /system_stats; `system` keeps the rest of what the server says of itself."""

    version: str
    devices: tuple[Device, ...] = ()
    simulated: bool = False
    system: Json = field(default_factory=dict, repr=False)  # its argv shows the whole command line

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the answer; raises ProtocolViolation."""
        data = as_object(body, "system_stats")
        system = dict(as_object(data.get("system"), "system"))
        return cls(
            as_text(system.pop("comfyui_version", None), "comfyui_version"),
            tuple(map(Device.parse, as_list(data.get("devices"), "devices"))),
            as_flag(system.pop(SIMULATED, False), SIMULATED),
            system,
        )

    def to_json(self) -> dict[str, Any]:
        """The answer; `simulated` is named only when it is true, as no real server knows the word."""
        mark = {SIMULATED: True} if self.simulated else {}
        system = dict(self.system) | {"comfyui_version": self.version} | mark
        return {"system": system, "devices": [device.to_json() for device in self.devices]}


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """One class of GET /object_info: its inputs as the server describes them, and what it gives.

    `about` keeps the other keys (display_name, category, is_input_list, …), so that nothing is lost.
    """

    name: str
    required: Json = field(default_factory=dict)
    optional: Json = field(default_factory=dict)
    outputs: tuple[Any, ...] = ()
    output_names: tuple[str, ...] = ()
    output_node: bool = False
    about: Json = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the entry of one class; raises ProtocolViolation."""
        data = dict(as_object(body, "object_info"))
        inputs = dict(object_or_empty(data.pop("input", None), "input"))
        return cls(
            as_text(data.pop("name", None), "name"),
            object_or_empty(inputs.pop("required", None), "required"),
            object_or_empty(inputs.pop("optional", None), "optional"),
            tuple(as_list(data.pop("output", []), "output")),
            texts(data.pop("output_name", []), "output_name"),
            as_flag(data.pop("output_node", False), "output_node"),
            data | ({"hidden": inputs["hidden"]} if "hidden" in inputs else {}),
        )

    def to_json(self) -> dict[str, Any]:
        """The entry of the class."""
        about = dict(self.about)
        inputs = {"required": dict(self.required)}
        inputs |= {"optional": dict(self.optional)} if self.optional else {}
        inputs |= {"hidden": about.pop("hidden")} if "hidden" in about else {}
        gives = {"output": list(self.outputs), "output_name": list(self.output_names)}
        return {"input": inputs, "name": self.name, "output_node": self.output_node} | gives | about

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Required and optional inputs together."""
        return {**self.required, **self.optional}

    def choices(self, input_name: str) -> tuple[str, ...]:
        """What a choice input takes, in either form of COMBO (D44); empty for an input without a list."""
        return choices_of(self.inputs.get(input_name))


def parse_object_info(body: object) -> dict[str, NodeInfo]:
    """The classes of an answer of GET /object_info; empty for an unknown class (protocol, section 10)."""
    return {name: NodeInfo.parse(entry) for name, entry in as_object(body, "object_info").items()}
