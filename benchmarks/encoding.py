"""How good the files look, by ssimulacra2 (higher is better; 90 and more is hardly told from the original).

    python benchmarks/encoding.py                  # four kinds of ads at equal bytes; roomy sizes, one ad each
    python benchmarks/encoding.py --all            # roomy sizes × every copy and look of examples/: hours

First the studio's encoder against Pillow's at no more than the same bytes (the better of its two colour resolutions),
on composed ads of different kinds under tight limits. Then every size with a limit of 1 MB or more: the worst score,
which must be 90 or more unless the report says that even fine quality was over the limit. Needs the tools of the tests.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import cycle
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from example_ads import BRIEFS, Wanted, every  # noqa: E402 (the path comes first)

from runs import formats  # noqa: E402
from runs.composition import Ad, DoesNotFit  # noqa: E402
from runs.composition.compose import finish  # noqa: E402
from runs.composition.contrast import Pixels  # noqa: E402
from runs.composition.encode import ROOMY  # noqa: E402
from runs.formats import Format  # noqa: E402

LEAST = 90.0
# A wide panel, a full picture, a tower, a full picture with a real product: size, bytes.
TIGHT = (
    ("google_display_billboard", 60_000),
    ("meta_feed_square", 150_000),
    ("google_display_half_page", 60_000),
    ("meta_story", 150_000),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One ad of a roomy size."""

    name: str
    score: float
    quality: int | None
    told: bool  # that it had to be squeezed

    @property
    def ok(self) -> bool:
        return self.score >= LEAST or self.told


def made(wanted: Wanted, size: Format) -> tuple[Pixels, Ad]:
    """The painted pixels, and the file. Raises DoesNotFit."""
    ready = wanted.ready(size)
    return np.ascontiguousarray(ready.painted().pixels[..., :3]), finish(ready, simulated=True)


def score(pixels: Pixels, data: bytes) -> float:
    from ssimulacra2 import compute_ssimulacra2

    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "a.png"), Path(folder, "b.png")
        Image.fromarray(pixels).save(first, compress_level=1)
        with Image.open(BytesIO(data)) as image:
            image.convert("RGB").save(second, compress_level=1)
        return float(compute_ssimulacra2(str(first), str(second)))


def pillow(pixels: Pixels, limit: int, subsampling: str) -> bytes:
    """The best that Pillow writes within so many bytes."""
    best = b""
    for quality in range(10, 98):
        out = BytesIO()
        options = {"quality": quality, "subsampling": subsampling, "optimize": True, "progressive": True}
        Image.fromarray(pixels).save(out, "JPEG", **options)
        if len(out.getvalue()) > limit:
            break
        best = out.getvalue()
    return best


def compared() -> Iterator[tuple[str, int, float, float]]:
    """Name, bytes, our score and Pillow's of each kind of ad under its tight limit."""
    orders = cycle(wanted for path in BRIEFS for wanted in every(path))
    for format_id, limit in TIGHT:
        size = replace(formats.get(format_id), max_bytes=limit)
        real = format_id == "meta_story"
        wanted = next(order for order in orders if order.real == real)
        pixels, ad = made(wanted, size)
        theirs = (pillow(pixels, len(ad.data), colour) for colour in ("4:2:0", "4:4:4"))
        best = max(score(pixels, data) for data in theirs if data)
        yield f"{size.label}, {wanted}", len(ad.data), score(pixels, ad.data), best


def roomy(everything: bool) -> Iterator[Judged]:
    orders = [wanted for path in BRIEFS for wanted in every(path)]
    turn, seen = cycle(orders), set()
    for size in formats.images():
        kind = size.width, size.height, size.max_bytes, size.file_types, size.safe
        if size.max_bytes < ROOMY or kind in seen:
            continue
        seen.add(kind)
        for wanted in orders if everything else [next(turn)]:
            try:
                pixels, ad = made(wanted, size)
            except DoesNotFit:
                continue
            told = any(row.name == "quality" and not row.ok for row in ad.report.checks)
            yield Judged(f"{size.label}, {wanted}", score(pixels, ad.data), ad.report.quality, told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--all", action="store_true", help="roomy sizes for every copy and look of examples/")
    everything = parser.parse_args().all
    try:
        import ssimulacra2  # noqa: F401
    except ImportError:
        print("ssimulacra2 is not here (make lint installs the tools of the tests): nothing was judged.")
        return 0
    rows = list(compared())
    for name, size, ours, theirs in rows:
        print(f"{size / 1000:6.0f} KB: ours {ours:5.1f}, Pillow {theirs:5.1f}  {name}", flush=True)
    judged = sorted(roomy(everything), key=lambda entry: entry.score)
    for entry in judged[:5]:
        print(f"{entry.score:5.1f} at quality {entry.quality}  {entry.name}")
    bad = [entry for entry in judged if not entry.ok]
    told = sum(entry.told for entry in judged)
    print(
        f"{len(judged)} ads of roomy sizes: {len(bad)} under {LEAST:g}; of {told} it is said that they were squeezed"
    )
    return int(bool(bad) or sum(ours - theirs for _, _, ours, theirs in rows) < 0)


if __name__ == "__main__":
    sys.exit(main())
