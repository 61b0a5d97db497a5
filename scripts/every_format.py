"""Paints every size × every copy of the briefs in examples/, with and without a real product, and measures the files.

    python scripts/every_format.py                 # all of examples/, about 1,800 ads; some minutes
    python scripts/every_format.py --looks 1 a.toml

Each ad is encoded, opened again and measured: ink in the safe zone and in its box, nothing overlapping, product inside
the crop, bytes under the limit, at least 4.5:1 behind all type. Copy that finds no room is told as such. Any ad that
breaks a rule is named, and the exit code is 1.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from example_ads import BRIEFS, Wanted, every

from runs import formats
from runs.composition import DoesNotFit
from runs.composition.compose import finish
from runs.composition.inspection import Inspection, inspect
from runs.formats import Format

ROWS = {
    "overflow": ("overflow",),
    "outside the safe zone": ("safe_zone", "ink_in_zone"),
    "overlapping": ("overlap",),
    "product outside the crop": ("product", "product_in_crop"),
    "type over the focus": ("focus",),
    "over the byte limit": ("bytes",),
    "contrast under 4.5": ("contrast", "light"),
    "type too small": ("type_size",),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one ad turned out: the names of the rules it breaks, its weakest contrast, or why there is none."""

    format_id: str
    words: str = ""
    broken: tuple[str, ...] = ()
    contrast: float = 21.0
    refused: bool = False


def run(wanted: Wanted) -> list[Outcome]:
    return [_made(wanted, size) for size in formats.images()]


def _made(wanted: Wanted, size: Format) -> Outcome:
    try:
        ready = wanted.ready(size)
        return _outcome(size, inspect(ready, finish(ready, simulated=True)))
    except DoesNotFit as refusal:
        return Outcome(size.id, str(refusal), refused=True)


def _outcome(size: Format, found: Inspection) -> Outcome:
    words = " ".join(f"[{check.name}] {check.words}" for check in found.faults)
    broken = tuple(check.name for check in found.faults)
    return Outcome(size.id, words, broken, min(found.contrast.values(), default=21.0))


def told(wanted: Wanted, outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.words:
            sign = "does not fit" if outcome.refused else "WRONG"
            yield f"{sign}: {wanted}, {outcome.format_id}: {outcome.words}"


def table(outcomes: list[Outcome]) -> Iterator[str]:
    made = [outcome for outcome in outcomes if not outcome.refused]
    counts = Counter(name for outcome in made for name in outcome.broken)
    yield f"{'ads painted, encoded and opened again':40} {len(made):6}"
    yield f"{'honestly refused (does not fit)':40} {len(outcomes) - len(made):6}"
    for label, names in ROWS.items():
        yield f"{label:40} {sum(any(name in o.broken for name in names) for o in made):6}"
    known = {name for names in ROWS.values() for name in names}
    yield f"{'any other rule':40} {sum(count for name, count in counts.items() if name not in known):6}"
    yield f"{'weakest contrast in a file':40} {min((o.contrast for o in made), default=21.0):6.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "briefs", nargs="*", type=Path, help="TOML files; all of examples/ when none is named"
    )
    parser.add_argument("--looks", type=int, default=99, help="at most so many looks of each brief")
    parser.add_argument("--jobs", type=int, help="processes; one a core when left out")
    options = parser.parse_args()
    paths = [path.resolve() for path in options.briefs] or BRIEFS
    todo = [wanted for path in paths for wanted in every(path, options.looks)]
    everything: list[Outcome] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for wanted, outcomes in zip(todo, pool.map(run, todo), strict=True):
            everything += outcomes
            for words in told(wanted, outcomes):
                print(words, flush=True)
    print(f"{len(todo)} copies over pictures × {len(formats.images())} sizes")
    print(*table(everything), sep="\n")
    return int(any(outcome.broken for outcome in everything))


if __name__ == "__main__":
    sys.exit(main())
