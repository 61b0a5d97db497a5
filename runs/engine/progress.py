"""One honest number for a picture: weighted over its graph, never backwards, never full before it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runs.comfyui import events

PAINTED = 0.9  # what is left is fetching, setting type and storing


@dataclass(slots=True)
class Progress:
    """Fold the events of one prompt. `samplers` maps a sampling node to its steps."""

    nodes: int
    samplers: Mapping[str, int]
    fraction: float = 0.0
    step: str = ""
    _finished: set[str] = field(default_factory=set)
    _sampled: dict[str, float] = field(default_factory=dict)

    def fold(self, event: events.Event) -> bool:
        """Take one event in; True when what a person sees has changed."""
        before = (self.fraction, self.step)
        match event:
            case events.NodesCached(nodes=nodes):
                self._finish(nodes)
            case events.ProgressState(nodes=states):
                self._finish(node for node, state in states.items() if state.state == "finished")
                for node, state in states.items():
                    self._tick(node, state.value, state.max)
            case events.StepProgress(node=str(node), value=value, max=most):
                self._tick(node, value, most)
            case _:
                return False
        self.fraction = max(self.fraction, self._weigh())
        return before != (self.fraction, self.step)

    def _finish(self, nodes: object) -> None:
        for node in nodes:  # type: ignore[attr-defined]
            self._finished.add(node)
            if node in self.samplers:
                self._sampled[node] = 1.0

    def _tick(self, node: str, value: float, most: float) -> None:
        if node not in self.samplers or most <= 0:
            return
        self._sampled[node] = max(self._sampled.get(node, 0.0), min(1.0, value / most))
        self.step = f"{min(value, most):.0f} of {most:.0f}"

    def _weigh(self) -> float:
        steps = sum(self.samplers.values())
        sampled = (
            sum(self._sampled.get(node, 0.0) * n for node, n in self.samplers.items()) / steps if steps else 0
        )
        return PAINTED * (0.2 * len(self._finished) / (self.nodes + 1) + 0.8 * sampled)
