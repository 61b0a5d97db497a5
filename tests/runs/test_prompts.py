"""The words a picture is painted from: the same for the same brief, the important ones first."""

import pytest

from runs import prompts
from runs.brief import BriefSpec, PicturePlan, plan_pictures
from runs.formats import Shape
from tests.conftest import brief


def first(spec: BriefSpec) -> PicturePlan:
    return next(plan_pictures(spec))


def words(**changes: object) -> str:
    spec = brief(**changes)
    return prompts.positive(spec, first(spec))


def test_the_product_comes_first() -> None:
    assert words().startswith("a slim can, ")


def test_a_product_without_a_description_is_painted_by_its_name() -> None:
    assert words(products=[{"name": "Cold Brew 250 ml"}]).startswith("Cold Brew 250 ml, ")


def test_the_look_its_palette_and_the_audience_are_in_the_words() -> None:
    look = {"name": "Warm", "words": "on a warm podium", "palette": ["#f6c9a8", "#e8825b"]}
    told = words(looks=[look], audience="people who cycle")
    assert told.split(", ")[1] == "on a warm podium"
    assert "colour palette #f6c9a8 #e8825b" in told
    assert told.endswith("made for people who cycle")


def test_a_look_without_words_is_painted_by_its_name() -> None:
    assert words(looks=[{"name": "Night studio"}]).split(", ")[1] == "Night studio"


def test_nothing_is_said_of_what_the_brief_leaves_out() -> None:
    told = words(looks=[{"name": "Plain"}])
    assert "palette" not in told and "made for" not in told
    assert ", ," not in told


@pytest.mark.parametrize("shape", list(Shape))
def test_every_shape_asks_for_calm_space_where_the_type_will_stand(shape: Shape) -> None:
    spec = brief()
    plan = PicturePlan(product=0, look=0, shape=shape, variation=0, seed=1)
    assert prompts.COPY_SPACE[shape] in prompts.positive(spec, plan)


def test_no_copy_of_the_ad_is_painted_into_the_picture() -> None:
    spec = brief()
    told = [prompts.positive(spec, plan) for plan in plan_pictures(spec)]
    assert not any("Slow brewed" in line or "Try it" in line for line in told)


def test_the_same_brief_gives_the_same_words() -> None:
    assert words() == words()


def unwanted_in(spec: BriefSpec) -> str:
    return prompts.negative(spec, next(plan_pictures(spec)))


def test_text_and_logos_are_always_unwanted() -> None:
    unwanted = unwanted_in(brief()).split(", ")
    assert {"text", "letters", "logo", "watermark"} <= set(unwanted)


def test_the_briefs_own_unwanted_words_come_first() -> None:
    spec = brief(picture={"negative": "snow, ice"})
    assert unwanted_in(spec).startswith("snow, ice, text, ")


def with_a_cutout() -> BriefSpec:
    return brief(products=[{"name": "Can", "description": "a slim can", "cutout": "w/1/assets/2.png"}])


def test_where_the_real_product_will_stand_its_place_is_left_free() -> None:
    spec = with_a_cutout()
    for plan in plan_pictures(spec):
        told = prompts.positive(spec, plan)
        assert "empty podium" in told
        assert "a slim can" not in told


def test_no_second_product_is_wanted_beside_the_real_one() -> None:
    assert "product, bottle, can" in unwanted_in(with_a_cutout())
    assert "bottle" not in unwanted_in(brief())
