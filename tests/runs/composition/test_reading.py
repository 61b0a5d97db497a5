"""Where lines end: sentences stay whole, no short word stands alone, and type gives up some size for that."""

import pytest

from runs import formats
from runs.composition import Copy, Role, plan_layout
from runs.composition.breaking import wrap
from runs.composition.fonts import Face
from runs.composition.layout import Words
from runs.composition.reading import minded

from . import scenes

BOLD = Face("Inter", 800)
SHOE = "Der leichteste Schuh, den wir je gebaut haben"


def headlines(format_id: str, copy: Copy, language: str) -> list[Words]:
    layout = plan_layout(formats.get(format_id), copy, scenes.STYLE, language)
    found = [placement.element(Role.HEADLINE) for placement in layout.placements]
    return [words for words in found if isinstance(words, Words)]


def test_a_sentence_that_ends_inside_a_torn_line_is_minded() -> None:
    assert minded(["Настоюється", "довго. Зникає", "миттєво."], [7, 8, 5], "uk") >= 1
    assert minded(["Настоюється довго.", "Зникає миттєво."], [11, 9], "uk") == 0


def test_whole_sentences_may_share_a_line() -> None:
    assert minded(["Slow. Cold.", "Gone at once today"], [6, 9], "en") == 0


def test_an_abbreviation_ends_no_sentence() -> None:
    assert minded(["Bus Nr. 12 to", "the sea all day"], [7, 8], "en") == 0


@pytest.mark.parametrize(
    "lines", [["Der leichteste", "Schuh,", "den wir je"], ["Der", "leichteste", "Schuh im Land"]]
)
def test_a_short_word_alone_on_a_line_is_minded(lines: list[str]) -> None:
    assert minded(lines, [len(line) for line in lines], "de") > 0.3


def test_a_short_line_that_closes_a_sentence_is_minded_less() -> None:
    closing, last = ["Настоюється", "довго.", "Зникає миттєво"], ["Настоюється", "довше.", "довго"]
    assert 0 < minded(closing, [8, 4, 8], "uk") < minded(last, [8, 8, 4], "uk")


def test_a_last_word_of_fair_length_is_not_minded() -> None:
    assert minded(["Haut, die morgens", "aufwacht"], [17, 8], "de") == 0


def test_a_number_without_its_unit_is_minded() -> None:
    assert minded(["Лише 168", "грамів легке"], [8, 12], "uk") > 0.3


def test_a_thai_superlative_is_one_word() -> None:
    assert minded(["รองเท้าที่เบา", "ที่สุดของเรา"], [9, 9], "th") >= 0.7
    assert minded(["รองเท้าที่", "เบาที่สุดของเรา"], [8, 10], "th") == 0


def test_japanese_phrases_torn_beside_a_pause_are_minded() -> None:
    torn = ["じっくり", "抽出、あっと", "いう間。"]
    assert minded(torn, [4, 6, 4], "ja") > minded(["じっくり抽出、", "あっという間。"], [7, 7], "ja") == 0


def test_lines_avoid_what_a_reader_minds_where_their_number_allows_it() -> None:
    assert wrap(SHOE, BOLD, "de", 8) == ("Der leichteste", "Schuh, den wir", "je gebaut haben")
    assert wrap("Лише 168 грамів", BOLD, "uk", 7) == ("Лише", "168 грамів")
    assert wrap("Настоюється довго. Зникає миттєво.", BOLD, "uk", 9) == (
        "Настоюється",
        "довго.",
        "Зникає миттєво.",
    )


def test_no_word_of_one_letter_ends_a_line() -> None:
    lines = wrap("Сироватка з гіалуроном і березовим соком.", Face("Inter", 500), "uk", 9)
    assert lines and not any(line.endswith((" з", " і")) for line in lines)


def test_text_can_be_set_in_more_lines_than_it_needs() -> None:
    assert wrap("Fly to Paris", BOLD, "en", 20, count=2) == ("Fly to", "Paris")
    assert wrap("Fly to Paris", BOLD, "en", 20, count=4) is None
    assert wrap("Fly to Paris", BOLD, "en", 4, count=1) is None


@pytest.mark.parametrize(
    "size", ["google_display_half_page", "google_display_wide_skyscraper", "pinterest_pin"]
)
@pytest.mark.parametrize(
    ("copy", "language"),
    [
        (Copy(SHOE, line="Gewebt aus recyceltem Garn.", button="Jetzt anprobieren"), "de"),
        (Copy("Langsam gebraut. Schnell weg.", button="Jetzt probieren", price="3,49 €"), "de"),
        (Copy("朝、目覚める素肌へ。", button="詳しく見る"), "ja"),
    ],
)
def test_headlines_shrink_somewhat_rather_than_read_badly(size: str, copy: Copy, language: str) -> None:
    for words in headlines(size, copy, language):
        assert minded(words.lines, [len(line) for line in words.lines], language) < 0.3, words.lines


def test_nothing_outshouts_the_headline() -> None:
    copy = Copy(SHOE, line="Gewebt aus recyceltem Garn.", button="Jetzt anprobieren", price="89 €")
    for size in (
        "google_display_inline_rectangle",
        "google_display_large_rectangle",
        "google_display_half_page",
    ):
        for placement in plan_layout(formats.get(size), copy, scenes.STYLE, "de").placements:
            sizes = {words.role: words.size for words in placement.words()}
            assert max(sizes[Role.PRICE], sizes[Role.BUTTON]) < sizes[Role.HEADLINE], (size, sizes)
