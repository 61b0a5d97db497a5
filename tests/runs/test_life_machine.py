"""Everything that can happen to pictures, in any order: orders, turns, crashes, sleep, stops, faults, and time.

Time passes by moving what is due into the past. Whatever happens, the rows keep their promises, and in the end, with
one healthy worker and servers that work, nothing is left undone.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as chosen
from django.db import transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import Workspace
from runs import lifecycle, pausing
from runs.engine import scheduler
from runs.engine.scheduler import Place
from runs.models import Generation, Picture, Run, Server, Transition
from runs.states import ACTIVE, FINAL, SEATED, Event, IllegalTransition, ServerState, Status, run_status
from tests.conftest import brief, make_server
from tests.runs.far_side import Gpu, Worker

pytestmark = pytest.mark.django_db

ANY = st.integers(0, 11)  # one of those that are there
MANY = 8  # pictures; more only take time
LONG = 130  # seconds: longer than a lease, a delivery and the longest pause
ROUNDS = 60  # in which one healthy worker must have brought everything to its end


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._world = transaction.atomic()
        self._world.__enter__()
        self.gpu = Gpu()
        self.workers = [Worker(self.gpu), Worker(self.gpu)]
        self.prompts: dict[tuple[int, int], set[Any]] = {}
        self.whole = True

    @initialize()
    def begin(self) -> None:
        self.workspaces = [Workspace.objects.create(name=name) for name in ("Nordlys", "Elsewhere")]
        for name, seats in (("gpu-1", 1), ("gpu-2", 2)):
            make_server(name, seats=seats)
        self.order(2)

    # --- What people do ---

    @rule(
        what=st.sampled_from([*["order"] * 3, *["retry"] * 2, "stop", "stop all", *["pause", "go on"]]),
        which=ANY,
    )
    def people(self, what: str, which: int) -> None:
        row = _pick(Generation.objects.order_by("pk"), which)
        match what:
            case "order" if Generation.objects.count() < MANY:
                self.order(which)
            case "retry":
                lifecycle.retry_failed(row.run, actor="alice")
            case "stop":
                lifecycle.cancel([row], actor="alice")
            case "stop all":
                lifecycle.cancel_run(row.run, actor="alice")
            case "pause" if not row.run.is_final:
                pausing.pause(row.run, actor="alice")
            case "go on":
                pausing.go_on(row.run)

    def order(self, which: int) -> None:
        spec = brief(formats=["meta_feed_square"], variations=1 + which % 3)
        lifecycle.start(self.workspaces[which % 2], None, spec)

    # --- What the engine does ---

    @rule(delivered=st.sampled_from(["all", "all", "none", "one", "late"]), who=ANY, steps=st.integers(0, 8))
    def turn(self, delivered: str, who: int, steps: int) -> None:
        """Seats are given; the calls that say so arrive, or get lost, or only one does; and some work is done."""
        self._seat(scheduler.assign)
        if delivered == "late":
            self.pass_time(65)
            self._seat(scheduler.sweep)
        free = _pks(Generation.objects.filter(status__in=sorted(ACTIVE), worker_id=""))
        for n, pk in enumerate(free if delivered != "none" else []):
            if n == 0 or delivered != "one":
                self._worker(who + n).take(pk)
        self.work(who, who, steps)

    @rule(who=ANY, which=ANY, steps=st.integers(1, 8))
    def work(self, who: int, which: int, steps: int) -> None:
        for worker in (self._worker(who), self._worker(who + 1)):
            for n in range(steps):
                if (pk := worker.one_of_its_own(which + n)) is not None:
                    worker.go_on(pk)

    @rule(who=ANY, which=ANY)
    def sweep(self, who: int, which: int) -> None:
        """And a call arrives late, twice, or at the wrong worker."""
        self._seat(scheduler.sweep)
        self._worker(who).take(_pick(Generation.objects.order_by("pk"), which).pk)

    @rule(seconds=st.sampled_from([4, 16, 65, LONG]), awake=st.booleans())
    def pass_time(self, seconds: int, awake: bool = False) -> None:
        """A worker that is awake renews its leases meanwhile; one that is frozen or held up does not."""
        Generation.objects.exclude(due_at=None).update(due_at=F("due_at") - timedelta(seconds=seconds))
        for worker in self.workers if awake else []:
            worker.beat()

    # --- What goes wrong ---

    @rule(who=ANY, how=st.sampled_from(["crash", "leave", "freeze", "wake", "wake"]))
    def trouble_with_a_worker(self, who: int, how: str) -> None:
        """One that wakes goes straight on with what it had in its head."""
        worker = self._worker(who)
        if how == "leave":
            worker.leave()
        worker.frozen = how == "freeze"
        if how in ("crash", "leave"):
            self.workers[who % 2] = Worker(self.gpu)

    @rule(who=ANY, steps=st.integers(0, 8))
    def oversleep(self, who: int, steps: int) -> None:
        """Frozen for longer than its lease; the other one takes over; then it wakes and goes on."""
        sleeper, other = self._worker(who), self._worker(who + 1)
        sleeper.frozen = True
        self.pass_time(16)
        other.beat()
        self._seat(scheduler.sweep)
        for pk in _pks(Generation.objects.filter(status__in=sorted(ACTIVE), worker_id="")):
            other.take(pk)
        self.work(who, who, steps)
        sleeper.frozen = False
        self.work(who, who, 2)

    @rule(who=ANY, which=ANY, how=st.sampled_from(["lost", "kept", "away", "failed", "forgotten"]))
    def trouble_with_a_picture(self, who: int, which: int, how: str) -> None:
        worker = self._worker(who)
        if how == "forgotten":
            self.gpu.restart_empty()
        elif (pk := worker.one_of_its_own(which)) is not None:
            if how == "failed":
                worker.fail(pk)
            else:
                worker.lose(pk, keep_prompt=how != "lost", blame=how != "away")

    @rule(which=ANY, how=st.sampled_from(["down", "up", "off", "on", "bad", "good", "gone"]))
    def trouble_with_a_server(self, which: int, how: str) -> None:
        server = _pick(Server.objects.order_by("pk"), which)
        changes: dict[str, dict[str, Any]] = {
            "down": {"state": ServerState.DOWN},
            "up": {"state": ServerState.UP},
            "off": {"enabled": False},
            "on": {"enabled": True},
            "bad": {"failures": 1},
            "good": {"failures": 0},
        }
        if how in changes:
            Server.objects.filter(pk=server.pk).update(**changes[how])
        elif Server.objects.count() > 1:
            server.delete()

    # --- What always holds ---

    @invariant()
    def every_change_is_noted_once(self) -> None:
        steps: dict[int, list[Transition]] = {}
        for step in Transition.objects.order_by("pk"):
            steps.setdefault(step.generation_id, []).append(step)
        for pk, status in Generation.objects.values_list("pk", "status"):
            chain = steps[pk]
            assert (chain[0].before, chain[0].event) == ("", "create")
            assert chain[-1].after == status, "the status changed without a note"
            for one, following in pairwise(chain):
                assert one.after == following.before, "a note is missing, or there is one too many"
                assert one.after not in FINAL or following.event == Event.RETRY, "an end was taken back"

    @invariant()
    def a_run_is_what_its_pictures_are(self) -> None:
        counts: dict[int, Counter[Status]] = {}
        for run, status in Generation.objects.values_list("run", "status"):
            counts.setdefault(run, Counter())[Status(status)] += 1
        for pk, status in Run.objects.values_list("pk", "status"):
            assert status == run_status(counts[pk])

    @invariant()
    def what_waits_rests_with_its_run(self) -> None:
        waiting = Generation.objects.filter(status=Status.WAITING).select_related("run")
        assert all(row.paused == row.run.is_paused for row in waiting)
        assert not [run for run in Run.objects.exclude(paused_at=None) if run.is_final]

    @invariant()
    def what_is_done_has_its_one_picture(self) -> None:
        painted = Counter(Picture.objects.values_list("generation", "attempt"))
        assert set(painted.values()) <= {1}
        for row in Generation.objects.filter(status__in=[Status.COMPOSING, Status.DONE]):
            assert painted[row.pk, row.attempt] == 1

    @invariant()
    def nobody_holds_what_is_not_under_way(self) -> None:
        idle = Generation.objects.exclude(status__in=sorted(ACTIVE))
        assert not idle.exclude(worker_id="").exists()
        assert not Generation.objects.filter(status__in=sorted(FINAL), cancel_requested=True).exists()
        assert not Generation.objects.filter(tries__gt=Generation.MAX_TRIES).exists()

    @invariant()
    def another_prompt_is_another_attempt(self) -> None:
        for pk, attempt, prompt_id in Generation.objects.values_list("pk", "attempt", "prompt_id"):
            seen = self.prompts.setdefault((pk, attempt), set())
            seen |= {prompt_id} - {None}
            assert len(seen) <= 1

    # --- How it is held together ---

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        self.whole = False
        super().check_invariants(*args, **kwargs)
        self.whole = True

    def teardown(self) -> None:
        try:
            if self.whole:
                self.everything_ends()
        finally:
            transaction.set_rollback(True)
            self._world.__exit__(None, None, None)

    def everything_ends(self) -> None:
        Server.objects.update(state=ServerState.UP, enabled=True, failures=0)
        for run in Run.objects.all():
            pausing.go_on(run)
        healthy = Worker(self.gpu)
        for _ in range(ROUNDS):
            left = Generation.objects.exclude(status__in=sorted(FINAL))
            if not left.exists():
                break
            self.pass_time(LONG)
            self._seat(scheduler.sweep)
            for pk in left.values_list("pk", flat=True):
                while healthy.take(pk) or pk in healthy.jobs:
                    healthy.go_on(pk)
        self.every_change_is_noted_once()
        stuck = Generation.objects.exclude(status__in=sorted(FINAL)).values_list("pk", "status", "due_at")
        assert list(stuck) == [], "nobody comes to these any more"

    def _worker(self, who: int) -> Worker:
        return self.workers[who % 2]

    def _seat(self, give: Callable[[], object]) -> None:
        """Seats are given within each server's number; only a prompt that is already there needs none."""
        before = {row.pk: row for row in Generation.objects.all()}
        give()
        rows = list(Generation.objects.filter(status__in=sorted(SEATED)).select_related("server"))
        taken = Counter(row.server_id for row in rows)
        for row in rows:
            was, server = before[row.pk], row.server
            there = was.server_id == row.server_id and (was.status in SEATED or was.prompt_id is not None)
            if not there:
                assert server is not None and server.is_up and not was.paused
                assert taken[server.pk] <= (server.seats if server.is_trusted else 1)


def _pks(rows: QuerySet[Generation]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _pick(rows: Any, which: int) -> Any:
    found = list(rows)
    return found[which % len(found)]


def live(examples: int, steps: int = 40) -> None:
    """Try so many lives, always the same ones."""
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.thorough
def test_whatever_happens_the_rows_keep_their_promises() -> None:
    live(examples=6 if chosen.POSTGRES else 12)


@pytest.mark.chaos
def test_in_many_more_lives_too() -> None:
    live(examples=200)


# --- The machine itself is put to the test: without one of the rules it must fail ---
# Patching our own functions is the point here: what is shown is that nothing else does their work.


def without_the_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    fenced = lifecycle.advance

    def advance(row: Generation, event: Event, *, worker: str | None = None, **rest: Any) -> Generation:
        return fenced(row, event, **{"actor": worker or "", **rest})

    monkeypatch.setattr(lifecycle, "advance", advance)


def without_counting_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Place, "free", property(lambda place: place.server.seats))


@pytest.mark.parametrize(
    "mutilate", [pytest.param(without_the_fence, marks=pytest.mark.thorough), without_counting_seats]
)
def test_without_one_of_its_rules_the_life_goes_wrong(
    mutilate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutilate(monkeypatch)
    with pytest.raises((AssertionError, IllegalTransition)):
        live(examples=200)
