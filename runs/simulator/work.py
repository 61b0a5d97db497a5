"""What flows between the nodes of a graph, and what a node may use. behaviours.py works with it.

Pictures are painted, everything else is bookkeeping: a conditioning is its text, a latent is a picture to be painted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image

from .files import Files
from .painter import LARGEST, SMALLEST, paint

type Pictures = tuple[Image.Image, ...]
type Values = Mapping[str, Any]

UP = 8
"""A latent has an eighth of its picture's width and height; here both are counted in pixels."""


@dataclass(frozen=True, slots=True)
class Latent:
    """What is sampled: its size, and the pictures in it once they are there."""

    width: int
    height: int
    batch: int = 1
    pictures: Pictures | None = None


@dataclass(frozen=True, slots=True)
class Guider:
    """What the newer samplers take instead of two conditionings."""

    positive: str
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A node's outputs, and what an output node shows of itself."""

    values: tuple[Any, ...] = ()
    ui: Mapping[str, Any] | None = None


class NodeFailed(Exception):
    """A node failed; the words and the type are those of the server's exception."""

    def __init__(self, message: str, kind: str = "RuntimeError") -> None:
        super().__init__(message)
        self.kind = kind


class Desk(Protocol):
    """What a node may use of the run it is part of."""

    files: Files
    graph: dict[str, Any]
    extra_data: Any

    async def load(self, name: str) -> None:
        """Wait for a model that is used for the first time."""

    async def sample(self, job: Painting) -> Pictures:
        """Take the steps of a sampler and come back with its pictures."""

    async def show(self, pictures: Pictures) -> None:
        """Send finished pictures over the websocket, nothing else."""

    async def aside[Made](self, make: Callable[[], Made]) -> Made:
        """Do heavy work in the painters' thread."""


@dataclass(frozen=True, slots=True)
class Painting:
    """A sampler's order. `start` holds the pictures it begins from, `denoise` how much of them is painted over."""

    positive: str
    negative: str
    seed: int
    latent: Latent
    steps: int
    denoise: float = 1.0

    def paint(self, index: int = 0, longest: int | None = None) -> Image.Image:
        """The picture at that place of the batch, at its size or, for a preview, smaller."""
        width, height = self.latent.width, self.latent.height
        if longest is not None and max(width, height) > longest:
            scale = longest / max(width, height)
            width, height = round(width * scale), round(height * scale)
        size = _paintable(width), _paintable(height)
        picture = paint(self.positive, self.negative, self.seed + index, *size)
        picture = (
            picture if picture.size == (width, height) else picture.resize((max(1, width), max(1, height)))
        )
        if self.latent.pictures is None or self.denoise >= 1:
            return picture
        below = self.latent.pictures[index % len(self.latent.pictures)].convert("RGB").resize(picture.size)
        return Image.blend(below, picture, self.denoise)


def _paintable(side: int) -> int:
    return min(max(side, SMALLEST), LARGEST)


@dataclass(frozen=True, slots=True)
class Node:
    """One node about to run."""

    id: str
    kind: str
    values: Values
    desk: Desk
    newer: bool

    def __getitem__(self, name: str) -> Any:
        return self.values[name]
