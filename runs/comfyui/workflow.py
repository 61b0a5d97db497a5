"""A workflow: a ComfyUI graph with names for the inputs that change from picture to picture.

The engine binds values to it for each picture; `TEXT_TO_IMAGE` is the one that ships.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any, Self

from runs.comfyui.errors import BadWorkflow, MissingParameter, UnknownParameter
from runs.comfyui.graph import GraphBuilder, Weights, weights

type Place = tuple[str, str]  # node id, input name

BUDGET_SHARE = 0.25  # how much an unused pixel counts against a wrong proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A graph in API format, its parameters, and the node whose picture is the result.

    `bindings` says which inputs a parameter fills, `defaults` what it is when nobody says; `pixels` is the
    area the models behind it paint best, `multiple` what width and height must be divisible by. Raises
    BadWorkflow when a binding, a default or the output node names something that the graph does not have.
    """

    name: str
    version: int
    graph: Mapping[str, Any]
    bindings: Mapping[str, tuple[Place, ...]]
    output_node: str
    pixels: int
    multiple: int
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for parameter, places in self.bindings.items():
            for node, name in places:
                if name not in self._inputs(node):
                    raise BadWorkflow(
                        f"“{parameter}” is bound to {node}.{name}, which the workflow does not have."
                    )
        if self.output_node not in self.graph:
            raise BadWorkflow(f"The output node {self.output_node} is not in the workflow.")
        if strangers := self.defaults.keys() - self.bindings.keys():
            raise BadWorkflow(f"“{min(strangers)}” has a default but is bound to nothing.")
        if self.multiple < 1 or self.pixels < self.multiple**2:
            raise BadWorkflow(f"{self.pixels} pixels in multiples of {self.multiple} make no picture.")

    def _inputs(self, node: str) -> Mapping[str, Any]:
        match self.graph.get(node):
            case {"inputs": dict() as inputs}:
                return inputs
            case _:
                return {}

    @property
    def parameters(self) -> frozenset[str]:
        """The names that `bind` takes."""
        return frozenset(self.bindings)

    @property
    def node_classes(self) -> frozenset[str]:
        """What a server must have installed to run it."""
        return frozenset(node["class_type"] for node in self.graph.values())

    def bind(self, **values: Any) -> dict[str, Any]:
        """A graph with the values filled in; None, like silence, leaves a parameter at its default.

        Raises UnknownParameter and MissingParameter, which name it.
        """
        chosen = dict(self.defaults) | {name: value for name, value in values.items() if value is not None}
        if strangers := values.keys() - self.bindings.keys():
            raise UnknownParameter(min(strangers), self.name)
        if missing := self.bindings.keys() - chosen.keys():
            raise MissingParameter(min(missing), self.name)
        graph = deepcopy(dict(self.graph))
        for parameter, places in self.bindings.items():
            for node, name in places:
                graph[node]["inputs"][name] = chosen[parameter]
        return graph

    def weights(self, graph: Mapping[str, Any] | None = None) -> Weights:
        """What the progress of a bound graph (default: of this one as it stands) is made of."""
        return weights(dict(self.graph if graph is None else graph))

    def size_for(self, aspect: float, pixels: int | None = None) -> tuple[int, int]:
        """Width and height for an aspect (width / height) within a budget of pixels (default: its own).

        Multiples of `multiple`, never over the budget unless it is under one multiple squared, and as near to
        the aspect as may be without wasting much of the budget.
        """
        if aspect <= 0:
            raise ValueError(f"an aspect is a positive number, not {aspect}")
        budget = max(self.pixels if pixels is None else pixels, self.multiple**2)

        def loss(size: tuple[int, int]) -> float:
            width, height = size
            unused = log(budget / (width * height))
            return abs(log(width / height / aspect)) + BUDGET_SHARE * unused

        return min(self._sizes(aspect, budget), key=loss)

    def _sizes(self, aspect: float, budget: int) -> Iterator[tuple[int, int]]:
        step = self.multiple
        widest = max(1, min(int(sqrt(budget * aspect)) // step + 1, budget // step**2))
        for columns in range(1, widest + 1):
            width = columns * step
            exact, most = int(width / aspect / step), budget // (width * step)
            for rows in (exact, exact + 1):
                yield width, max(1, min(rows, most)) * step

    def to_json(self) -> dict[str, Any]:
        """The workflow as a JSON object."""
        return {
            "name": self.name,
            "version": self.version,
            "graph": deepcopy(dict(self.graph)),
            "bindings": {name: [list(place) for place in places] for name, places in self.bindings.items()},
            "defaults": dict(self.defaults),
            "output_node": self.output_node,
            "pixels": self.pixels,
            "multiple": self.multiple,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read what `to_json` wrote; raises BadWorkflow."""
        match value:
            case {
                "name": str(name),
                "version": int(version),
                "graph": dict(graph),
                "bindings": dict(bindings),
                "output_node": str(output_node),
                "pixels": int(pixels),
                "multiple": int(multiple),
            }:
                return cls(
                    name=name,
                    version=version,
                    graph=_checked(graph),
                    bindings={parameter: _places(parameter, raw) for parameter, raw in bindings.items()},
                    defaults=dict(value.get("defaults") or {}),
                    output_node=output_node,
                    pixels=pixels,
                    multiple=multiple,
                )
            case _:
                raise BadWorkflow(
                    "A workflow has name, version, graph, bindings, output_node, pixels and multiple."
                )


def _checked(graph: dict[str, Any]) -> dict[str, Any]:
    for node, value in graph.items():
        match value:
            case {"class_type": str(), "inputs": dict()}:
                continue
            case _:
                raise BadWorkflow(
                    f"Node {node} has no class_type or no inputs. Export the workflow in API format."
                )
    return graph


def _places(parameter: str, raw: object) -> tuple[Place, ...]:
    match raw:
        case list() | tuple() if all(_is_place(place) for place in raw):
            return tuple((node, name) for node, name in raw)
        case _:
            raise BadWorkflow(f"“{parameter}” must be bound to a list of pairs of node and input.")


def _is_place(value: object) -> bool:
    match value:
        case [str(), str()]:
            return True
        case _:
            return False


def _text_to_image() -> Workflow:
    build = GraphBuilder()
    checkpoint = build.load_checkpoint("")
    positive = build.encode_text(checkpoint.clip, "")
    negative = build.encode_text(checkpoint.clip, "")
    latent = build.empty_latent(1024, 1024)
    how: dict[str, Any] = {"steps": 20, "cfg": 6.5, "sampler": "dpmpp_2m", "scheduler": "karras"}
    sampled = build.sample(checkpoint.model, positive, negative, latent, seed=0, **how)
    output = build.preview_image(build.decode(sampled, checkpoint.vae))
    return Workflow(
        name="text-to-image",
        version=1,
        graph=build.nodes,
        bindings={
            "checkpoint": ((checkpoint.model.node, "ckpt_name"),),
            "positive": ((positive.node, "text"),),
            "negative": ((negative.node, "text"),),
            "width": ((latent.node, "width"),),
            "height": ((latent.node, "height"),),
            "seed": ((sampled.node, "seed"),),
            "steps": ((sampled.node, "steps"),),
            "cfg": ((sampled.node, "cfg"),),
            "sampler": ((sampled.node, "sampler_name"),),
            "scheduler": ((sampled.node, "scheduler"),),
        },
        defaults=how,
        output_node=output,
        pixels=1_048_576,
        multiple=64,
    )


TEXT_TO_IMAGE = _text_to_image()
