"""Cuts the shipped fonts from their upstream packages. Run once, by hand, when a font is updated (see README.md).

python build.py SOURCES [inter noto cjk emoji]      # a folder with the unpacked packages that README.md names
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
# Each region's own shapes: the same character is written otherwise in Tokyo, Beijing, Taipei and Seoul.
FACES = {"jp": 0, "kr": 1, "sc": 2, "tc": 3}  # where they are in the collection
KANA = [
    (0x20, 0x7E),
    (0x3000, 0x303F),
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0xFF01, 0xFF9F),
    (0xFFE0, 0xFFE5),
]
HANGUL = [(0x20, 0x7E), (0x3000, 0x301F), (0x3131, 0x318E), (0xAC00, 0xD7A3), (0xFF01, 0xFF5E)]
JAPANESE_SIGNS = "々〆〇…—―‘’“”·‥※←↑→↓■□▲△▼▽◆◇○◎●★☆♪"
HONG_KONG = (
    "㗎㩒佢係俾冇冚吓吖吼呃咁咗咩哋哂唔唞唥啖啱啲喎喐喺嗌嗮嗰嘅嘢嘥嚟"
    "孖屙嶙嬲屘攞搵搣揼曱甴摷咪瞓噏攰脷諗靚餸黐乜冧嚿企凼啫喇啦啩㖭氹氽"
)


def spread(ranges: list[tuple[int, int]]) -> list[int]:
    """Every code point of these ranges, their ends included."""
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
    """Give a cut the family's name and its own weight, so that both are found by it."""
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
    """Write the shipped cuts of Inter from the variable font in that folder."""
    for weight, (wght, opsz) in INTER_CUTS.items():
        font = instantiateVariableFont(TTFont(sources / INTER), {"wght": wght, "opsz": opsz})
        font["OS/2"].usWeightClass = wght
        rename(font, weight)
        features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "case"]
        cut(font, spread(INTER_RANGES) + INTER_EXTRA, features, f"Inter-{weight}.ttf")


def noto(sources: Path) -> None:
    """Write the shipped cuts of Noto from the files in that folder."""
    for script in ("Arabic", "Devanagari", "Hebrew", "Thai"):
        for weight in ("Regular", "Bold"):
            name = f"NotoSans{script}-{weight}.ttf"
            font = TTFont(sources / NOTO / name)
            cut(font, list(font.getBestCmap()), ["*"], name)


def table(encoding: str, leads: range, trails: list[int]) -> list[int]:
    """All characters of some rows of a two-byte table."""
    cells = (bytes([lead, trail]).decode(encoding, "ignore") for lead in leads for trail in trails)
    return [ord(cell) for cell in cells if len(cell) == 1]


def cjk(sources: Path) -> None:
    """The characters of each region's own standard: JIS X 0208, GB 2312, Big5 level 1, all of Hangul."""
    high = [*range(0xA1, 0xFF)]
    characters = {
        "jp": table("euc_jp", range(0xA1, 0xF5), high)
        + [ord(sign) for sign in JAPANESE_SIGNS]
        + spread(KANA),
        "sc": table("gb2312", range(0xA1, 0xF8), high) + spread(KANA[:2]),
        "tc": table("big5", range(0xA1, 0xC7), [*range(0x40, 0x7F), *high])
        + [ord(sign) for sign in HONG_KONG],
        "kr": spread(HANGUL),
    }
    for region, codes in characters.items():
        font = TTFont(sources / CJK, fontNumber=FACES[region])
        cut(font, codes, ["kern", "ccmp"], f"NotoSansCJK{region}-Bold.otf")


def emoji(sources: Path) -> None:
    """All of them, with flags and joined ones, as colour outlines: the SVG copy of the same is left out."""
    font = TTFont(sources / EMOJI)
    cut(font, list(font.getBestCmap()), ["*"], "NotoColorEmoji.ttf", ("SVG", "vhea", "vmtx"))


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    makers = {"inter": inter, "noto": noto, "cjk": cjk, "emoji": emoji}
    for name in names or makers:
        makers[name](Path(folder))
