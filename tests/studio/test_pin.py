"""Pinning a run on its own page: who may, what is told, and what the audit trail says."""

from django.test import Client

from accounts.models import Audit
from runs import pinning
from runs.models import Run
from tests.studio.test_run_views import HTMX, address, show


def trail() -> list[tuple[str, str]]:
    return list(Audit.objects.order_by("pk").values_list("actor", "action"))


def test_a_finished_run_is_pinned_and_unpinned_without_scripts(as_alice: Client, finished: Run) -> None:
    assert "Keep it out of every clean-up" in show(as_alice, finished)
    shown = as_alice.post(address("run_pin", finished), {"pin": "on"}, follow=True).content.decode()
    assert "Run pinned" in shown and "Let clean-ups remove it again" in shown
    assert Run.objects.get().pinned
    as_alice.post(address("run_pin", finished), {"pin": "off"})
    assert not Run.objects.get().pinned
    assert trail() == [("alice@example.com", "run.pin"), ("alice@example.com", "run.unpin")]


def test_the_page_gets_its_head_back(as_alice: Client, finished: Run) -> None:
    shown = as_alice.post(address("run_pin", finished), {"pin": "on"}, **HTMX).content.decode()
    assert 'id="run-head" hx-swap-oob="outerMorph"' in shown and 'name="pin" value="off"' in shown


def test_pinning_twice_is_one_line_in_the_trail(as_alice: Client, finished: Run) -> None:
    for _ in range(2):
        as_alice.post(address("run_pin", finished), {"pin": "on"})
    assert trail() == [("alice@example.com", "run.pin")]


def test_who_may_only_look_sees_that_it_is_pinned(as_bob: Client, finished: Run) -> None:
    pinning.pin(finished)
    shown = show(as_bob, finished)
    assert "Pinned: never cleaned up." in shown and "do-pin" not in shown
    assert as_bob.post(address("run_pin", finished), {"pin": "off"}).status_code == 403
    assert Run.objects.get().pinned


def test_a_run_that_goes_on_is_not_offered_to_be_pinned(as_alice: Client, run: Run) -> None:
    assert "do-pin" not in show(as_alice, run)
