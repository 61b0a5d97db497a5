"""Solved layouts are kept, and many are solved beside the pages."""

from runs import layouts
from runs.composition import Copy, DoesNotFit, Layout, Style

STYLE = Style(brand_name="Nordlys")


def key(headline: str, size: str = "meta_feed_square") -> layouts.Key:
    return size, Copy(headline), STYLE, "en"


def test_what_is_solved_beside_the_pages_is_what_is_solved_here() -> None:
    keys = [key("Slow brewed"), key("Fast gone"), key("x" * 150)]
    layouts.solve_all(keys)
    there = [layouts.solved(*one) for one in keys]
    layouts.forget()
    assert [layouts.solved(*one) for one in keys[:2]] == there[:2]
    assert isinstance(there[0], Layout) and isinstance(there[2], DoesNotFit)
    assert str(layouts.solved(*keys[2])) == str(there[2])


def test_a_layout_is_solved_once() -> None:
    layouts.solve_all([key("One"), key("Two")])
    assert layouts.solved(*key("One")) is layouts.solved(*key("One"))


def test_only_so_many_are_kept_and_the_oldest_goes_first() -> None:
    layouts.forget()
    oldest = layouts.solved(*key("Oldest"))
    layouts.solved(*key("Second"))
    layouts.solved(*key("Oldest"))
    layouts.trim(1)
    assert layouts.solved(*key("Oldest")) is oldest
