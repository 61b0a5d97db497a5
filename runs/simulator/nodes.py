"""The node classes that the simulator knows and what /object_info says of them, in both dialects.

data/nodes.json holds the interfaces as real servers gave them (inputs, limits, lists, outputs), without their prose.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runs.comfyui.protocol import Dialect

from .files import Files

# Which model folder fills which input.
FOLDER_OF = {
    ("CheckpointLoaderSimple", "ckpt_name"): "checkpoints",
    ("LoraLoader", "lora_name"): "loras",
    ("LoraLoaderModelOnly", "lora_name"): "loras",
    ("VAELoader", "vae_name"): "vae",
    ("UNETLoader", "unet_name"): "diffusion_models",
    ("CLIPLoader", "clip_name"): "text_encoders",
    ("DualCLIPLoader", "clip_name1"): "text_encoders",
    ("DualCLIPLoader", "clip_name2"): "text_encoders",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node in a graph; a dynamic input comes apart into several with dotted names (D16)."""

    name: str
    short: str
    spec: Sequence[Any]
    required: bool

    @property
    def type(self) -> Any:
        """A type's name, or the old form of a choice: the list itself."""
        return self.spec[0]

    @property
    def options(self) -> Mapping[str, Any]:
        """What the interface says of it: default, minimum, maximum, step."""
        return self.spec[1] if len(self.spec) > 1 else {}

    @property
    def choices(self) -> list[Any] | None:
        """What a choice takes, in either form (D44); None for other inputs."""
        if isinstance(self.type, list):
            return self.type
        if self.type == "COMBO":
            return list(self.options.get("options", []))
        return None


class NodeLibrary:
    """The classes of one server: the dialect's interfaces with this server's models and files filled in."""

    def __init__(self, dialect: Dialect, models: Mapping[str, Sequence[str]], files: Files) -> None:
        self.dialect, self.models, self._files = dialect, models, files
        self._entries: dict[str, dict[str, Any]] = _recorded()[dialect.value]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def entry(self, name: str) -> dict[str, Any]:
        """The class's entry of /object_info; raises KeyError."""
        entry = copy.deepcopy(self._entries[name])
        for (owner, input_name), folder in FOLDER_OF.items():
            if owner == name:
                entry["input"]["required"][input_name][0] = self.names(folder)
        if name == "LoadImage":
            entry["input"]["required"]["image"][0] = self._files.pictures("input")
        return entry

    def names(self, folder: str) -> list[str]:
        """The files of a model folder, in order."""
        extra = ["pixel_space"] if folder == "vae" and self.dialect is Dialect.V0_33 else []
        return sorted([*self.models.get(folder, ()), *extra])

    def object_info(self, name: str | None = None) -> dict[str, Any]:
        """All classes, or the one; an unknown name gives an empty object."""
        names = self._entries if name is None else [name] if name in self._entries else []
        return {each: self.entry(each) for each in names}

    def outputs(self, name: str) -> tuple[str, ...]:
        """The types of a class's outputs; raises KeyError."""
        return tuple(self._entries[name]["output"])

    def is_output(self, name: str) -> bool:
        """Whether a graph may end in this class. Raises KeyError for one that is not there."""
        return bool(self._entries[name]["output_node"])

    def shows_itself(self, name: str) -> bool:
        """Whether it sends `executed` in the middle of a graph (D7)."""
        return bool(self._entries[name].get("has_intermediate_output"))

    def inputs(self, name: str, values: Mapping[str, Any]) -> list[Input]:
        """The inputs a node of this class has, given its values: those decide how dynamic ones come apart."""
        groups = self.entry(name)["input"]
        found: list[Input] = []
        for group in ("required", "optional"):
            for input_name, spec in groups.get(group, {}).items():
                found.extend(_apart(Input(input_name, input_name, spec, group == "required"), values))
        return found


def _apart(whole: Input, values: Mapping[str, Any]) -> Iterator[Input]:
    match whole.type:
        case "COMFY_DYNAMICCOMBO_V3":
            yield whole
            yield from _of_choice(whole, values)
        case "COMFY_AUTOGROW_V3":
            yield from _of_row(whole, values)
        case _:
            yield whole


def _of_choice(whole: Input, values: Mapping[str, Any]) -> Iterator[Input]:
    chosen = values.get(whole.name)
    for option in whole.options.get("options", []):
        if option["key"] == chosen:
            for group in ("required", "optional"):
                for short, spec in option["inputs"].get(group, {}).items():
                    inner = Input(
                        f"{whole.name}.{short}", short, spec, whole.required and group == "required"
                    )
                    yield from _apart(inner, values)


def _of_row(whole: Input, values: Mapping[str, Any]) -> Iterator[Input]:
    template = whole.options["template"]
    spec = next(iter(template["input"]["required"].values()))
    for index in range(template["max"]):
        short = f"{template['prefix']}{index}"
        name = f"{whole.name}.{short}"
        if index < template["min"] or name in values:
            yield Input(name, short, spec, index < template["min"])


@cache
def _recorded() -> dict[str, dict[str, dict[str, Any]]]:
    path = Path(__file__).with_name("data") / "nodes.json"
    classes: dict[str, dict[str, dict[str, Any]]] = json.loads(path.read_text())
    return classes
