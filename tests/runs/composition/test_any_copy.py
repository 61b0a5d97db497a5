"""Whatever is typed, in whatever script: every box keeps its promises in every format, or the copy is refused."""

from functools import cache
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from runs import formats
from runs.composition import Copy, DoesNotFit, MissingScript, NoHeadline, Style, plan_layout
from runs.composition.choose import View, choose
from runs.formats import Format, Shape

from . import scenes
from .promises import faults, staged_faults

ALL = formats.images()
BUSY = [HealthCheck.too_slow]  # others may use the processor too; what is drawn here is little
FOCUS = {shape: (0.68, 0.58) if shape is Shape.LANDSCAPE else (0.5, 0.6) for shape in Shape}
WORD = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzäöüßéèñçğıøåABCDEFGHÅÄÖ€0123456789,.!?%–-"), max_size=24
)
WORDS = st.lists(WORD, max_size=12).map(" ".join)
# Every script at once, and what is no script at all: marks, joiners, directions, emoji, half flags, odd code points.
ANYTHING = st.text(
    st.sampled_from(
        "aßÄ9€%.,!?“”„()[] -–\u00ad\u00a0\u200b\u200d\u202e\u2066\ufe0f\u0301\x00\n\ud800\u0378\ue000"
        "ΩжЯأبلا٥שלनमस्तेक्षกาแฟเย็น夏のーっ、。「」円한글這国🔥👩🍳🏽🇩🇪🏳🌈1\u20e3"
    ),
    max_size=60,
)


pytestmark = pytest.mark.thorough


@settings(max_examples=25, deadline=None, suppress_health_check=BUSY)
@given(
    entry=st.sampled_from(ALL),
    copy=st.builds(Copy, WORDS.map(lambda words: f"A {words}"), WORDS, WORDS, WORDS, WORDS, WORD),
    language=st.sampled_from(["en", "de", "sv", "ar", "ja", "he"]),
    brand=WORD,
)
def test_no_copy_breaks_a_layout(entry: Format, copy: Copy, language: str, brand: str) -> None:
    try:
        layout = plan_layout(entry, copy, Style(brand_name=brand), language)
    except DoesNotFit as refusal:
        assert str(refusal).startswith("“")
    else:
        assert list(faults(layout)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=BUSY)
@given(
    entry=st.sampled_from(ALL),
    copy=st.builds(Copy, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING),
    language=st.sampled_from(["en", "ar", "ja", "zh-TW", "ko", "hi", "th"]),
)
def test_nothing_that_can_be_typed_breaks_a_layout(entry: Format, copy: Copy, language: str) -> None:
    try:
        layout = plan_layout(entry, copy, Style(brand_name="Nordlys"), language)
    except (DoesNotFit, MissingScript, NoHeadline) as refusal:
        str(refusal).encode()
    else:
        assert list(faults(layout)) == []


# The letters of every script that ships, by a language that is written in it; the last has no spaces.
LETTERS = {
    "en": "etaoinshrdlucmfwygpbvkxjqzETAOINW",
    "de": "enisratdhulcgmobwfkzvpäöüßENISRÄÖ",
    "vi": "ăâđêôơưáàảãạắằẳẵặếềểễệốồổỗộớờởỡợ",
    "el": "αοιετσνηυρπκμλωςγδβθφχξζψάέήίόύώΑΟΙΕ",
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОЕАИ",
    "uk": "оаинвіетрслкудмпзябьгчйхцїжюєщґ",
    "ar": "الينمروتبةعدسفهكقحجشصطخضزذثئءغظآأإ٠١٢٣٤٥٦٧٨٩َّ",
    "he": "יוהאלרמתבשנדקחעכפטזגסצםןףךץ",
    "hi": "करनसतमहपयलवबदजगटआअइउएशषथधभखचािीुूेैोौंँ्",
    "th": "กขคงจชซญดตถทนบปผพฟมยรลวศสหอะาิีึืุูเแโใไ่้็์",
    "ko": "이다는을가하고의에서지한도로사기어리나대자시일안인",
    "ja": "のにはをたがでてとしれさあいうえおかきくけこコーヒー夏新登場最高一杯今日",
    "zh-CN": "这个夏天享受最棒的一杯全新冷萃咖啡上市立即购买，。",
    "zh-TW": "這個夏天享受最棒的一杯全新冷萃咖啡上市立即購買，。",
}
WITHOUT_SPACES = {"ja", "zh-CN", "zh-TW", "th"}
EXTRAS = [
    "−50 %",
    "24/7",
    "№ 1",
    "2026",
    "🔥",
    "👩\u200d🍳",
    "🇩🇪",
    "☕️",
    "100%",
    "A–Z",
    "Nordlys®",
    "(neu)",
    "…",
]
PRICES = [
    "",
    "€49",
    "89 €",
    "1 299,00 €",
    "₹ 1,99,999",
    "₪ 49",
    "4,900원",
    "149元",
    "from CHF 1’299.–",
    "٤٩ ر.س",
]


def phrases(language: str, most: int) -> st.SearchStrategy[str]:
    """Nothing, some words, or too many; short words and ones that no line can hold."""
    letters = st.sampled_from(LETTERS[language])
    word = st.one_of(st.text(letters, min_size=1, max_size=9), st.text(letters, min_size=1, max_size=38))
    one = st.one_of(word, word, word, st.sampled_from(EXTRAS))
    some = st.integers(0, most).flatmap(lambda count: st.lists(one, min_size=count, max_size=count))
    return some.map(("" if language in WITHOUT_SPACES else " ").join)


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, Copy]:
    language = draw(st.sampled_from(sorted(LETTERS)))
    headline = draw(phrases(language, 9)) or LETTERS[language][:5]
    short, line, button, legal = (draw(phrases(language, most)) for most in (4, 14, 4, 12))
    return language, Copy(headline, short, line, button, legal, draw(st.sampled_from(PRICES)))


STYLES = [Style(), scenes.STYLE, Style(logo=scenes.logo()), Style(logo=scenes.logo(90, 300))]


@cache
def view(shape: Shape, busy: bool, product: tuple[int, int] | None) -> View:
    scene = scenes.busy(shape) if busy else scenes.calm(shape)
    with Image.open(BytesIO(scene)) as image:
        small = image.convert("RGB").resize((image.width // 4, image.height // 4))
        return View(small, image.size, FOCUS[shape], product)


@settings(max_examples=70, deadline=None, suppress_health_check=BUSY)
@given(
    entry=st.sampled_from(ALL),
    order=orders(),
    style=st.sampled_from(STYLES),
    button=st.sampled_from(["drawn", "platform", None]),
    busy=st.booleans(),
    product=st.sampled_from([None, (300, 900), (900, 420)]),
)
def test_copy_in_every_script_keeps_clear_of_edges_of_itself_and_of_the_product(
    entry: Format,
    order: tuple[str, Copy],
    style: Style,
    button: str | None,
    busy: bool,
    product: tuple[int, int] | None,
) -> None:
    language, copy = order
    try:
        layout = plan_layout(entry, copy, style, language, button=button)  # type: ignore[arg-type]
    except DoesNotFit as refusal:
        assert refusal.over >= 1 and getattr(copy, refusal.field)
        return
    assert list(faults(layout)) == []
    scene = view(entry.shape, busy, product)
    assert list(staged_faults(layout, choose(layout, scene, style), scene)) == []
