"""“fits” in the brief's preview is a promise about every ad of that size, not only about the first."""

from runs import formats
from runs.copies import every_copy
from studio.fitting import at_fields, fitting
from tests.conftest import brief

SQUARE = formats.get("meta_feed_square")
SHORT = {"headline": "Cold brew", "line": "18 hours cold.", "button": "Try it"}
LONG = "x" * 150
PRICEY = "€" + "9" * 200


def says(**changes: object) -> tuple[str, bool]:
    fit = fitting(brief(formats=[SQUARE.id], **changes), SQUARE)
    return fit.words, fit.ok


def test_short_copy_fits() -> None:
    assert says(messages=[SHORT]) == ("fits", True)


def test_a_second_message_counts() -> None:
    words, fits = says(messages=[SHORT, SHORT | {"headline": LONG}])
    assert not fits and "too long" in words


def test_every_language_counts() -> None:
    message = SHORT | {"translations": {"de": SHORT | {"headline": LONG}}}
    words, fits = says(languages=["en", "de"], messages=[message])
    assert not fits and "too long" in words


def test_the_price_of_every_product_counts() -> None:
    products = [{"name": "Can"}, {"name": "Barrel", "price": PRICEY}]
    assert not says(products=products, messages=[SHORT])[1]


def test_a_price_counts_only_with_the_messages_of_its_product() -> None:
    spec = brief(
        products=[{"name": "Can", "price": "€2"}, {"name": "Barrel", "price": "€90"}],
        messages=[SHORT | {"product": "Can"}, SHORT | {"headline": "Barrels", "product": "Barrel"}],
    )
    assert [(copy.headline, copy.price) for copy, _ in every_copy(spec)] == [
        ("Cold brew", "€2"),
        ("Barrels", "€90"),
    ]


def fields(**changes: object) -> list[str]:
    """The fields of the brief that are told to be too long."""
    spec = brief(**changes)
    return list(at_fields(fitting(spec, size) for size in spec.offered))


def test_copy_that_is_too_long_is_told_at_its_own_field() -> None:
    german = SHORT | {"translations": {"de": SHORT | {"headline": LONG}}}
    assert fields(messages=[SHORT]) == []
    assert fields(messages=[SHORT, SHORT | {"headline": LONG}]) == ["messages.1.headline"]
    assert fields(languages=["en", "de"], messages=[german]) == ["messages.0.translations.de.headline"]
    assert fields(products=[{"name": "Can", "price": PRICEY}], messages=[SHORT]) == ["products.0.price"]


def test_every_message_that_is_too_long_is_told_at_once() -> None:
    long = SHORT | {"headline": LONG}
    other = long | {"line": "Cold."}
    assert fields(messages=[long, SHORT, other]) == ["messages.0.headline", "messages.2.headline"]


def test_a_field_is_told_what_serves_every_size() -> None:
    sizes = ["google_display_wide_skyscraper", "google_display_leaderboard", SQUARE.id]
    spec = brief(formats=sizes, messages=[SHORT | {"headline": LONG}])
    fits = [fitting(spec, size) for size in spec.offered]
    faults = [fault for fit in fits for fault in fit.faults]
    most = max(faults, key=lambda fault: fault.over)
    assert len({fault.over for fault in faults}) > 1
    assert at_fields(fits) == {"messages.0.headline": most.words}


def test_more_copy_than_can_be_looked_at_is_not_called_whole() -> None:
    messages = [SHORT | {"headline": f"Cold brew {n}"} for n in range(3)]
    fit = fitting(brief(formats=[SQUARE.id], messages=messages), SQUARE, 2)
    assert (fit.words, fit.ok) == ("first 2 copies fit", True)
