"""Copy is cleaned before it is set, and what belongs together is tied."""

import pytest

from runs.composition import Copy
from runs.composition.wording import clean, echoes, prepared, tied

from . import scenes

TIE = "\u00a0"


@pytest.mark.parametrize(
    ("text", "tied_at"),
    [
        ("nur 49 €", f"nur 49{TIE}€"),
        ("from € 49", f"from €{TIE}49"),
        ("CHF 49 now", f"CHF{TIE}49 now"),
        ("50 % off", f"50{TIE}% off"),
        ("5 kg flour", f"5{TIE}kg flour"),
        ("1 299 kr", f"1{TIE}299{TIE}kr"),
        ("Prêt ?", f"Prêt{TIE}?"),
        ("« Oui »", f"«{TIE}Oui{TIE}»"),
        ("sale 🔥 now", f"sale{TIE}🔥 now"),
        ("Nr. 5", f"Nr.{TIE}5"),
        ("ab 499 грн", f"ab 499{TIE}грн"),
        ("सिर्फ़ ₹ 499", f"सिर्फ़ ₹{TIE}499"),
        ("chỉ 49.000 ₫ thôi", f"chỉ 49.000{TIE}₫ thôi"),
        ("₦ 4900", f"₦{TIE}4900"),
        ("by 499 ₴", f"by 499{TIE}₴"),
        ("just 129 ZAR", f"just 129{TIE}ZAR"),
        ("Rs. 499 only", f"Rs.{TIE}499 only"),
        ("🔥 Sale", f"🔥{TIE}Sale"),
        ("5 great ideas", "5 great ideas"),
        ("10 minutes", "10 minutes"),
        ("THE 49 steps of it", f"THE{TIE}49 steps of it"),
    ],
)
def test_what_belongs_together_is_tied(text: str, tied_at: str) -> None:
    assert tied(text) == tied_at


def test_controls_and_direction_overrides_are_gone() -> None:
    assert clean("Sale\x00 \u202etoday\u202c\n\tonly\u200b") == "Sale today only"


def test_the_flags_of_regions_keep_their_hidden_letters() -> None:
    scotland = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert clean(f"Hi {scotland}") == f"Hi {scotland}"
    assert clean("Hi\U000e0067\U000e0062") == "Hi"


def test_accents_are_composed() -> None:
    assert clean("Cafe\u0301") == "Café"


def test_joiners_that_shape_letters_stay() -> None:
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_real_quotation_marks_are_left_alone() -> None:
    assert clean("„So“ ‚geht‘ «ça» “va” it’s") == "„So“ ‚geht‘ «ça» “va” it’s"


def test_all_fields_are_prepared() -> None:
    ready = prepared(Copy(" A ", " B ", " C ", " D ", " E ", " 49 € "))
    assert ready == Copy("A", "B", "C", "D", "E", f"49{TIE}€")


@pytest.mark.parametrize(
    ("headline", "line"),
    [
        ("18 Stunden kalt", "18 Stunden kalt gezogen, ohne Zucker."),
        ("18 годин холоду", "18 годин холодного настоювання, без цукру."),
        ("18時間水出し", "18時間かけて水出し。砂糖不使用。"),
        ("สกัดเย็น 18 ชั่วโมง", "สกัดเย็น 18 ชั่วโมง ไม่เติมน้ำตาล"),
    ],
)
def test_a_line_that_says_the_headline_again_is_an_echo(headline: str, line: str) -> None:
    assert echoes(line, headline)


@pytest.mark.parametrize("name", list(scenes.COPIES))
def test_ordinary_lines_are_no_echo_of_their_headlines(name: str) -> None:
    copy = scenes.COPIES[name][1]
    assert not echoes(copy.line, copy.short_headline or copy.headline)


def test_a_headline_of_one_letter_has_no_echo() -> None:
    assert not echoes("All of it.", "A")
