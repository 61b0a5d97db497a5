"""What a brief is, what it comes to, and the sentence for each fault."""

from typing import Any

import pytest

from runs.brief import MAX_SEED, estimate, from_data, from_toml, plan_ads, plan_pictures
from runs.errors import BriefRefused
from runs.formats import Shape
from tests.conftest import brief, brief_data


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(BriefRefused) as refusal:
        from_data(brief_data(**changes))
    return {fault.field: fault.words for fault in refusal.value.faults}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"products": []}, "products", "Add at least one product"),
        ({"messages": []}, "messages", "Add at least one message"),
        ({"formats": []}, "formats", "Choose at least one size"),
        ({"formats": ["meta_feed_round"]}, "formats.0", "There is no ad size “meta_feed_round”"),
        ({"formats": ["amazon_brand_logo"]}, "formats.0", "is a logo size"),
        ({"seed": -1}, "seed", "Choose 0 or more"),
        ({"seed": MAX_SEED + 1}, "seed", f"Choose {MAX_SEED} or less"),
        ({"seed": "7"}, "seed", "whole number without quotation marks"),
        ({"variations": 0}, "variations", "Choose 1 or more"),
        ({"variations": 500}, "variations", "Choose 20 or less"),
        ({"variations": 1.5}, "variations", "whole number"),
        ({"name": ""}, "name", "Give the brief a name"),
        ({"colour": "red"}, "colour", "This field does not exist"),
        ({"messages": [{"headline": ""}]}, "messages.0.headline", "Write a headline"),
        ({"messages": [{"headline": "a\x00b"}]}, "messages.0.headline", "control characters"),
        ({"messages": [{"headline": "x" * 301}]}, "messages.0.headline", "Shorten this to 300 characters"),
        ({"brand": {"primary": "red"}}, "brand.primary", "# and six digits"),
        ({"looks": [{"name": "A", "palette": ["blue"]}]}, "looks.0.palette.0", "# and six digits"),
        ({"products": "Can"}, "products", "each one under [[products]]"),
        ({"products": {"name": "Can"}}, "products", "each one under [[products]]"),
        ({"formats": "meta_story"}, "formats", "list in square brackets"),
        ({"seed": 1.5}, "seed", "whole number, such as 3"),
        ({"seed": True}, "seed", "whole number, such as 3"),
        ({"variations": 2.0}, "variations", "whole number, such as 3"),
        ({"picture": {"cfg": "7"}}, "picture.cfg", "number without quotation marks"),
        ({"messages": [{"headline": "\u200b\ufeff \u2060"}]}, "messages.0.headline", "Write a headline"),
        ({"name": "\u200b"}, "name", "Give the brief a name"),
        ({"looks": [{"name": "\u200b"}]}, "looks.0.name", "Give the look a name"),
        ({"picture": {"steps": 0}}, "picture.steps", "Choose 1 or more"),
    ],
)
def test_each_fault_is_a_sentence_at_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    assert words in faults(**changes)[field]


def test_a_fault_in_a_list_is_not_told_twice() -> None:
    assert list(faults(looks=[{"name": "A", "palette": ["blue"]}])) == ["looks.0.palette.0"]


def test_all_faults_are_told_at_once() -> None:
    assert set(faults(products=[], formats=[], seed=-1)) == {"products", "formats", "seed"}


def test_a_message_for_an_unknown_product_names_the_known_ones() -> None:
    assert "Name one of: Can" in faults(messages=[{"headline": "Hi", "product": "Cup"}])["messages.0.product"]


def test_a_second_language_needs_its_copy() -> None:
    assert "has no copy in “de”" in faults(languages=["en", "de"])["messages.0.translations.de"]


@pytest.mark.parametrize("language", ["en", "pt-BR", "zh-Hant", "yue", "fil-PH"])
def test_a_language_is_named_as_everywhere(language: str) -> None:
    assert brief(languages=[language]).languages == (language,)


@pytest.mark.parametrize("language", ["English", "EN", "zh-hant", "e", "en-us", "zh-Hant-TW", ""])
def test_what_names_no_language_is_refused(language: str) -> None:
    assert "languages.0" in faults(languages=[language])


def test_two_looks_of_one_name_are_refused() -> None:
    assert "look names" in faults(looks=[{"name": "A"}, {"name": "A"}])["looks"]


def test_a_brief_for_more_pictures_than_one_run_makes_is_refused() -> None:
    looks = [{"name": str(n)} for n in range(20)]
    products = [{"name": str(n)} for n in range(50)]
    assert "Split the brief" in faults(looks=looks, products=products, variations=20)["formats"]


def test_a_brief_for_more_ads_than_one_run_makes_is_refused() -> None:
    looks = [{"name": str(n)} for n in range(20)]
    messages = [{"headline": str(n)} for n in range(50)]
    products = [{"name": str(n)} for n in range(26)]
    told = faults(looks=looks, messages=messages, products=products, formats=["meta_story", "x_square"])
    assert told == {"formats": "That makes 52000 ads; one run makes at most 50000. Split the brief."}


def test_toml_that_is_none_is_refused_with_its_place() -> None:
    with pytest.raises(BriefRefused, match=r"not valid TOML.*line 2"):
        from_toml("\nname = x")


@pytest.mark.parametrize("language", ["German", "DE"])
def test_a_translation_for_no_language_is_told_at_its_name(language: str) -> None:
    message = {"headline": "Hello", "translations": {language: {"headline": "Hallo"}}}
    told = faults(messages=[message])
    assert told == {
        f"messages.0.translations.{language}": "Write a language as two letters, for example “en” or “de”."
    }


def test_words_of_which_nothing_is_seen_are_left_out() -> None:
    spec = brief(messages=[{"headline": "Hi", "line": "\u200b", "button": "👍"}])
    assert (spec.messages[0].line, spec.messages[0].button) == ("", "👍")


def test_toml_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(BriefRefused, match="nested too deeply"):
        from_toml("name = " + "[" * 5000 + "]" * 5000)


def test_the_stored_form_of_a_brief_is_the_brief() -> None:
    spec = brief(seed=7, looks=[{"name": "A", "palette": ["#ffffff"]}])
    assert from_data(spec.model_dump(mode="json")) == spec


def test_sizes_of_one_shape_share_a_picture() -> None:
    spec = brief(formats=["meta_feed_square", "linkedin_square", "x_square"])
    assert len(list(plan_pictures(spec))) == 1
    assert estimate(spec).ads == 3


def test_pictures_are_products_by_looks_by_shapes_by_variations() -> None:
    spec = brief(products=[{"name": "A"}, {"name": "B"}], looks=[{"name": "x"}, {"name": "y"}], variations=3)
    assert estimate(spec).pictures == 2 * 2 * 2 * 3


def test_a_product_that_no_message_speaks_of_is_refused() -> None:
    told = faults(products=[{"name": "A"}, {"name": "B"}], messages=[{"headline": "Hi", "product": "A"}])
    assert "No message goes with “B”" in told["products.1.name"]


def test_a_size_that_discourages_text_gets_one_ad_without_it_a_picture() -> None:
    spec = brief(
        formats=["google_pmax_square", "meta_feed_square"],
        languages=["en", "de"],
        looks=[{"name": "Sand"}, {"name": "Fresh"}],
        messages=[
            {"headline": "A", "translations": {"de": {"headline": "B"}}},
            {"headline": "C", "translations": {"de": {"headline": "D"}}},
        ],
    )
    twins = [ad for ad in plan_ads(spec, 0, Shape.SQUARE) if ad.twin]
    assert [(ad.format, ad.message, ad.language) for ad in twins] == [("google_pmax_square", 0, "en")]
    assert (estimate(spec).twins, estimate(spec).ads) == (2, 2 * (2 * 2 * 2 + 1))


def test_where_text_is_forbidden_the_ad_itself_has_none() -> None:
    assert not any(ad.twin for ad in plan_ads(brief(formats=["walmart_sponsored_brand"]), 0, Shape.LANDSCAPE))


def test_the_estimate_counts_what_the_plan_makes() -> None:
    messages = [{"headline": "Hi", "product": "A"}, {"headline": "All"}]
    spec = brief(products=[{"name": "A"}, {"name": "B"}], messages=messages, variations=2)
    pictures = list(plan_pictures(spec))
    ads = [ad for picture in pictures for ad in plan_ads(spec, picture.product, picture.shape)]
    assert (estimate(spec).pictures, estimate(spec).ads) == (len(pictures), len(ads))


def test_each_variation_has_a_seed_of_its_own_and_the_first_has_the_brief_s() -> None:
    seeds = [picture.seed for picture in plan_pictures(brief(seed=40, variations=3, formats=["x_square"]))]
    assert seeds == [40, 41, 42]


def test_a_picture_becomes_an_ad_in_each_language() -> None:
    message = {"headline": "Hello", "translations": {"de": {"headline": "Hallo"}}}
    spec = brief(languages=["en", "de"], messages=[message], formats=["x_square"])
    assert [ad.language for ad in plan_ads(spec, 0, Shape.SQUARE)] == ["en", "de"]
    assert spec.messages[0].copy_in("de").headline == "Hallo"
