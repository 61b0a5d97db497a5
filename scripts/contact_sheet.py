"""Makes docs/contact-sheet.png: three briefs × 13 sizes × 5 scripts over the simulator's pictures, to judge by eye.

python scripts/contact_sheet.py                 # writes docs/contact-sheet.png
python scripts/contact_sheet.py --ads folder    # keeps every ad as a file too, to look at closely
"""

import argparse
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from runs import brief, prompts  # noqa: E402 (the path comes first)
from runs.brief import BriefSpec, PicturePlan  # noqa: E402
from runs.composition import Ad, CompositionError, Style, compose  # noqa: E402
from runs.composition.sheet import Cell, page  # noqa: E402
from runs.copies import copy_of  # noqa: E402
from runs.formats import Format, Shape, get  # noqa: E402
from runs.simulator.painter import paint  # noqa: E402

BRIEFS = sorted((Path(__file__).parent / "contact_sheet").glob("*.toml"))
PIXELS = {
    Shape.SQUARE: (1024, 1024),
    Shape.PORTRAIT: (896, 1120),
    Shape.STORY: (768, 1360),
    Shape.LANDSCAPE: (1424, 744),
}
FOCUS = {shape: (0.68, 0.58) if shape is Shape.LANDSCAPE else (0.5, 0.6) for shape in Shape}
COLUMNS, CELL = 13, 200


@dataclass(frozen=True, slots=True)
class Shown:
    """One ad, or the sentence why there is none."""

    spec: BriefSpec
    language: str
    size: Format
    ad: Ad | None
    words: str

    @property
    def name(self) -> str:
        return f"{self.spec.name}-{self.language}-{self.size.id}".lower().replace(" ", "-")


def ads(spec: BriefSpec) -> Iterator[Shown]:
    """Every size in every language, a language a row."""
    painted = {plan.shape: _painted(spec, plan) for plan in brief.plan_pictures(spec)}
    style = Style(primary=spec.brand.primary, accent=spec.brand.accent, brand_name=spec.brand.name)
    for language in spec.languages:
        copy = copy_of(spec, 0, 0, language)
        for size in (get(name) for name in spec.formats):
            try:
                ad = compose(
                    painted[size.shape], size, copy, style, language, focus=FOCUS[size.shape], simulated=True
                )
                faults = [check.words for check in ad.report.checks if not check.ok]
                yield Shown(spec, language, size, ad, " ".join(faults))
            except CompositionError as refusal:
                yield Shown(spec, language, size, None, str(refusal))


def _painted(spec: BriefSpec, plan: PicturePlan) -> bytes:
    words = prompts.positive(spec, plan), prompts.negative(spec, plan)
    out = io.BytesIO()
    paint(*words, plan.seed, *PIXELS[plan.shape]).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _cell(shown: Shown) -> Cell:
    label = f"{shown.size.width}×{shown.size.height} · {shown.language}"
    return Cell(shown.ad.data if shown.ad else _blank(shown.size), label, shown.words)


def _blank(size: Format) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size.width, size.height), "#d8d4cf").save(out, "PNG")
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / "docs" / "contact-sheet.png")
    parser.add_argument("--ads", type=Path, help="keep every ad in this folder")
    options = parser.parse_args()
    shown = [entry for path in BRIEFS for entry in ads(brief.from_toml(path.read_text(encoding="utf-8")))]
    for entry in shown if options.ads else []:
        if entry.ad:
            options.ads.mkdir(parents=True, exist_ok=True)
            (options.ads / f"{entry.name}{entry.ad.suffix}").write_bytes(entry.ad.data)
    sheet = Image.open(io.BytesIO(page([_cell(entry) for entry in shown], "AdGen Studio", COLUMNS, CELL)))
    sheet.quantize(256, Image.Quantize.MEDIANCUT).save(options.target, optimize=True)
    for entry in shown:
        if entry.words:
            print(f"{entry.name}: {entry.words}")
    made = sum(entry.ad is not None for entry in shown)
    print(f"{made} of {len(shown)} ads are made. Wrote {options.target}.")


if __name__ == "__main__":
    main()
