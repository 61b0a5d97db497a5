"""Cuts the shipped fonts from their upstream packages. Run once, by hand, when a font is updated (see README.md).

python build.py SOURCES      # a folder with the unpacked packages that README.md names
"""

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import instantiateVariableFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
INTER = "inter-ui/variable/InterVariable.woff2"
EMOJI = "noto-color-emoji/files/noto-color-emoji-emoji-400-normal.woff2"
NOTO = "usr/share/fonts/truetype/noto"
CJK = "usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"

# Headlines take the display cut (optical size 24): its spacing is made for large type.
INTER_CUTS = {"Medium": (500, 14), "Bold": (700, 14), "ExtraBold": (800, 24)}
INTER_RANGES = [
    (0x20, 0x24F),  # Latin
    (0x2B0, 0x3FF),  # marks, Greek
    (0x400, 0x52F),  # Cyrillic
    (0x1E00, 0x1FFF),  # Vietnamese, polytonic Greek
    (0x2000, 0x22FF),  # punctuation, currency, arrows, mathematics
    (0x25A0, 0x25FF),
]
INTER_EXTRA = [0x2605, 0x2606, 0x2713, 0x2717, 0xFB01, 0xFB02, 0xFFFD]
JAPANESE_RANGES = [(0x20, 0x7E), (0x3000, 0x303F), (0x3041, 0x30FF), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE5)]
JAPANESE_SIGNS = "々〆〇…—―‘’“”·‥※←↑→↓■□▲△▼▽◆◇○◎●★☆♪"
# Kanji of the second level that copy uses all the same: noodles, sweets, luxury, and the newer schoolbook kanji.
COMMON_LEVEL_2 = (
    "贅蕎麵饅餃檸檬珈琲絨毯傲刹哺喩嗅嘲彙恣慄憬拭摯曖楷毀氾"
    "溺瑠璧畏瘍緻羞羨腫腺臆萎蔽蹴諧貪賂辣遜遡醒錮鬱麺箋籠"
)
EMOJI_RANGES = [(0x1F600, 0x1F64F), (0x1F910, 0x1F92F), (0x1F32D, 0x1F37F), (0x1F950, 0x1F96F)]


def spread(ranges: list[tuple[int, int]]) -> list[int]:
    return [code for first, last in ranges for code in range(first, last + 1)]


def cut(font: TTFont, codes: list[int], features: list[str], target: str, drop: tuple[str, ...] = ()) -> None:
    """Keep only those characters and features, without hinting, and write a plain font file."""
    options = subset.Options(layout_features=features, hinting=False, notdef_outline=True, name_IDs=["*"])
    options.drop_tables += drop
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor = None
    font.recalcTimestamp = False
    font.save(HERE / target)
    print(f"{target}: {(HERE / target).stat().st_size:,} bytes")


def rename(font: TTFont, weight: str) -> None:
    names = {
        1: f"Inter {weight}",
        2: "Regular",
        4: f"Inter {weight}",
        6: f"Inter-{weight}",
        16: "Inter",
        17: weight,
    }
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["name"].removeNames(nameID=25)


def inter(sources: Path) -> None:
    for weight, (wght, opsz) in INTER_CUTS.items():
        font = instantiateVariableFont(TTFont(sources / INTER), {"wght": wght, "opsz": opsz})
        font["OS/2"].usWeightClass = wght
        rename(font, weight)
        features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "case"]
        cut(font, spread(INTER_RANGES) + INTER_EXTRA, features, f"Inter-{weight}.ttf")


def noto(sources: Path) -> None:
    for script in ("Arabic", "Hebrew", "Thai"):
        for weight in ("Regular", "Bold"):
            name = f"NotoSans{script}-{weight}.ttf"
            font = TTFont(sources / NOTO / name)
            cut(font, list(font.getBestCmap()), ["*"], name)


def jis_level_1() -> list[int]:
    """The 2,965 kanji of everyday use: rows 16 to 47 of JIS X 0208."""
    cells = [bytes([row + 0xA0, column + 0xA0]) for row in range(16, 48) for column in range(1, 95)]
    return [ord(kanji) for kanji in (cell.decode("euc_jp", "ignore") for cell in cells) if kanji]


def japanese(sources: Path) -> None:
    font = TTFont(sources / CJK, fontNumber=0)
    extra = [ord(sign) for sign in JAPANESE_SIGNS + COMMON_LEVEL_2]
    cut(
        font,
        spread(JAPANESE_RANGES) + jis_level_1() + extra,
        ["kern", "ccmp", "locl"],
        "NotoSansCJKjp-Bold.otf",
    )


def emoji(sources: Path) -> None:
    chosen = [ord(sign) for sign in (HERE / "emoji.txt").read_text(encoding="utf-8") if not sign.isspace()]
    drop = ("SVG", "GSUB", "vhea", "vmtx")
    cut(TTFont(sources / EMOJI), spread(EMOJI_RANGES) + chosen, [], "NotoColorEmoji.ttf", drop)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for make in (inter, noto, japanese, emoji):
        make(folder)
