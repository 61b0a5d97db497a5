"""File names by a template: what cannot name files is refused in words, and no name leaves its folder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.naming import DEFAULT, PLACEHOLDERS, BadTemplate, Names, check, safe

FACTS: dict[str, str] = dict.fromkeys(PLACEHOLDERS, "x") | {
    "campaign": "Spring / Summer",
    "platform": "Meta",
    "format": "meta_story",
    "language": "de",
    "n": "007",
}


def named(template: str, **facts: str) -> str:
    return Names(template).path(["Meta"], FACTS | facts, ".jpg")


def test_a_template_is_filled_in() -> None:
    assert (
        named("{campaign}_{platform}_{format}_{language}_{n}")
        == "Meta/Spring_-_Summer_Meta_meta_story_de_007.jpg"
    )


def test_without_a_template_names_are_as_they_always_were() -> None:
    assert (
        named("", product="1", look="2", variation="3", message="4")
        == "Meta/p1_look2_v3_m4_de_meta_story.jpg"
    )


@pytest.mark.parametrize("template", [DEFAULT, "{n}", "{campaign} {size} ({n})", "Ärmel-{headline}"])
def test_what_names_files_is_taken(template: str) -> None:
    check(template)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{format}/{n}", "A file name cannot have /"),
        ("..\\{n}", "A file name cannot have /"),
        ("{price}", "There is no {price}. Choose from: {campaign},"),
        ("{}", "There is no {}."),
        ("{0}", "There is no {0}."),
        ("{n.__class__}", "There is no {n.__class__}."),
        ("{n!r}", "Write placeholders without"),
        ("{n:>900000000}", "A file name cannot have /"),
        ("{n", "There is a single brace."),
        ("n}", "There is a single brace."),
        ("ad", "All files would get the same name."),
        ("", "All files would get the same name."),
        ("{n}\u202e", "Remove the invisible characters."),
        ("{n}" + "x" * 200, "Shorten this by 3:"),
    ],
)
def test_what_cannot_name_files_is_refused_in_words(template: str, words: str) -> None:
    with pytest.raises(BadTemplate) as refusal:
        check(template)
    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\temp", "C-temp"),
        ("a\x00b\nc", "abc"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("half \ud800", "half"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("...", "ad"),
        ("", "ad"),
        ("  two  words ", "two_words"),
        ("Kaffee für 冷たい", "Kaffee_für_冷たい"),
        ("x" * 500, "x" * 120),
    ],
)
def test_odd_characters_are_made_harmless(words: str, made: str) -> None:
    assert safe(words) == made


def test_files_of_one_name_get_a_number_whatever_their_case() -> None:
    names = Names("{headline}")
    made = [
        names.path([], FACTS | {"headline": words}, ".jpg") for words in ("Cold", "COLD", "Cold", "Cold_2")
    ]
    assert made == ["Cold.jpg", "COLD_2.jpg", "Cold_3.jpg", "Cold_2_2.jpg"]


def test_braces_in_the_words_are_no_placeholders() -> None:
    assert named("{headline}", headline="{n} {missing}") == "Meta/n_missing.jpg"


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_words_lead_out_of_the_folder(folder: str, headline: str) -> None:
    path = Names("{headline}").path([folder], FACTS | {"headline": headline}, ".jpg")
    parts = path.split("/")
    assert len(parts) == 2 and not {"", ".", ".."} & set(parts)
    assert all(len(part.encode()) <= 255 for part in parts)
    assert not any(letter in path for letter in '\\:*?"<>|\x00\n')


def test_a_name_that_was_shortened_ends_in_no_dot() -> None:
    name = safe("字" * 65 + "ab...." + "字" * 40)
    assert len(name.encode()) <= 200 and not name.endswith((".", "_", "-"))


def test_thousands_of_one_name_are_numbered_without_counting_again() -> None:
    """Each looked at every number before it: the ZIP of twenty thousand stood still for minutes."""

    class Counted(set[str]):
        asked = 0

        def __contains__(self, path: object) -> bool:
            Counted.asked += 1
            return super().__contains__(path)

    names = Names("{product}")
    names._taken = Counted()
    paths = [names.of_its_own("Meta/1", ".jpg") for _ in range(1000)]
    assert paths[:3] == ["Meta/1.jpg", "Meta/1_2.jpg", "Meta/1_3.jpg"] and len(set(paths)) == 1000
    assert Counted.asked < 3000
