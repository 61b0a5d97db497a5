"""Prints one proof from all that it needs, in a process that keeps what it has made ready for the next."""

from dataclasses import dataclass
from functools import lru_cache

from runs.composition import Layout, Style
from runs.composition.fonts import adopt
from runs.composition.proof import Product, Scene, proof
from runs.formats import Shape
from runs.simulator.painter import paint

SCENE_PIXELS = 230_000  # of a scene that stands in for a picture


@dataclass(frozen=True, slots=True)
class Job:
    """The layout that was solved, over that picture or, without one, over a scene painted from the words."""

    layout: Layout
    style: Style
    focus: tuple[float, float]
    shape: Shape
    prompt: str
    picture: bytes | None
    cutout: bytes | None


def printed(job: Job) -> bytes:
    """The proof as JPEG. Raises BadPicture."""
    if job.style.font:
        adopt(job.style.font)  # the layout names it, and was solved in another process
    scene = _scene(job.picture) if job.picture else _painted_scene(job.prompt, job.shape)
    product = _product(job.cutout) if job.cutout else None
    return proof(job.layout, scene, job.style, job.focus, product)


@lru_cache(maxsize=8)
def _scene(data: bytes) -> Scene:
    return Scene.read(data)


@lru_cache(maxsize=8)
def _painted_scene(prompt: str, shape: Shape) -> Scene:
    height = (SCENE_PIXELS / shape.aspect) ** 0.5
    return Scene.of(paint(prompt, "", 0, round(height * shape.aspect), round(height)))


@lru_cache(maxsize=4)
def _product(data: bytes) -> Product:
    return Product.read(data)
