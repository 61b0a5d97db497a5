"""What ComfyUI says to a graph before it queues it: accepted, accepted in part, or refused and why (facts 21, 22; D14).

Called for every POST /prompt. It casts values in the graph, as the real server does: "2" for an INT becomes 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runs.comfyui.protocol import Dialect, NodeError, Refusal

from .files import Files
from .nodes import Input, NodeLibrary

LONGEST_LIST = 20  # longer lists of choices are left out of the answer
# What a broken graph makes the real server's own code trip over.
NATURAL = (KeyError, IndexError, TypeError, AttributeError, ValueError)
_TRACEBACK = ['  File "execution.py", in validate_inputs\n']


class GraphCrash(Exception):
    """The graph is of a form at which the server's code breaks: 500 (fact 23)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which output nodes will run; without any of them, the refusal."""

    outputs: tuple[str, ...] = ()
    refusal: Refusal | None = None
    node_errors: tuple[NodeError, ...] = ()


def validate(graph: Any, targets: Any, library: NodeLibrary, files: Files) -> Verdict:
    """Check a graph. `targets`: partial_execution_targets, None for all outputs. Raises GraphCrash."""
    try:
        refusal, outputs = _outputs(graph, targets, library)
    except NATURAL as error:
        raise GraphCrash from error
    if refusal is not None:
        return Verdict(refusal=refusal)
    return _Check(graph, library, files).verdict(outputs)


def _outputs(graph: Any, targets: Any, library: NodeLibrary) -> tuple[Refusal | None, list[str]]:
    if library.dialect is Dialect.V0_33:
        graph.items()  # the newer server looks for classes to replace, and so breaks at a list (D14)
    found: list[str] = []
    for node_id in graph:
        refusal = _class_missing(node_id, graph[node_id], library)
        if refusal is not None:
            return refusal, []
        if library.is_output(graph[node_id]["class_type"]) and (targets is None or node_id in targets):
            found.append(node_id)
    if not found:
        return Refusal("prompt_no_outputs", "Prompt has no outputs"), []
    return None, found


def _class_missing(node_id: str, node: Any, library: NodeLibrary) -> Refusal | None:
    newer = library.dialect is Dialect.V0_33
    if newer:
        node.get("class_type")  # breaks at a node that is no object
    details = f"Node ID '#{node_id}'"
    if "class_type" not in node:
        if not newer:
            words = "Cannot execute because a node is missing the class_type property."
            return Refusal("invalid_prompt", words, details)
        words = f"Node 'ID #{node_id}' has no class_type. The workflow may be corrupted or a custom node is missing."
        info = {"node_id": node_id, "class_type": None, "node_title": None}
        return Refusal("missing_node_type", words, details, info)
    name = node["class_type"]
    if name in library:
        return None
    if not newer:
        return Refusal("invalid_prompt", f"Cannot execute because node {name} does not exist.", details)
    title = (node.get("_meta") or {}).get("title", name)
    words = f"Node '{title}' not found. The custom node may not be installed."
    return Refusal(
        "missing_node_type", words, details, {"node_id": node_id, "class_type": name, "node_title": title}
    )


@dataclass(slots=True)
class _Finding:
    """What is known of one node: whether it is sound, and its own errors."""

    sound: bool
    errors: list[NodeError] = field(default_factory=list)


class _Cycle(Exception):
    """A node depends on itself."""

    def __init__(self, nodes: list[str]) -> None:
        super().__init__(" -> ".join(nodes))
        self.nodes = nodes


class _Check:
    """Walks a graph from its outputs; every node is judged once."""

    def __init__(self, graph: Mapping[str, Any], library: NodeLibrary, files: Files) -> None:
        self.graph, self.library, self.files = graph, library, files
        self.findings: dict[str, _Finding] = {}
        self.path: list[str] = []

    def verdict(self, outputs: list[str]) -> Verdict:
        good: list[str] = []
        details: list[str] = []
        blamed: dict[str, list[str]] = {}
        for output in outputs:
            if self._output_is_sound(output):
                good.append(output)
                continue
            own = self.findings.get(output, _Finding(False)).errors
            details.extend(f"{error.message}: {error.details}" for error in own)
            for node_id, finding in self.findings.items():
                if finding.errors:
                    blamed.setdefault(node_id, []).append(output)
        errors = tuple(
            replace(error, dependent_outputs=tuple(blamed[node_id]))
            for node_id in blamed
            for error in self.findings[node_id].errors
        )
        if good:
            return Verdict(tuple(good), None, errors)
        words = "Prompt outputs failed validation"
        return Verdict((), Refusal("prompt_outputs_failed_validation", words, "\n".join(details)), errors)

    def _output_is_sound(self, output: str) -> bool:
        self.path.clear()
        try:
            return self._judge(output)
        except _Cycle as cycle:
            self._blame_cycle(output, cycle)
        except NATURAL as error:
            info = {"exception_type": type(error).__name__, "traceback": _TRACEBACK}
            self.findings[output] = _Finding(False, [self._error(
                output, "exception_during_validation", "Exception when validating node", str(error), extra=info
            )])  # fmt: skip
        return False

    def _blame_cycle(self, output: str, cycle: _Cycle) -> None:
        """The older server breaks at its own recursion and says nothing of it (c01)."""
        if self.library.dialect is not Dialect.V0_33:
            return
        named = [f"{node} ({self.graph[node]['class_type']})" for node in cycle.nodes]
        details = " -> ".join([*named, named[0]])
        for node in cycle.nodes:
            info = {"node_id": node, "cycle_nodes": cycle.nodes}
            words = "Dependency cycle detected"
            self.findings[node] = _Finding(
                False, [self._error(node, "dependency_cycle", words, details, extra=info)]
            )

    def _judge(self, node_id: str) -> bool:
        if node_id in self.findings:
            return self.findings[node_id].sound
        if node_id in self.path:
            raise _Cycle(self.path[self.path.index(node_id) :])
        self.path.append(node_id)
        node = self.graph[node_id]
        values: dict[str, Any] = node["inputs"]
        finding = _Finding(True)
        for place in self.library.inputs(node["class_type"], values):
            self._judge_input(node_id, place, values, finding)
        if finding.sound and node["class_type"] == "LoadImage":
            self._judge_image(node_id, values, finding)
        self.path.pop()
        self.findings[node_id] = finding
        return finding.sound

    def _judge_input(self, node_id: str, place: Input, values: dict[str, Any], finding: _Finding) -> None:
        if place.name not in values:
            if place.required:
                words = "Required input is missing"
                self._add(
                    finding, node_id, "required_input_missing", words, place.short, input_name=place.name
                )
            return
        value = values[place.name]
        if isinstance(value, list):
            self._judge_link(node_id, place, value, finding)
        else:
            self._judge_value(node_id, place, values, finding)

    def _judge_link(self, node_id: str, place: Input, link: list[Any], finding: _Finding) -> None:
        if len(link) != 2:
            words = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            self._add(finding, node_id, "bad_linked_input", words, place.name, place, received_value=link)
            return
        source = link[0]
        received = self.library.outputs(self.graph[source]["class_type"])[link[1]]
        if not fits(received, place):
            details = f"{place.name}, received_type({received}) mismatch input_type({place.type})"
            words, info = (
                "Return type mismatch between linked nodes",
                {"received_type": received, "linked_node": link},
            )
            self._add(finding, node_id, "return_type_mismatch", words, details, place, extra=info)
            return
        depth = len(self.path)
        try:
            finding.sound &= self._judge(source)
        except NATURAL as error:
            del self.path[depth:]
            finding.sound = False
            info = {"exception_message": str(error), "exception_type": type(error).__name__}
            info |= {"traceback": _TRACEBACK, "linked_node": link, "input_config": list(place.spec)}
            words = "Exception when validating inner node"
            kind = "exception_during_inner_validation"
            broken = self._error(source, kind, words, str(error), extra=info, input_name=place.name)
            self.findings[source] = _Finding(False, [broken])

    def _judge_value(self, node_id: str, place: Input, values: dict[str, Any], finding: _Finding) -> None:
        value = values[place.name]
        try:
            value = values[place.name] = cast_to(place.type, value)
        except (TypeError, ValueError, OverflowError) as error:
            words = f"Failed to convert an input value to a {place.type} value"
            details = f"{place.name}, {value}, {error}"
            info = {"exception_message": str(error)}
            kind = "invalid_input_type"
            self._add(finding, node_id, kind, words, details, place, received_value=value, extra=info)
            return
        if self.graph[node_id]["class_type"] == "LoadImage" and place.name == "image":
            return
        self._judge_limits(node_id, place, value, finding)

    def _judge_limits(self, node_id: str, place: Input, value: Any, finding: _Finding) -> None:
        limits, choices = place.options, place.choices
        if "min" in limits and value < limits["min"]:
            words, kind = f"Value {value} smaller than min of {limits['min']}", "value_smaller_than_min"
        elif "max" in limits and value > limits["max"]:
            words, kind = f"Value {value} bigger than max of {limits['max']}", "value_bigger_than_max"
        elif choices is not None and value not in choices:
            self._add_choice(node_id, place, value, choices, finding)
            return
        else:
            return
        self._add(finding, node_id, kind, words, place.name, place, received_value=value)

    def _add_choice(
        self, node_id: str, place: Input, value: Any, choices: list[Any], finding: _Finding
    ) -> None:
        long = len(choices) > LONGEST_LIST
        shown = f"(list of length {len(choices)})" if long else str(choices)
        info = {"input_config": None if long else list(place.spec)}
        details = f"{place.name}: '{value}' not in {shown}"
        self._add(
            finding, node_id, "value_not_in_list", "Value not in list", details, received_value=value, extra=info,
            input_name=place.name,
        )  # fmt: skip

    def _judge_image(self, node_id: str, values: Mapping[str, Any], finding: _Finding) -> None:
        name = values["image"]
        escapes = ".." in str(name).split("/") and self.library.dialect is Dialect.V0_33  # D29
        if isinstance(name, list) or (not escapes and self.files.annotated(str(name))):
            return
        details, words = f"image - Invalid image file: {name}", "Custom validation failed for node"
        self._add(finding, node_id, "custom_validation_failed", words, details, input_name="image")

    def _add(
        self, finding: _Finding, node_id: str, kind: str, words: str, details: str, place: Input | None = None,
        *, input_name: str | None = None, received_value: Any = None, extra: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        config = {"input_config": list(place.spec)} if place else {}
        error = self._error(
            node_id, kind, words, details, input_name=input_name or (place.name if place else None),
            received_value=received_value, extra={**config, **(extra or {})},
        )  # fmt: skip
        finding.errors.append(error)
        finding.sound = False

    def _error(
        self, node_id: str, kind: str, words: str, details: str, *,
        input_name: str | None = None, received_value: Any = None, extra: Mapping[str, Any] | None = None,
    ) -> NodeError:  # fmt: skip
        return NodeError(
            node_id=node_id, class_type=self.graph[node_id]["class_type"], type=kind, message=words, details=details,
            input_name=input_name, received_value=received_value, extra=extra or {},
        )  # fmt: skip


def cast_to(kind: Any, value: Any) -> Any:
    """A value as the server casts it before it looks at it; raises TypeError, ValueError, OverflowError."""
    match kind:
        case "INT":
            return int(value)
        case "FLOAT":
            return float(value)
        case "STRING":
            return str(value)
        case "BOOLEAN":
            return bool(value)
        case _:
            return value


def fits(received: Any, place: Input) -> bool:
    """Whether an output of that type may be linked to the input; several types are joined by commas (D45)."""
    wanted = place.type
    if wanted == "COMFY_MATCHTYPE_V3":
        wanted = place.options["template"]["allowed_types"]
    if "*" in (received, wanted) or received == "COMFY_MATCHTYPE_V3":
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    return bool(set(received.split(",")) & set(wanted.split(",")))
