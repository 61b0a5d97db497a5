"""Lines are few, even, and parted where a reader would part them."""

import pytest

from runs.composition.breaking import wrap
from runs.composition.clusters import clusters
from runs.composition.fonts import Face
from runs.composition.measure import ink, width
from runs.composition.wording import clean, tied

BOLD = Face("Inter", 800)


def lines(text: str, language: str, measure: float, cut: bool = False) -> list[str] | None:
    broken = wrap(tied(clean(text)), BOLD, language, measure, cut)
    return [line.replace("\u00a0", " ") for line in broken] if broken else None


def test_text_that_fits_stays_on_one_line() -> None:
    assert lines("Fly to Paris", "en", 20) == ["Fly to Paris"]


def test_lines_are_balanced_not_filled() -> None:
    broken = lines("Direct flights, flexible tickets, two bags included", "en", 22)
    assert broken == ["Direct flights, flexible", "tickets, two bags included"]


@pytest.mark.parametrize("measure", [5, 6, 8, 10, 14, 20])
def test_no_line_is_wider_than_its_measure(measure: float) -> None:
    for language, text in (
        ("en", "Fly to Paris from €49 with two bags"),
        ("ar", "تسوّق الآن واحصل على خصم ٥٠٪"),
    ):
        broken = wrap(tied(text), BOLD, language, measure)
        assert broken and all(width(line, BOLD, language) <= measure for line in broken)


def test_a_word_wider_than_the_measure_cannot_be_set_whole() -> None:
    assert lines("Donaudampfschifffahrt", "de", 6) is None


def test_long_german_words_part_at_syllables_with_a_hyphen() -> None:
    broken = lines("Donaudampfschifffahrtsgesellschaft", "de", 9, cut=True)
    assert (
        broken and "".join(line.removesuffix("-") for line in broken) == "Donaudampfschifffahrtsgesellschaft"
    )
    assert all(line.endswith("-") for line in broken[:-1])
    assert min(len(line) for line in broken) >= 4


def test_the_hyphen_is_part_of_the_measure() -> None:
    """A syllable that fits only without its hyphen must not end a line."""
    for tenths in range(70, 160):
        assert lines("Donaudampfschifffahrtsgesellschaft", "de", tenths / 10, cut=True), tenths


def test_no_last_line_is_a_lone_short_word_where_words_can_move() -> None:
    assert lines("All you need for a day at the sea", "en", 12.6) == ["All you need for", "a day at the sea"]


def test_compounds_part_after_their_linking_s() -> None:
    assert lines("Rechtsschutzversicherungsgesellschaft", "de", 8.5, cut=True) == [
        "Rechtsschutz-",
        "versicherungs-",
        "gesellschaft",
    ]


def test_the_writers_soft_hyphens_win_over_the_dictionary() -> None:
    assert lines("Ur\u00adlaubs\u00adgrüße", "de", 4.5, cut=True) == ["Urlaubs-", "grüße"]


def test_soft_hyphens_are_not_shown_where_no_line_ends() -> None:
    assert lines("Ur\u00adlaubs\u00adgrüße", "de", 20) == ["Urlaubsgrüße"]


def test_a_language_without_dictionary_keeps_its_words() -> None:
    assert lines("Donaudampfschifffahrtsgesellschaft", "tlh", 9, cut=True) is None


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Jetzt nur noch 1 299,00 € im Shop", "1 299,00 €"),
        ("Now only € 49 a month", "€ 49"),
        ("Spare jetzt 50 % auf alles", "50 %"),
    ],
)
def test_a_price_is_never_parted(text: str, whole: str) -> None:
    for measure in (5.5, 6, 6.5, 7, 8, 9, 11, 14):
        broken = lines(text, "de", measure)
        assert broken and any(whole in line for line in broken), measure


def test_no_emoji_stands_alone_at_the_head_of_a_line() -> None:
    for measure in (5, 6, 7, 9, 12):
        broken = lines("Summer sale 🌞 up to half 🔥", "en", measure)
        assert broken and not any(line.startswith(("🌞", "🔥")) for line in broken)


def test_a_hyphen_between_words_may_end_a_line() -> None:
    assert lines("Versicherungs-Rabatt", "de", 8) == ["Versicherungs-", "Rabatt"]


def test_japanese_parts_between_phrases() -> None:
    assert lines("この夏、最高の一杯を。新しいコールドブリュー登場", "ja", 14) == [
        "この夏、最高の一杯を。",
        "新しいコールドブリュー登場",
    ]


def test_japanese_closing_signs_never_begin_a_line() -> None:
    broken = lines("「毎日」がもっと楽しくなる、ひんやり贅沢な味わい。", "ja", 4, cut=True)
    assert broken and not any(line[0] in "」、。っょー" for line in broken)


def test_thai_parts_between_words_without_spaces() -> None:
    broken = lines("กาแฟเย็นแก้วใหม่สำหรับหน้าร้อนนี้", "th", 9)
    assert broken == ["กาแฟเย็นแก้วใหม่", "สำหรับหน้าร้อนนี้"]


@pytest.mark.parametrize("language", ["ja", "zh-CN", "zh-TW"])
@pytest.mark.parametrize("cut", [False, True])
def test_signs_and_prices_keep_their_side_of_a_line(language: str, cut: bool) -> None:
    text = "「夏季」特价，仅售149元！全新咖啡，￥299起。买一送一🔥，今日限定（数量有限）。"
    for measure in range(4, 30):
        for line in lines(text, language, measure, cut) or []:
            assert line[0] not in "」，。！）🔥元起" and line[-1] not in "「（￥149"


def test_traditional_chinese_parts_between_phrases() -> None:
    assert lines("這個夏天享受最棒的一杯咖啡", "zh-TW", 9) == ["這個夏天享受", "最棒的一杯咖啡"]


def test_korean_parts_between_words_only() -> None:
    text = "이번 여름, 최고의 한 잔을. 새로운 콜드브루가 출시되었습니다"
    for measure in range(5, 20):
        for line in lines(text, "ko", measure, cut=True) or []:
            assert set(line.split()) <= set(text.split())


def test_devanagari_is_never_parted_inside_a_word() -> None:
    text = "क्षत्रिय श्रृंखला गर्मियों की सबसे ठंडी कॉफ़ी"
    for measure in range(3, 20):
        for line in lines(text, "hi", measure, cut=True) or []:
            assert set(line.split()) <= set(text.split())


@pytest.mark.parametrize("language", ["en", "de", "ar", "ko", "hi"])
def test_words_without_spaces_part_in_lines_of_other_languages(language: str) -> None:
    broken = wrap("この夏、最高の一杯を。新しいコールドブリュー登場", BOLD, language, 12)
    assert broken and len(broken) >= 2 and not any(line[0] in "、。" for line in broken)
    assert wrap("กาแฟเย็นแก้วใหม่สำหรับหน้าร้อนนี้", BOLD, language, 10)


def test_letters_with_marks_and_joined_emoji_are_one() -> None:
    assert clusters("क्षि") == ("क्षि",)
    assert clusters("ที่นี่") == ("ที่", "นี่")
    assert clusters("👩\u200d🍳🇩🇪🇫🇷👍🏽1\ufe0f\u20e3") == ("👩\u200d🍳", "🇩🇪", "🇫🇷", "👍🏽", "1\ufe0f\u20e3")


def test_a_sign_that_opens_the_copy_stands_with_its_first_word() -> None:
    for measure in (4, 5, 6, 8):
        assert "🔥" not in (lines("🔥 Sale on every shoe", "en", measure) or [])


def test_widths_scale_with_the_type() -> None:
    """What allows one measurement for all sizes."""
    from runs.composition.fonts import paragraph

    for size in (9, 13, 37, 142):
        line = paragraph("AVATAR Office 🔥", BOLD, size, "en").LongestLine
        assert line / size == pytest.approx(width("AVATAR Office 🔥", BOLD, "en"), rel=0.002)


def test_ink_reaches_over_accents_and_under_descenders() -> None:
    plain, accented = ink("House", BOLD, "en"), ink("Ällgäu", BOLD, "de")
    assert accented[0] > plain[0] + 0.1
    assert ink("gyp", BOLD, "en")[1] >= 0.2
