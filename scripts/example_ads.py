"""The briefs in examples/ as ads to be made: each copy over each look's pictures, with and without a real product.

Shared by `every_format.py` and `benchmarks/encoding.py`. Pictures are the simulator's, painted once a process.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from runs import brief, prompts  # noqa: E402 (the path comes first)
from runs.brief import BriefSpec, PicturePlan  # noqa: E402
from runs.composition import Style, cut_out  # noqa: E402
from runs.composition.compose import Prepared, prepare  # noqa: E402
from runs.copies import copy_of  # noqa: E402
from runs.formats import Format, Shape  # noqa: E402
from runs.simulator.painter import paint  # noqa: E402

BRIEFS = sorted((ROOT / "examples").glob("*.toml"))
PIXELS = {
    Shape.SQUARE: (1024, 1024),
    Shape.PORTRAIT: (896, 1120),
    Shape.STORY: (768, 1360),
    Shape.LANDSCAPE: (1424, 744),
}
STAND_IN = "cold-brew-can.png"  # the cut-out of products that have none of their own


@dataclass(frozen=True, slots=True)
class Wanted:
    """One copy over the pictures of one look."""

    path: Path
    product: int
    look: int
    message: int
    language: str
    real: bool  # with a cut-out of the product

    def __str__(self) -> str:
        real = " with product" if self.real else ""
        return f"{self.path.stem} look {self.look + 1} message {self.message + 1} {self.language}{real}"

    @property
    def spec(self) -> BriefSpec:
        return _spec(self.path)

    def ready(self, size: Format) -> Prepared:
        """That ad in that size, decided but not painted. Raises DoesNotFit."""
        brand = self.spec.brand
        style = Style(primary=brand.primary, accent=brand.accent, brand_name=brand.name)
        copy = copy_of(self.spec, self.message, self.product, self.language)
        picture = _painted(self.path, self.product, self.look, size.shape, self.real)
        product = _cutout(self.path, self.product) if self.real else None
        focus = prompts.FOCUS[size.shape]
        return prepare(picture, size, copy, style, self.language, focus=focus, product=product)


def every(path: Path, looks: int = 99) -> Iterator[Wanted]:
    """All of one brief, each once without and once with a real product."""
    spec = _spec(path)
    for number, product in enumerate(spec.products):
        for look in range(min(looks, len(spec.looks))):
            for message in spec.messages_of(product):
                for language in spec.languages:
                    for real in (False, True):
                        yield Wanted(path, number, look, message, language, real)


@cache
def _spec(path: Path) -> BriefSpec:
    return brief.from_toml(path.read_text(encoding="utf-8"))


@cache
def _painted(path: Path, product: int, look: int, shape: Shape, real: bool) -> bytes:
    """The simulator's picture for that product, with its place left free where the real one is laid over."""
    spec = _spec(path)
    mine = spec.products[product].model_copy(update={"cutout": STAND_IN if real else ""})
    spec = spec.model_copy(update={"products": (mine,)})
    plan = PicturePlan(product=0, look=look, shape=shape, variation=0, seed=spec.seed or 0)
    out = BytesIO()
    words = prompts.positive(spec, plan), prompts.negative(spec, plan)
    paint(*words, plan.seed, *PIXELS[shape]).save(out, "PNG", compress_level=1)
    return out.getvalue()


@cache
def _cutout(path: Path, product: int) -> bytes:
    named = _spec(path).products[product].cutout or STAND_IN
    beside = path.parent / named
    return cut_out((beside if beside.exists() else ROOT / "examples" / named).read_bytes()).data
