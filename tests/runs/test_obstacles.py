"""Why a run does not move, and what to do about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from runs import lifecycle
from runs.models import Run
from runs.obstacles import held_back, waits_for
from runs.states import ServerState
from tests.conftest import begin, brief, make_server

SOON, PAST = timedelta(seconds=60), timedelta(seconds=-60)


def test_while_a_server_can_work_nothing_is_waited_for(run: Run) -> None:
    make_server()
    assert waits_for(run) == ""


def test_without_any_server_it_says_where_to_name_one(run: Run) -> None:
    assert waits_for(run).startswith("There is no GPU server. Name one in COMFYUI_URLS")


def test_a_server_that_is_switched_off_is_none(run: Run) -> None:
    make_server(enabled=False)
    assert waits_for(run).startswith("There is no GPU server.")


def test_servers_that_are_down_say_why(run: Run) -> None:
    make_server("gpu-1", state=ServerState.DOWN, reason="gpu-1 refuses access.")
    assert waits_for(run) == (
        "No GPU server is responding. gpu-1 refuses access. The run resumes by itself as soon as one does."
    )


def test_a_server_that_was_not_asked_yet_is_no_reason_to_worry(run: Run) -> None:
    make_server(state=ServerState.UNKNOWN)
    assert waits_for(run) == ""


def test_the_configured_model_that_is_missing_is_named(run: Run, settings: Settings) -> None:
    settings.COMFYUI_CHECKPOINT = "dream.safetensors"
    make_server()
    assert waits_for(run).startswith("The model “dream.safetensors” is missing on gpu-1.")


def test_a_server_without_any_model_is_told(run: Run) -> None:
    make_server(checkpoints=[])
    assert waits_for(run) == "There is no model on gpu-1. Put one into its models/checkpoints folder."


def test_a_model_that_is_missing_is_named(workspace: Workspace, alice: User) -> None:
    wanted = lifecycle.start(workspace, alice, brief(picture={"checkpoint": "dream.safetensors"}))
    make_server()
    assert waits_for(wanted) == (
        "The model “dream.safetensors” is missing on gpu-1. Add it there, or start again with another model."
    )


def test_a_real_run_does_not_count_on_the_simulator(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(simulated=False)
    run.refresh_from_db()
    make_server("Simulator", simulated=True)
    assert waits_for(run).startswith("There is no GPU server.")


def test_a_new_run_waits_for_the_real_server_that_was_added_to_test_mode(run: Run) -> None:
    make_server("Simulator", simulated=True)
    assert waits_for(run) == ""
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer.")
    assert waits_for(run).startswith("No GPU server is responding. gpu-1 does not answer.")


def test_a_run_that_was_begun_in_test_mode_goes_on_there(run: Run) -> None:
    begin(run.generations.all()[0], make_server("Simulator", simulated=True))
    run.refresh_from_db()
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer.")
    assert waits_for(run) == ""


STUCK = "It responds, but ignores the 2 prompts in its queue. Restart ComfyUI there."


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"state": ServerState.STALLED, "reason": STUCK}, f"gpu-1 is stuck. {STUCK}"),
        (
            {"missing_nodes": ["KSampler"]},
            "gpu-1 lacks the node KSampler. Update ComfyUI there.",
        ),
        (
            {"failures": 4, "paused_until": SOON},
            "gpu-1 failed 4 times in a row. It gets another try after a pause.",
        ),
    ],
)
def test_a_server_that_answers_but_takes_nothing_says_why(
    run: Run, facts: dict[str, Any], reason: str
) -> None:
    if "paused_until" in facts:
        facts = facts | {"paused_until": timezone.now() + facts["paused_until"]}
    make_server(**facts)
    assert waits_for(run) == (
        f"No GPU server can take a picture now. {reason} The run resumes by itself as soon as one can."
    )
    make_server("gpu-2")
    assert waits_for(run) == ""


def test_a_pause_that_is_over_stops_nothing(run: Run) -> None:
    make_server(failures=3, paused_until=timezone.now() + PAST)
    assert waits_for(run) == ""


def test_each_server_that_cannot_is_named(run: Run) -> None:
    make_server("gpu-1", state=ServerState.DOWN, reason="gpu-1 does not answer.")
    make_server("gpu-2", missing_nodes=["KSampler", "VAEDecode"])
    assert waits_for(run) == (
        "No GPU server can take a picture now. gpu-1 does not answer. gpu-2 lacks the nodes KSampler, VAEDecode. "
        "Update ComfyUI there. The run resumes by itself as soon as one can."
    )


def test_a_model_is_only_missing_on_servers_that_could_use_it(run: Run) -> None:
    make_server("gpu-1", state=ServerState.DOWN, reason="gpu-1 does not answer.")
    make_server("gpu-2", checkpoints=[])
    assert waits_for(run) == "There is no model on gpu-2. Put one into its models/checkpoints folder."


def test_nothing_is_held_back_without_a_limit(run: Run, settings: Settings) -> None:
    begin(run.generations.all()[0], make_server())
    assert held_back(run) == ""


def test_pictures_that_all_have_a_seat_are_not_held_back(run: Run, settings: Settings) -> None:
    settings.QUOTA_RUNNING = 2
    for generation in run.generations.all():
        begin(generation, make_server(f"gpu-{generation.pk}"))
    assert held_back(run) == ""
