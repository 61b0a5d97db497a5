"""A picture that failed five times stays failed with its reason, until somebody presses the one button."""

import pytest
from django.test import Client

from runs import leases, lifecycle
from runs.models import Generation, Run
from runs.states import RunStatus, Status
from tests.conftest import finish, make_server

from .admin_pages import act, page

WORDS = "gpu-1 ran out of memory."


@pytest.fixture
def dead(run: Run) -> Generation:
    """The first of two pictures, tried five times on a server that cannot make it."""
    server = make_server()
    picture = run.generations.all()[0]
    for _ in range(Generation.MAX_TRIES):
        lifecycle.assign(picture, server, "base.safetensors")
        held = leases.take(picture.pk, "worker")
        assert held is not None
        lifecycle.lose(held, WORDS, worker="worker")
        picture.refresh_from_db()
    return picture


def test_after_five_tries_it_has_failed_and_keeps_the_reason(dead: Generation) -> None:
    assert dead.status == Status.FAILED
    assert dead.error == f"{WORDS} It was tried 5 times."
    assert [step.words for step in dead.transitions.filter(event="lose")] == [WORDS] * 4
    assert dead.transitions.get(event="fail").words == dead.error


def test_page_and_admin_show_the_reason_and_a_button(
    dead: Generation, as_alice: Client, admin: Client
) -> None:
    finish_the_other(dead)
    shown = as_alice.get(f"/runs/{dead.run.uid}/").content.decode()
    assert dead.error in shown and f"/runs/{dead.run.uid}/retry" in shown
    shown = admin.get(page("generation", dead)).content.decode()
    assert dead.error in shown and "Retry" in shown


def test_the_button_of_the_page_gives_it_five_new_tries(dead: Generation, as_alice: Client) -> None:
    finish_the_other(dead)
    as_alice.post(f"/runs/{dead.run.uid}/retry/")
    check_waits_anew(dead)


def test_the_button_of_the_admin_does_the_same(dead: Generation, admin: Client) -> None:
    assert "1 picture tried again." in act(admin, "generation", "retry", dead)
    check_waits_anew(dead)


def check_waits_anew(dead: Generation) -> None:
    again = Generation.objects.get(pk=dead.pk)
    assert (again.status, again.tries, again.error, again.seed) == (Status.WAITING, 0, "", dead.seed)
    assert again.transitions.get(event="fail").words == f"{WORDS} It was tried 5 times."  # what was, stays
    finish(again.run)
    assert Run.objects.get(pk=again.run_id).status == RunStatus.DONE


def finish_the_other(dead: Generation) -> None:
    other = dead.run.generations.exclude(pk=dead.pk).get()
    lifecycle.cancel([other], actor="test")
