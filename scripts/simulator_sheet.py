"""Paints docs/simulator-sheet.png: two dozen of the simulator's pictures, to judge a change of the painter by eye.

python scripts/simulator_sheet.py            # writes docs/simulator-sheet.png
python scripts/simulator_sheet.py other.png --seed 7
"""

import argparse
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from runs.simulator.painter import paint  # noqa: E402 (the path comes first)

# Shape -> size painted, prompts. They differ in scene, hero and palette.
SHAPES: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "1:1": (
        (1080, 1080),
        (
            "cold brew coffee can on a podium, palette #f6c9a8 #e8825b #2f1b33 #ff9d6c",
            "olive oil bottle in an arch, palette #f3e9dc #d9c3a5 #4a5a2b #e9b872",
            "chocolate gift box, studio, palette #ffdfe6 #f29bb0 #5a1230",
            "armchair in a bedroom with linen curtains, palette #e4e0d6 #b7ab95 #3f5a52 #e0a558",
            "headphones on a city rooftop, palette #6b7686 #2f3743 #eef2f7 #f5a25d",
            "skincare cream jar among botanical leaves, palette #d9f0e3 #8fcbb0 #0f3b35",
        ),
    ),
    "4:5": (
        (1080, 1350),
        (
            "icy soda can with lime, palette #bfdefa #6aa9e6 #f7fbff #2f6fde",
            "running sneaker on a mountain trail, palette #f2d6b8 #e07a4b #20414f",
            "coffee mug on a kitchen table, palette #f1e4d3 #c9825b #24465a",
            "perfume, beach at sunset, palette #fbd9c0 #f19a7a #38305c #ffe9a8",
            "granola pouch, studio podium, citrus, palette #fff1b8 #f7cf4d #173a2c",
            "empty podium in an arch, palette #d9d0ee #a98fd6 #35215c",
        ),
    ),
    "9:16": (
        (1080, 1920),
        (
            "energy drink can, neon night, palette #3a2f6b #7b6cf0 #ece8ff",
            "face serum bottle, jungle, palette #e8f0d8 #9fb27f #2c4a2b #f3e9d2",
            "table lamp in a bedroom, palette #ead9e4 #b58aa5 #4a2a4e",
            "smartphone, studio, palette #cfe8ea #2b7a80 #fff4e2 #f28b5b",
            "lemonade bottle on the beach, palette #bfe3f2 #f2c879 #e4572e",
            "a new product, dark and moody, palette #2b2f38 #101318 #e0a558",
        ),
    ),
    "1.91:1": (
        (1200, 628),
        (
            "running shoe, studio, palette #e9ecef #adb5bd #d6334c #212529",
            "coffee bag on a kitchen counter, palette #efe1cf #b98a5e #20302c #e8b04b",
            "wine bottle, mountains in the evening, palette #f0c7b8 #b56a7a #3b1530",
            "cream jar, frost and ice, palette #dcecf7 #8fb9dc #1f4e79 #ffffff",
            "headphones, neon club, palette #0f3d3e #00c2a8 #f4fff9 #ff6f91",
            "cosmetics jar among leaves, palette #f4e6dc #d8a48f #6a2f2a",
        ),
    ),
}
CELL, GAP = 288, 12


def sheet(seed: int) -> Image.Image:
    """One row a shape, six pictures each, all cells of one width."""
    rows = [_row(size, prompts, seed) for size, prompts in SHAPES.values()]
    height = sum(row.height for row in rows) + GAP * (len(rows) + 1)
    whole = Image.new("RGB", (rows[0].width, height), (246, 246, 244))
    top = GAP
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height + GAP
    return whole


def _row(size: tuple[int, int], prompts: tuple[str, ...], seed: int) -> Image.Image:
    cell = (CELL, round(CELL * size[1] / size[0]))
    row = Image.new("RGB", ((CELL + GAP) * len(prompts) + GAP, cell[1]), (246, 246, 244))
    for index, prompt in enumerate(prompts):
        picture = paint(prompt, "text, letters", seed + index, *size)
        row.paste(picture.resize(cell, Image.Resampling.LANCZOS), (GAP + index * (CELL + GAP), 0))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / "docs" / "simulator-sheet.png")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sheet(options.seed).save(options.target, optimize=True)
    print(f"Wrote {options.target}.")


if __name__ == "__main__":
    main()
