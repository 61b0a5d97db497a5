"""Building a ComfyUI graph: one method a node, typed outputs, so that a wrong edge does not type-check."""

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node; on the wire [node id, slot]."""

    node: str
    slot: int = 0

    def to_json(self) -> list[Any]:
        """The link."""
        return [self.node, self.slot]


class Model(Output):
    """A diffusion model."""


class Clip(Output):
    """A text encoder."""


class Vae(Output):
    """What turns latents into pixels."""


class Conditioning(Output):
    """Encoded words."""


class Latent(Output):
    """A picture before decoding."""


class Image(Output):
    """A picture."""


class Checkpoint(NamedTuple):
    """The three outputs of CheckpointLoaderSimple."""

    model: Model
    clip: Clip
    vae: Vae


class GraphBuilder:
    """Collects nodes, numbered from "1" in the order in which they are added.

    `sampling_steps` counts the steps of all samplers as they are added: the honest measure of a graph's work.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.sampling_steps = 0

    def load_checkpoint(self, name: str) -> Checkpoint:
        """A model file of the server, with its text encoder and VAE."""
        node = self._add("CheckpointLoaderSimple", ckpt_name=name)
        return Checkpoint(Model(node, 0), Clip(node, 1), Vae(node, 2))

    def encode_text(self, clip: Clip, text: str) -> Conditioning:
        """Words for the sampler."""
        return Conditioning(self._add("CLIPTextEncode", text=text, clip=clip))

    def empty_latent(self, width: int, height: int, batch: int = 1) -> Latent:
        """Noise to begin with; width and height in pixels of the finished picture."""
        return Latent(self._add("EmptyLatentImage", width=width, height=height, batch_size=batch))

    def sample(
        self,
        model: Model,
        positive: Conditioning,
        negative: Conditioning,
        latent: Latent,
        *,
        seed: int,
        steps: int,
        cfg: float,
        sampler: str,
        scheduler: str,
    ) -> Latent:
        """The work itself: `steps` steps from noise to picture."""
        self.sampling_steps += steps
        words = {"model": model, "positive": positive, "negative": negative, "latent_image": latent}
        how = {"seed": seed, "steps": steps, "cfg": cfg, "sampler_name": sampler, "scheduler": scheduler}
        return Latent(self._add("KSampler", **how, denoise=1.0, **words))

    def decode(self, latent: Latent, vae: Vae) -> Image:
        """Pixels from a latent."""
        return Image(self._add("VAEDecode", samples=latent, vae=vae))

    def preview_image(self, image: Image) -> str:
        """An output in the server's temp folder, so that its disk does not fill (fact 48); the node id."""
        return self._add("PreviewImage", images=image)

    def _add(self, node_class: str, **inputs: Any) -> str:
        node = str(len(self.nodes) + 1)
        links = {
            key: value.to_json() if isinstance(value, Output) else value for key, value in inputs.items()
        }
        self.nodes[node] = {"class_type": node_class, "inputs": links}
        return node


@dataclass(frozen=True, slots=True)
class Weights:
    """What a graph's progress is made of: all its nodes, and those that sample with their steps."""

    nodes: tuple[str, ...]
    samplers: dict[str, int]

    @property
    def steps(self) -> int:
        """The sampling steps of the whole graph."""
        return sum(self.samplers.values())


def weights(graph: dict[str, Any]) -> Weights:
    """The weights of a graph in API format.

    A node samples when its class is called a sampler and it knows its steps: by itself (KSampler), or by the
    scheduler that makes its sigmas (SamplerCustom).
    """
    steps = {node: _steps(graph, node) for node in graph}
    return Weights(tuple(graph), {node: count for node, count in steps.items() if count > 0})


def _steps(graph: dict[str, Any], node: str) -> int:
    if "sampler" not in graph[node].get("class_type", "").lower():
        return 0
    inputs = graph[node].get("inputs", {})
    match inputs:
        case {"steps": int(steps)}:
            return _within(steps, inputs)
        case {"sigmas": [str(scheduler), _]}:
            steps = graph.get(scheduler, {}).get("inputs", {}).get("steps")
            return steps if isinstance(steps, int) else 0
        case _:
            return 0


def _within(steps: int, inputs: dict[str, Any]) -> int:
    """KSamplerAdvanced may begin late and end early."""
    first, last = inputs.get("start_at_step", 0), inputs.get("end_at_step", steps)
    if not isinstance(first, int) or not isinstance(last, int):
        return steps
    return max(0, min(steps, last) - max(0, first))
