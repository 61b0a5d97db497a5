"""Metrics: for who has the token, from rows of a run that really happened, and with a bounded number of questions."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User, Workspace
from runs import faults, lifecycle, vitals, worker_loops
from runs.comfyui import errors as comfy_errors
from runs.comfyui.errors import ComfyError
from runs.comfyui.translation import _SENTENCES
from runs.models import Generation, Run, Server, Transition
from runs.states import ServerState
from runs.vitals import Step, judge
from tests.conftest import begin, brief, fail, finish, make_server

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def token(settings: Any) -> str:
    cache.delete("usage")  # it is kept for ten minutes
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def scrape() -> dict[str, dict[tuple[str, ...], float]]:
    """Every metric, by the values of its labels."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


# --- Who may read them ---------------------------------------------------------------------------------------


def test_without_a_token_set_there_is_no_such_page(db: None) -> None:
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Bearer töken"])
def test_a_wrong_token_is_refused_before_a_row_is_read(token: str, given: str) -> None:
    answer = Client().get("/metrics", headers={"Authorization": given})  # no database is allowed in this test
    assert answer.status_code == 401
    assert "METRICS_TOKEN" in answer.content.decode()


def test_metrics_are_only_read(token: str) -> None:
    assert Client().post("/metrics").status_code == 405


# --- What they tell ------------------------------------------------------------------------------------------


def test_an_empty_studio_has_metrics_too(token: str, db: None) -> None:
    told = scrape()
    assert told["adgen_queue_pictures"][()] == told["adgen_queue_oldest_seconds"][()] == 0
    assert told["adgen_servers_working"][()] == 0
    assert told["adgen_disk_free_bytes"][()] > 0


def test_what_waits_is_counted_and_its_age_told(token: str, run: Run) -> None:
    ordered = timezone.now() - timedelta(minutes=5)
    Transition.objects.update(at=ordered)
    told = scrape()
    assert told["adgen_queue_pictures"][()] == 2
    assert 299 < told["adgen_queue_oldest_seconds"][()] < 330


def test_a_picture_that_was_tried_again_waits_since_then(run: Run) -> None:
    fail(run)
    Transition.objects.update(at=timezone.now() - timedelta(days=2))
    lifecycle.retry_failed(run, actor="alice")
    assert vitals.queue().waiting == 2
    assert vitals.queue().oldest < 60


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's planner tells it in other words")
def test_what_is_under_way_is_found_by_its_index_however_much_is_finished(db: None) -> None:
    assert "generations_active" in vitals.under_way().explain()


def test_paused_runs_do_not_wait(run: Run) -> None:
    Generation.objects.update(paused=True)
    assert vitals.queue().waiting == 0


def test_a_finished_run_is_told_with_its_waits_and_files(token: str, finished: Run) -> None:
    told = scrape()
    assert told["adgen_recent_done"][()] == 2
    assert told["adgen_recent_error_share"][()] == 0
    assert set(told["adgen_recent_wait_seconds"]) == {("0.5",), ("0.95",)}
    assert told["adgen_storage_bytes"]["ads",] > 0


def test_failures_are_counted_by_kind(token: str, run: Run) -> None:
    fail(run, "http://gpu-1:8188 has no model “x.safetensors”. Choose another.")
    told = scrape()
    assert told["adgen_recent_failures"]["model missing",] == 2
    assert told["adgen_recent_failures"]["other",] == 0
    assert told["adgen_recent_error_share"][()] == 1


def test_a_silent_worker_is_a_lost_lease(token: str, run: Run) -> None:
    held = begin(run.generations.all()[0], make_server())
    lifecycle.lose(held, "Its worker went silent.")
    assert scrape()["adgen_recent_lease_losses"][()] == 1


def test_servers_are_told_by_name_with_their_seats(token: str, run: Run) -> None:
    begin(run.generations.all()[0], make_server("gpu-1"))
    make_server("gpu-2", state=ServerState.DOWN)
    told = scrape()
    assert told["adgen_server_up"] == {("gpu-1",): 1, ("gpu-2",): 0}
    assert told["adgen_server_seats_taken"] == {("gpu-1",): 1, ("gpu-2",): 0}
    assert told["adgen_servers_working"][()] == 1


def test_a_scrape_asks_as_much_after_four_runs_as_after_one(
    token: str, finished: Run, workspace: Workspace, alice: User
) -> None:
    scrape()  # the files are added up once in ten minutes
    with CaptureQueriesContext(connection) as few:
        scrape()
    for _ in range(3):
        finish(lifecycle.start(workspace, alice, brief()))
    with CaptureQueriesContext(connection) as many:
        scrape()
    assert len(many) == len(few) <= 9


def test_no_label_holds_words_of_a_run(token: str, finished: Run) -> None:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    for secret in (finished.name, str(finished.uid), finished.workspace.name, "alice"):
        assert secret not in answer.content.decode()


# --- Judged from steps ---------------------------------------------------------------------------------------

NOW = timezone.now()


def at(seconds: float, event: str, generation: int = 1, server: str = "gpu-1", words: str = "") -> Step:
    return Step(generation, 1, event, server, words, NOW + timedelta(seconds=seconds - 100))


def lately(*steps: Step) -> vitals.Lately:
    return judge(steps, NOW - timedelta(seconds=100), NOW, {})


def test_waiting_pick_up_and_painting_are_timed_apart() -> None:
    seen = lately(at(0, "create"), at(10, "assign"), at(11, "accept"), at(15, "start"), at(40, "rendered"))
    assert (seen.waits, seen.pick_ups, seen.painting) == ([10.0], [1.0], {("gpu-1", 1): [25.0]})


def test_a_server_that_paints_half_of_the_time_is_half_busy() -> None:
    seen = lately(at(0, "start"), at(30, "rendered"), at(80, "start", 2))
    assert seen.busy_share("gpu-1") == pytest.approx(0.5)


def test_a_lost_try_made_the_server_busy_and_is_no_time_of_a_picture() -> None:
    seen = lately(at(0, "start"), at(30, "lose", words="Its worker went silent."))
    assert (seen.busy["gpu-1"], dict(seen.painting), seen.silent) == (30.0, {}, 1)


def test_what_came_to_the_queue_long_ago_waits_since_its_order(run: Run) -> None:
    Generation.objects.update(created_at=timezone.now() - timedelta(hours=1))
    Transition.objects.update(at=timezone.now() - timedelta(hours=1))
    begin(run.generations.all()[0], make_server())
    assert vitals.lately().waits == [pytest.approx(3600, abs=30)]


# --- Kinds of faults -----------------------------------------------------------------------------------------


def _classes(base: type[ComfyError]) -> list[type[ComfyError]]:
    return [base, *(found for sub in base.__subclasses__() for found in _classes(sub))]


@pytest.mark.parametrize(
    "words",
    [
        *(
            str(c.__doc__)
            for c in _classes(ComfyError)[1:]
            if c.__module__ == comfy_errors.__name__ and c.__doc__
        ),
        *(words.format(url="http://gpu-1:8188") for words in _SENTENCES.values()),
    ],
)
def test_every_sentence_of_the_client_has_a_kind(words: str) -> None:
    unusual = ("larger than the server accepts", "file that could lie outside")
    assert faults.kind_of(words) != faults.OTHER or any(part in words for part in unusual)


def test_what_a_server_says_itself_does_not_change_the_kind() -> None:
    assert faults.kind_of("KSampler failed on gpu-1: CUDA out of memory") == "node failed"
    assert faults.kind_of("Something new.") == faults.OTHER


def test_servers_that_are_switched_off_are_not_told(token: str, db: None) -> None:
    make_server(enabled=False)
    assert "adgen_server_up" not in scrape()
    assert Server.objects.count() == 1


def test_workers_tell_how_late_their_loops_are(token: str, db: None) -> None:
    cache.delete("worker-loops")
    worker_loops.tell("gpu-box-1", 0.25)
    told = scrape()
    assert told["adgen_workers"][()] == 1
    assert told["adgen_worker_loop_lag_seconds"][("gpu-box-1",)] == 0.25
