"""What the run page's sockets are sent: what looks different from before, and to whom."""

import pytest

from accounts.models import User
from runs import lifecycle, recompose
from runs.brief import CopySpec
from runs.models import Generation, Run, Server
from runs.recompose import Change
from runs.states import Event, ServerState, Status
from studio import frames as frames_module
from studio.frames import Frames, Gone, Stage
from studio.room import Room
from tests.conftest import begin, fail, finish, finish_one, make_server
from tests.runs.test_recompose import settled

EDITORS, VIEWERS = True, False


def tiles(run: Run, frame: str) -> list[bool]:
    return [f'id="g-{generation.uid}"' in frame for generation in run.generations.order_by("pk")]


def moved(run: Run, frame: str) -> list[bool]:
    return [f'id="s-{generation.uid}" hx-swap-oob' in frame for generation in run.generations.order_by("pk")]


def still(run: Run, frame: str) -> bool:
    """Whether no tile is sent; the head counts the seconds."""
    return not any(tiles(run, frame) + moved(run, frame))


def look(stage: Stage, *audiences: bool, newcomers: frozenset[bool] = frozenset()) -> Frames:
    frames = stage.look(set(audiences or (EDITORS,)), newcomers, told=True)
    assert frames is not None
    return frames


@pytest.fixture
def stage(run: Run) -> Stage:
    """Editors have already seen the run as it is."""
    stage = Stage(run.uid)
    assert tiles(run, look(stage).whole[EDITORS]) == [True, True]
    return stage


def test_a_change_sends_the_tiles_that_look_different(run: Run, stage: Stage) -> None:
    first, second = run.generations.order_by("pk")
    lifecycle.cancel([second], actor="alice")
    assert tiles(run, look(stage).news[EDITORS]) == [False, True]
    lifecycle.cancel([first], actor="alice")
    assert tiles(run, look(stage).news[EDITORS]) == [True, False]


def test_a_change_of_the_whole_run_sends_every_tile_though_none_is_named(run: Run, stage: Stage) -> None:
    lifecycle.cancel_run(run, actor="alice")
    frames = look(stage)
    assert tiles(run, frames.news[EDITORS]) == [True, True]
    assert frames.final


def test_nothing_is_sent_where_nothing_looks_different(run: Run, stage: Stage) -> None:
    assert look(stage).news == {EDITORS: ""}


def test_a_step_moves_the_places_of_those_that_wait(run: Run, stage: Stage) -> None:
    first, _ = run.generations.order_by("pk")
    lifecycle.advance(begin(first, make_server()), Event.START)
    news = look(stage).news[EDITORS]
    assert tiles(run, news) == [True, True]
    assert "1 in queue" in news


def test_progress_sends_no_heading_that_stays_as_it_is(run: Run, stage: Stage) -> None:
    first, _ = run.generations.order_by("pk")
    Generation.objects.filter(pk=first.pk).update(progress=0.5)
    news = look(stage).news[EDITORS]
    assert tiles(run, news) == [True, False]
    assert 'id="look-0"' not in news and 'id="run-activity"' not in news


def test_a_step_of_life_goes_out_by_itself_and_the_rest_of_the_page_follows(run: Run, stage: Stage) -> None:
    first, second = run.generations.order_by("pk")
    lifecycle.advance(begin(first, make_server()), Event.START)
    look(stage)
    Generation.objects.filter(pk=first.pk).update(progress=0.5)
    lifecycle.cancel([second], actor="alice")
    alone = stage.steps({EDITORS}, {str(first.uid), str(second.uid)})[EDITORS]
    assert (tiles(run, alone), "run-head" in alone) == ([False, True], False)
    assert 'class="tile cancelled' in alone
    news = look(stage).news[EDITORS]
    assert (tiles(run, news), moved(run, news)) == ([False, False], [True, False])
    assert 'id="run-head"' in news
    assert still(run, look(stage).news[EDITORS])


def test_a_heading_follows_the_tile_that_was_sent_by_itself(run: Run, stage: Stage) -> None:
    finish(run)
    done = {str(generation.uid) for generation in run.generations.all()}
    assert tiles(run, stage.steps({EDITORS}, done)[EDITORS]) == [True, True]
    news = look(stage).news[EDITORS]
    assert (tiles(run, news), 'id="look-0"' in news) == ([False, False], True)


def test_a_step_is_shown_with_the_buttons_of_who_looks_on(run: Run, stage: Stage) -> None:
    look(stage, EDITORS, VIEWERS)
    fail(run)
    failed = {str(generation.uid) for generation in run.generations.all()}
    steps = stage.steps({EDITORS, VIEWERS}, failed)
    assert ("/retry/" in steps[EDITORS], "/retry/" in steps[VIEWERS]) == (True, False)


def test_a_look_that_began_before_a_step_does_not_take_it_back(
    run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run.generations.order_by("pk")[0]
    steps = []

    def read_first(run: Run) -> Room:
        room = Room(run)
        lifecycle.cancel([first], actor="alice")
        steps.append(stage.steps({EDITORS}, {str(first.uid)})[EDITORS])
        return room

    # From outside nobody meets the moment between reading and rendering.
    monkeypatch.setattr(frames_module, "Room", read_first)
    assert tiles(run, look(stage).news[EDITORS])[0] is False
    assert tiles(run, steps[0]) == [True, False]
    monkeypatch.setattr(frames_module, "Room", Room)
    look(stage)  # the other one's place in the queue
    assert still(run, look(stage).news[EDITORS])


def test_what_is_forgotten_is_shown_again_with_its_next_step(run: Run, stage: Stage) -> None:
    uids = {str(generation.uid) for generation in run.generations.all()}
    assert tiles(run, stage.steps({EDITORS}, uids)[EDITORS]) == [False, False]
    stage.forget(uids)
    assert tiles(run, stage.steps({EDITORS}, uids)[EDITORS]) == [True, True]


def test_who_has_seen_nothing_yet_is_sent_no_step(run: Run) -> None:
    uids = {str(generation.uid) for generation in run.generations.all()}
    assert Stage(run.uid).steps({EDITORS}, uids) == {}


def test_progress_moves_in_its_tile_and_leaves_the_tile(run: Run, stage: Stage) -> None:
    lifecycle.advance(begin(run.generations.order_by("pk")[0], make_server()), Event.START)
    look(stage)
    Generation.objects.filter(run=run, status=Status.RENDERING).update(progress=0.5, step="step 4 of 8")
    news = look(stage).news[EDITORS]
    assert (tiles(run, news), moved(run, news)) == ([False, False], [True, False])
    assert 'value="50"' in news and "step 4 of 8" in news
    assert still(run, look(stage).news[EDITORS])


def test_each_audience_sees_its_own(run: Run, stage: Stage) -> None:
    frames = look(stage, EDITORS, VIEWERS)
    assert frames.whole.keys() == {VIEWERS}
    assert tiles(run, frames.whole[VIEWERS]) == [True, True]
    assert "/stop/" not in frames.whole[VIEWERS]
    lifecycle.cancel(run.generations.all()[:1], actor="alice")
    news = look(stage, EDITORS, VIEWERS).news
    assert ("/stop/" in news[EDITORS], "/stop/" in news[VIEWERS]) == (True, False)


def test_whoever_comes_late_gets_the_whole_and_the_others_the_news(run: Run, stage: Stage) -> None:
    lifecycle.cancel(run.generations.order_by("-pk")[:1], actor="alice")
    frames = look(stage, EDITORS, newcomers=frozenset({EDITORS}))
    assert tiles(run, frames.news[EDITORS]) == [False, True]
    assert tiles(run, frames.whole[EDITORS]) == [True, True]
    assert look(stage).news == {EDITORS: ""}


def test_an_ad_that_is_changed_while_the_run_goes_on_changes_its_tile(run: Run, stage: Stage) -> None:
    finish_one(run.generations.order_by("pk")[0], make_server())
    look(stage)
    [new] = recompose.order(run.creatives.all(), Change(copy=CopySpec(headline="Now")), actor="alice")
    assert tiles(run, look(stage).news[EDITORS]) == [True, False]
    assert tiles(run, look(stage).news[EDITORS]) == [False, False]
    settled(new)
    frames = stage.look({EDITORS}, set(), told=False)
    assert frames is not None and tiles(run, frames.news[EDITORS]) == [True, False]


def test_an_ad_in_another_language_appears_while_the_run_goes_on(run: Run, stage: Stage) -> None:
    finish_one(run.generations.order_by("pk")[0], make_server())
    look(stage)
    [new] = recompose.order(run.creatives.all(), Change(language="de"), actor="alice")
    assert str(new.uid) in look(stage).news[EDITORS]


def test_a_finished_tile_is_sent_once(run: Run, stage: Stage) -> None:
    finish(run)
    uids = {str(generation.uid) for generation in run.generations.all()}
    assert tiles(run, stage.steps({EDITORS}, uids)[EDITORS]) == [True, True]
    assert tiles(run, look(stage).news[EDITORS]) == [False, False]


def test_a_server_that_goes_down_is_told_though_somebody_just_came(run: Run, stage: Stage) -> None:
    make_server()
    look(stage, newcomers=frozenset({EDITORS}))
    Server.objects.update(state=ServerState.DOWN, reason="It does not answer.")
    frames = look(stage, newcomers=frozenset({EDITORS}))
    assert "It does not answer." in frames.whole[EDITORS]
    assert "It does not answer." in frames.news[EDITORS]


def test_the_list_of_servers_follows_within_its_pause(
    run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames_module, "SERVERS", 0.0)
    look(stage, newcomers=frozenset({EDITORS}))
    make_server("gpu-7")
    assert "gpu-7" in look(stage).news[EDITORS]


def test_a_look_that_nobody_asked_for_renders_only_what_changed(run: Run, stage: Stage) -> None:
    stage.look({EDITORS}, set(), told=False)
    assert stage.look({EDITORS}, set(), told=False) is None
    server = make_server()
    assert stage.look({EDITORS}, set(), told=False) is not None
    assert stage.look({EDITORS}, set(), told=False) is None
    lifecycle.assign(run.generations.all()[0], server, "base.safetensors")
    assert stage.look({EDITORS}, set(), told=False) is not None


def test_a_deleted_run_is_gone(run: Run, stage: Stage, alice: User) -> None:
    run.transitions.all().delete()
    run.delete()
    with pytest.raises(Gone):
        look(stage)
