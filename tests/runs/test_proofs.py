"""Proofs of a form: kept for every process of the studio, within their workspace, as the form stands now."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from PIL import Image

from runs import prompts, proofs, storage
from runs.composition import Copy, DoesNotFit
from runs.formats import Shape
from tests.conftest import brief, make_png

ME = (1, "form")


@pytest.fixture(autouse=True)
def empty() -> None:
    caches["proofs"].clear()


def order(**changes: Any) -> proofs.Order:
    spec = brief()
    facts: dict[str, Any] = {
        "workspace": "w1",
        "format": "meta_feed_square",
        "language": "en",
        "words": Copy("Slow brewed. Fast gone.", button="Try it"),
        "brand": spec.brand,
        "prompt": prompts.scene(spec, 0, Shape.SQUARE),
    }
    return proofs.Order(**(facts | changes))


def size(data: bytes | None) -> tuple[int, int]:
    assert data is not None
    with Image.open(BytesIO(data), formats=("JPEG",)) as image:
        return image.size


def middle(data: bytes) -> Any:
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB").getpixel((image.width // 2, image.height // 2))


def test_an_ordered_proof_is_fetched_by_its_key() -> None:
    wanted = order()
    proofs.publish(ME, 1, [wanted], ahead=1)
    data = proofs.fetch(ME, "w1", wanted.key)
    assert size(data) == (447, 447)
    assert proofs.stored("w1", wanted.key) == data


def test_one_that_nobody_printed_ahead_is_printed_when_it_is_asked_for() -> None:
    """As it is where another process took the order, or where the page is long."""
    wanted = order()
    proofs.publish(ME, 1, [wanted], ahead=0)
    assert proofs.stored("w1", wanted.key) is None
    assert size(proofs.fetch(ME, "w1", wanted.key)) == (447, 447)


def test_the_same_order_has_the_same_key_and_any_other_another() -> None:
    changes: list[dict[str, Any]] = [
        {"workspace": "w2"},
        {"format": "meta_story"},
        {"language": "de"},
        {"words": Copy("Slow brewed.")},
        {"brand": brief(brand={"accent": "#112233"}).brand},
        {"prompt": "a shoe"},
        {"picture": "w/1/g/2/0.png"},
        {"cutout": "w/1/assets/2.png"},
    ]
    assert order().key == order().key
    assert len({order(**change).key for change in [{}, *changes]}) == len(changes) + 1


def test_nobody_fetches_out_of_another_workspace() -> None:
    wanted = order()
    proofs.publish(ME, 1, [wanted], ahead=1)
    assert proofs.fetch(ME, "w1", wanted.key)
    assert proofs.fetch(ME, "w2", wanted.key) is None
    assert proofs.fetch((2, "theirs"), "w2", wanted.key) is None


def test_what_the_form_shows_no_more_is_not_printed() -> None:
    old, new = order(words=Copy("Old")), order(words=Copy("New"))
    proofs.publish(ME, 1, [old], ahead=0)
    proofs.publish(ME, 2, [new], ahead=0)
    assert proofs.fetch(ME, "w1", old.key) is None
    assert proofs.fetch(ME, "w1", new.key)


def test_a_request_that_was_overtaken_changes_nothing() -> None:
    old, new = order(words=Copy("Old")), order(words=Copy("New"))
    proofs.publish(ME, 2, [new], ahead=0)
    proofs.publish(ME, 1, [old], ahead=0)
    assert proofs.fetch(ME, "w1", new.key)
    assert proofs.fetch(ME, "w1", old.key) is None


def test_a_key_that_nobody_ordered_is_not_there() -> None:
    assert proofs.fetch(ME, "w1", "0" * 40) is None


def test_a_stored_picture_is_shown_and_a_scene_where_it_is_gone() -> None:
    key = storage.picture_key(uuid4(), uuid4(), 0)
    storage.put(key, make_png(600, 600, "#2244cc"))
    red, green, blue = middle(proofs.printed(order(picture=key, words=Copy("Blue"))))
    assert blue > 180 > 90 > red and green < 90
    gone = storage.picture_key(uuid4(), uuid4(), 0)
    assert proofs.printed(order(picture=gone)) == proofs.printed(order())


def test_a_brand_whose_files_are_gone_is_still_shown() -> None:
    brand = brief(brand={"name": "Nordlys", "logo": "w/1/assets/gone.png"}).brand
    assert size(proofs.printed(order(brand=brand))) == (447, 447)


def test_a_product_whose_picture_is_gone_does_not_keep_the_proof_away() -> None:
    assert size(proofs.printed(order(cutout="w/1/assets/gone.png"))) == (447, 447)


def test_copy_that_does_not_fit_has_no_proof() -> None:
    with pytest.raises(DoesNotFit):
        proofs.printed(order(words=Copy("Endless words " * 20), format="google_display_skyscraper"))


def test_the_scene_does_not_change_with_whom_it_is_for() -> None:
    for_students = brief(audience="students")
    assert prompts.scene(for_students, 0, Shape.STORY) == prompts.scene(brief(), 0, Shape.STORY)
