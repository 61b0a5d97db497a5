"""What the run page is told about a run: its numbers, its tiles, and why nothing moves."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from runs import leases, lifecycle, previews
from runs.models import Generation, Picture, Run, Server
from runs.states import AdState, Event, RunStatus, ServerState
from studio.models import Brief, Campaign
from studio.room import MAX_SEGMENTS, Room, brief_url
from studio.tiles import Tile
from tests.conftest import begin, brief, fail, finish, make_png, make_server, picture_of


def tiles(run: Run) -> list[Tile]:
    run.refresh_from_db()
    return [tile for look in Room(run).looks for tile in look.tiles]


def first(run: Run) -> Generation:
    return run.generations.order_by("pk")[0]


def painted(held: Generation) -> tuple[Generation, Picture]:
    server = held.server
    assert server is not None
    return held, picture_of(held, server)


def paint(generation: Generation, progress: float, version: int = 1) -> Generation:
    """On a server, this far, with a preview."""
    held = lifecycle.advance(begin(generation, make_server()), Event.START, worker="test-worker")
    leases.report(
        leases.Report.of(held, held.worker_id, progress=progress, step="3 of 20", preview_version=version)
    )
    previews.put(held.uid, make_png())
    return held


def test_a_new_run_has_all_before_it(run: Run) -> None:
    room = Room(run)
    assert (room.ads_ready, room.ads_total, room.pictures_done, room.pictures_total) == (0, 2, 0, 2)
    assert (room.final, room.can_stop, room.can_retry, room.zip_url) == (False, True, False, "")
    assert (room.elapsed, room.left, room.speed) == ("", "", "")


def test_a_finished_run_has_its_ads_and_nothing_to_stop(finished: Run) -> None:
    room = Room(finished)
    assert (room.ads_ready, room.pictures_done, room.status_words) == (2, 2, "All done")
    assert (room.final, room.can_stop, room.can_retry, room.stop_url) == (True, False, False, "")
    assert room.zip_url.endswith("/ads.zip")
    assert [(look.done, look.total, look.ads_done, look.ads_total) for look in room.looks] == [(2, 2, 2, 2)]


def test_a_retry_does_not_show_the_earlier_picture(run: Run) -> None:
    held = lifecycle.rendered(*painted(begin(first(run), make_server())), worker="test-worker")
    lifecycle.advance(held, Event.FAIL, worker="test-worker", words="Out of memory.")
    assert tiles(run)[0].picture_url
    lifecycle.retry([held], actor="alice")
    assert tiles(run)[0].picture_url == ""


def test_each_look_counts_its_own(workspace: Workspace, alice: User) -> None:
    looks = [{"name": "Warm"}, {"name": "Cold"}]
    run = lifecycle.start(workspace, alice, brief(looks=looks, formats=["meta_story"]))
    held = begin(first(run), make_server())
    lifecycle.advance(held, Event.FAIL, words="Out of memory.", error="Out of memory.")
    run.refresh_from_db()
    room = Room(run)
    assert [(look.name, look.total, look.ads_total) for look in room.looks] == [
        ("Warm", 1, 1),
        ("Cold", 1, 1),
    ]
    assert (room.failed_count, room.can_retry, room.can_stop) == (1, True, True)


def test_time_left_is_told_after_the_first_finished_picture_only(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(seconds=60))
    paint(first(run), 0.5)
    run.refresh_from_db()
    assert (Room(run).left, Room(run).elapsed) == ("", "1:00")
    Generation.objects.filter(pk=first(run).pk).update(status="done", progress=1.0)
    assert (Room(run).left, Room(run).speed) == ("≈ 1:00", "1.0 pictures / min")


@pytest.mark.parametrize(("progress", "percent"), [(0.0, 0), (0.54, 54), (0.99, 99), (1.0, 99)])
def test_progress_is_never_whole_before_the_ads_are_there(run: Run, progress: float, percent: int) -> None:
    paint(first(run), progress)
    tile = tiles(run)[0]
    assert (tile.state, tile.percent, tile.step, tile.server) == ("rendering", percent, "3 of 20", "gpu-1")


def test_a_picture_that_has_a_seat_is_next(run: Run) -> None:
    begin(first(run), make_server())
    assert [(tile.state, tile.server) for tile in tiles(run)] == [("next", "gpu-1"), ("waiting", "")]


def test_places_count_what_waits_before_in_other_runs(run: Run, workspace: Workspace, alice: User) -> None:
    later = lifecycle.start(workspace, alice, brief())
    assert [tile.place for tile in tiles(run) + tiles(later)] == [1, 2, 3, 4]
    begin(first(run), make_server())
    assert [tile.place for tile in tiles(run) + tiles(later)] == [0, 1, 2, 3]


def test_a_preview_is_shown_in_its_latest_version_while_there_is_one(run: Run) -> None:
    held = paint(first(run), 0.5, version=7)
    assert tiles(run)[0].preview_url == f"/preview/{held.uid}?v=7"


def test_a_preview_that_was_lost_with_its_cache_is_not_asked_for(run: Run) -> None:
    """A studio that starts again still knows its number."""
    held = paint(first(run), 0.5, version=7)
    previews.cache.delete(f"preview:{held.uid}")
    assert tiles(run)[0].preview_url == ""


def test_what_is_being_stopped_is_not_stopped_twice(run: Run) -> None:
    held = paint(first(run), 0.5)
    assert tiles(run)[0].stop_url == f"/pictures/{held.uid}/stop/"
    lifecycle.cancel([held], actor="alice")
    assert tiles(run)[0].stop_url == ""


def test_a_failed_picture_says_why_and_may_be_tried_again(run: Run) -> None:
    fail(run, "gpu-1 has no such model.")
    tile = tiles(run)[0]
    assert (tile.state, tile.error_words) == ("failed", "gpu-1 has no such model.")
    assert tile.next_step and tile.retry_url and not tile.stop_url


def test_an_ad_that_does_not_fit_counts_as_such_and_says_why(finished: Run) -> None:
    unfit = finished.creatives.order_by("pk")[:1]
    finished.creatives.filter(pk__in=list(unfit.values_list("pk", flat=True))).update(
        state=AdState.DOES_NOT_FIT, words="4 characters too long", key=""
    )
    room = Room(finished)
    assert (room.ads_not_fitting, room.ads_ready) == (1, 1)
    card = room.looks[0].tiles[0].ads[0]
    assert (card.words, card.thumb_url, card.download_url) == ("4 characters too long", "", "")


def test_the_bar_has_one_piece_a_picture_with_the_finished_first(run: Run) -> None:
    paint(run.generations.order_by("pk")[1], 0.5)
    assert Room(run).segments == ("r", "")
    Generation.objects.filter(pk=first(run).pk).update(status="failed")
    assert Room(run).segments == ("r", "f")


def test_the_bar_of_a_large_run_stays_short(workspace: Workspace, alice: User) -> None:
    looks = [{"name": f"Look {n}"} for n in range(20)]
    run = lifecycle.start(workspace, alice, brief(looks=looks, variations=4))
    Generation.objects.filter(run=run, variation=0).update(status="done")
    segments = Room(run).segments
    assert (run.pictures_total, len(segments)) == (160, MAX_SEGMENTS)
    assert segments.count("d") == 30  # a quarter


def test_the_servers_say_what_they_do(run: Run) -> None:
    paint(first(run), 0.3)
    make_server("gpu-2", state=ServerState.DOWN, reason="gpu-2 does not answer.")
    make_server("gpu-3")
    make_server("gpu-4", enabled=False)
    run.refresh_from_db()
    lines = [(line.name, line.words, line.percent) for line in Room(run).servers]
    assert lines == [
        ("gpu-1", "Studio, Meta feed square 1:1", 30),
        ("gpu-2", "gpu-2 does not answer.", None),
        ("gpu-3", "Free", None),
    ]


def test_each_state_of_a_server_has_its_words(run: Run) -> None:
    soon = timezone.now() + timedelta(seconds=60)
    stuck = "It responds, but ignores the 2 prompts in its queue. Restart ComfyUI there."
    make_server("a", others=3)
    make_server("b", state=ServerState.SLOW, reason="It takes 40 s per picture; the others take 8 s.")
    make_server("c", state=ServerState.STALLED, reason=stuck)
    make_server("d", failures=3, paused_until=soon)
    make_server("e", missing_nodes=["KSampler", "VAEDecode"])
    make_server("f", state=ServerState.UNKNOWN)
    assert {line.name: (line.words, line.icon) for line in Room(run).servers} == {
        "a": ("Busy with 3 other jobs", "server"),
        "b": ("Free. It takes 40 s per picture; the others take 8 s.", "hourglass"),
        "c": (stuck, "triangle-alert"),
        "d": ("d failed 3 times in a row. It gets another try after a pause.", "pause"),
        "e": ("e lacks the nodes KSampler, VAEDecode. Update ComfyUI there.", "triangle-alert"),
        "f": ("Not checked yet", "server"),
    }


def test_a_server_that_paints_for_others_of_the_studio_is_not_free(run: Run, alice: User) -> None:
    other = lifecycle.start(run.workspace, alice, brief())
    begin(first(other), make_server())
    run.refresh_from_db()
    assert [line.words for line in Room(run).servers] == ["Busy with other pictures"]


def test_a_server_that_was_switched_off_finishes_what_it_has(run: Run) -> None:
    paint(first(run), 0.3)
    make_server("gpu-2")
    Server.objects.filter(name="gpu-1").update(enabled=False)
    run.refresh_from_db()
    line = Room(run).servers[0]
    assert line.words == "Switched off; finishing its current work. Studio, Meta feed square 1:1"
    assert (line.name, line.percent) == ("gpu-1", 30)


def test_who_may_use_no_more_servers_is_told_so(run: Run, settings: Settings) -> None:
    settings.QUOTA_RUNNING = 1
    begin(first(run), make_server())
    run.refresh_from_db()
    banner = Room(run).banner
    assert banner is not None and banner.kind == "info"
    assert banner.words == (
        "Your workspace already has 1 picture on the servers, its limit. The others will follow."
    )
    settings.QUOTA_RUNNING = 2
    assert Room(run).banner is None


def test_a_run_that_no_server_can_take_says_why(run: Run) -> None:
    assert "no GPU server" in Room(run).banner.words  # type: ignore[union-attr]
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer. Start it.")
    assert "gpu-1 does not answer. Start it." in Room(run).banner.words  # type: ignore[union-attr]
    make_server("gpu-2")
    assert Room(run).banner is None


def test_the_activity_tells_steps_in_words_the_newest_first(run: Run) -> None:
    finish(run)
    words = [note.words for note in Room(run).activity]
    assert words[0] == "Studio, Meta story 9:16: ads ready"
    assert len(words) == 2  # that a seat was found is no news


def test_a_run_knows_its_brief_while_that_is_there(run: Run, alice: User) -> None:
    campaign = Campaign.objects.create(workspace=run.workspace, name="Summer")
    row = Brief.objects.create(workspace=run.workspace, campaign=campaign, name="One", spec=run.spec)
    assert brief_url(run) == ""
    run.origin = row.uid
    assert brief_url(run) == row.get_absolute_url()
    row.delete()
    assert brief_url(run) == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RunStatus.WAITING, "Waiting for a GPU server"),
        (RunStatus.RUNNING, "In progress"),
        (RunStatus.PARTIAL, "Partly done"),
        (RunStatus.FAILED, "Failed"),
        (RunStatus.CANCELLED, "Stopped"),
    ],
)
def test_every_state_of_a_run_has_its_words(run: Run, status: RunStatus, words: str) -> None:
    run.status = status
    assert Room(run).status_words == words
