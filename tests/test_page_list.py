"""No page can be forgotten by `make screenshots`: each address is in the list, or said to have no page."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from accounts.views import nowhere
from tests.browser.page_list import NO_PAGES, SHOTS
from tests.browser.stage import PEOPLE

# The admin is photographed by samples; runs has files, the API is a program's.
OTHERS = {"admin", "runs", "api"}


def names(found: list[Any], before: str = "") -> Iterator[str]:
    """Of the addresses that can be opened."""
    for one in found:
        if not isinstance(one, URLResolver):
            if one.callback is not nowhere and can_be_opened(one.callback):
                yield before + str(one.name)
        elif str(one.namespace).split("-")[0] not in OTHERS:
            yield from names(one.url_patterns, before + (f"{one.namespace}:" if one.namespace else ""))


def can_be_opened(view: Any) -> bool:
    """Whether it answers GET with a page, as far as a decorator of the view says."""
    if hasattr(view, "only_posted"):
        return False
    while view is not None:
        kept = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=True))
        if "request_method_list" in kept:
            return "GET" in kept["request_method_list"].cell_contents
        view = getattr(view, "__wrapped__", None)
    return True


def test_every_page_is_photographed() -> None:
    pages = set(names(get_resolver().url_patterns))
    closed = {"account_email", "account_email_verification_sent"}  # accounts/urls.py shuts them
    closed |= {"account_confirm_email", "account_confirm_login_code"}
    shown = {shot.view for shot in SHOTS}
    assert len(pages) > 40
    assert pages - closed - NO_PAGES - shown == set()
    assert pages >= NO_PAGES


def test_pages_have_names_of_their_own_and_known_visitors() -> None:
    called = [shot.name for shot in SHOTS]
    assert len(called) == len(set(called))
    assert {shot.who for shot in SHOTS} <= {*PEOPLE, "nobody"}
