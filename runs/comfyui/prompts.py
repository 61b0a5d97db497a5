"""POST /prompt: what is sent, what is accepted, what is refused and why (facts 5, 21, 22; D9, D14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from runs.comfyui.reading import Json, as_list, as_number, as_object, as_text, object_or_empty, text_or_none

MODEL_ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft")


@dataclass(frozen=True, slots=True)
class PromptRequest:
    """The body of POST /prompt: a graph in API format and whose it is.

    There is no `number` on purpose: together with an own prompt_id it can kill the server's worker (fact 40).
    """

    graph: Json
    prompt_id: str | None = None
    client_id: str | None = None
    extra_data: Json | None = None

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read a body; raises ProtocolViolation."""
        data = as_object(body, "body")
        extra = data.get("extra_data")
        return cls(
            as_object(data.get("prompt"), "prompt"),
            text_or_none(data.get("prompt_id"), "prompt_id"),
            text_or_none(data.get("client_id"), "client_id"),
            None if extra is None else as_object(extra, "extra_data"),
        )

    def to_json(self) -> dict[str, Any]:
        """The body; absent rather than null, because null has killed workers (fact 41)."""
        rest = {"prompt_id": self.prompt_id, "client_id": self.client_id, "extra_data": self.extra_data}
        return {"prompt": self.graph} | {key: value for key, value in rest.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeError:
    """One thing the server found wrong with one node; `extra` holds what else its extra_info said."""

    node_id: str
    class_type: str | None
    type: str
    message: str
    details: str = ""
    input_name: str | None = None
    received_value: Any = None
    extra: Json = field(default_factory=dict)
    dependent_outputs: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The values the server would have taken; empty when it left them out (over 20)."""
        return choices_of(self.extra.get("input_config"))

    @property
    def names_a_file(self) -> bool:
        """Whether the refused value is the name of a model file."""
        return str(self.received_value).endswith(MODEL_ENDINGS) or any(
            choice.endswith(MODEL_ENDINGS) for choice in self.choices
        )

    @property
    def summary(self) -> str:
        """The error in a few words: "KSampler (node 3): Value not in list: sampler_name …"."""
        details = f": {self.details}" if self.details else ""
        return f"{self.class_type or 'a node'} (node {self.node_id}): {self.message}{details}"

    def to_json(self) -> dict[str, Any]:
        """The entry of `errors`, without the node it belongs to."""
        named = {} if self.input_name is None else {"input_name": self.input_name}
        received = {} if self.received_value is None else {"received_value": self.received_value}
        info = named | dict(self.extra) | received
        return {"type": self.type, "message": self.message, "details": self.details, "extra_info": info}


@dataclass(frozen=True, slots=True)
class PromptAccepted:
    """The server has queued the prompt. With node_errors some outputs will silently not be made (fact 22)."""

    prompt_id: str
    number: float
    node_errors: tuple[NodeError, ...] = ()

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the body of a 200; raises ProtocolViolation."""
        data = as_object(body, "answer")
        return cls(
            as_text(data.get("prompt_id"), "prompt_id"),
            as_number(data.get("number"), "number"),
            parse_node_errors(data.get("node_errors")),
        )

    def to_json(self) -> dict[str, Any]:
        """The body of a 200."""
        errors = node_errors_to_json(self.node_errors)
        return {"prompt_id": self.prompt_id, "number": self.number, "node_errors": errors}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a graph is refused as a whole: a type for programs, a message and details for people."""

    type: str
    message: str
    details: str = ""
    extra: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `error`, which is an object or, on the jobs routes, a plain string (D21)."""
        if isinstance(value, str):
            return cls("", value)
        data = as_object(value, "error")
        kind, message, details = (as_text(data.get(key, ""), key) for key in ("type", "message", "details"))
        return cls(kind, message, details, object_or_empty(data.get("extra_info"), "extra_info"))

    def to_json(self) -> dict[str, Any]:
        """The `error` object of POST /prompt."""
        texts = {"type": self.type, "message": self.message, "details": self.details}
        return texts | {"extra_info": dict(self.extra)}


@dataclass(frozen=True, slots=True)
class PromptRefusal:
    """The body of a 400 of POST /prompt."""

    error: Refusal
    node_errors: tuple[NodeError, ...] = ()

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the body; raises ProtocolViolation."""
        data = as_object(body, "refusal")
        return cls(Refusal.parse(data.get("error")), parse_node_errors(data.get("node_errors")))

    def to_json(self) -> dict[str, Any]:
        """The body of the 400."""
        return {"error": self.error.to_json(), "node_errors": node_errors_to_json(self.node_errors)}

    @property
    def missing_node(self) -> str | None:
        """The node class the server lacks, in the words of either version (D14), else None."""
        if self.error.type == "missing_node_type":
            return text_or_none(self.error.extra.get("class_type"), "class_type")
        words = self.error.message.split("Cannot execute because node ")
        return words[1].removesuffix(" does not exist.") if len(words) == 2 else None

    @property
    def missing_model(self) -> NodeError | None:
        """The first error that is about a model file the server does not have."""
        models = (
            error for error in self.node_errors if error.type == "value_not_in_list" and error.names_a_file
        )
        return next(models, None)

    @property
    def summary(self) -> str:
        """The first node error in words, else what was said about the whole graph."""
        if self.node_errors:
            return self.node_errors[0].summary.rstrip(".")
        return " ".join(filter(None, (self.error.message, self.error.details))).rstrip(".")


def choices_of(spec: object) -> tuple[str, ...]:
    """The choices of an input in both forms, [["a", "b"], {…}] and ["COMBO", {"options": […]}] (D44).

    Empty for every other input, and for one whose list was left out.
    """
    match spec:
        case [list() as options, *_] | ["COMBO", {"options": list() as options}, *_]:
            return tuple(str(option) for option in options)
        case _:
            return ()


def parse_node_errors(value: object) -> tuple[NodeError, ...]:
    """Flatten `node_errors` of either answer, in the order of the server."""
    found: list[NodeError] = []
    for node_id, raw in object_or_empty(value, "node_errors").items():
        node = as_object(raw, "node_errors")
        entries = (as_object(entry, "errors") for entry in as_list(node.get("errors"), "errors"))
        found.extend(_node_error(node_id, node, entry) for entry in entries)
    return tuple(found)


def _node_error(node_id: str, node: Json, entry: Json) -> NodeError:
    info = dict(object_or_empty(entry.get("extra_info"), "extra_info"))
    return NodeError(
        node_id=node_id,
        class_type=text_or_none(node.get("class_type"), "class_type"),
        type=as_text(entry.get("type"), "type"),
        message=as_text(entry.get("message", ""), "message"),
        details=as_text(entry.get("details", ""), "details"),
        input_name=text_or_none(info.pop("input_name", None), "input_name"),
        received_value=info.pop("received_value", None),
        extra=info,
        dependent_outputs=tuple(str(node) for node in as_list(node.get("dependent_outputs", []), "outputs")),
    )


def node_errors_to_json(errors: Iterable[NodeError]) -> dict[str, Any]:
    """Group the errors by node, as both answers hold them."""
    nodes: dict[str, Any] = {}
    for error in errors:
        node: Mapping[str, Any] = nodes.setdefault(
            error.node_id,
            {
                "errors": [],
                "dependent_outputs": list(error.dependent_outputs),
                "class_type": error.class_type,
            },
        )
        node["errors"].append(error.to_json())
    return nodes
