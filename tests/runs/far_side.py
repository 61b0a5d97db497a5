"""Workers and GPU servers without sockets, for the life machine: what they hold in their heads, and its next write.

A worker goes on from what it remembers, right or wrong; only the rows know whether it may.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from runs import leases, lifecycle
from runs.errors import LeaseLost
from runs.models import Generation, Picture
from runs.states import Event, Status


@dataclass
class Job:
    """One picture a worker believes is its own: the row as it was when it took it, and what comes next."""

    row: Generation
    todo: list[Callable[[], None]] = field(default_factory=list)


class Worker:
    def __init__(self, gpu: "Gpu") -> None:
        self.name = f"worker-{uuid4().hex[:6]}"
        self.gpu = gpu
        self.jobs: dict[int, Job] = {}
        self.frozen = False

    def take(self, pk: int) -> bool:
        """A delivery; False when there is nothing to do for us."""
        if self.frozen or pk in self.jobs or (row := leases.take(pk, self.name)) is None:
            return False
        self.jobs[pk] = job = Job(row)
        job.todo = self._plan(job)
        return True

    def _plan(self, job: Job) -> list[Callable[[], None]]:
        row = job.row
        if row.cancel_requested:
            return [lambda: self._cancel(row)]
        compose = [lambda: self._compose(row)]
        if Status(row.status) == Status.COMPOSING:
            return compose
        paint = [lambda: self._step(row, Event.ACCEPT, Status.CLAIMED)]
        paint += [lambda: self._step(row, Event.START, Status.CLAIMED, Status.QUEUED)]
        paint += [lambda: self._store(row), *compose]
        if row.prompt_id is not None and self.gpu.knows(row.prompt_id):
            return paint
        return [lambda: self._number(row), lambda: self.gpu.send(row.prompt_id), *paint]

    def one_of_its_own(self, which: int) -> int | None:
        """One of those it works on, while it works."""
        return sorted(self.jobs)[which % len(self.jobs)] if self.jobs and not self.frozen else None

    def go_on(self, pk: int) -> None:
        """The next write of this job. One that is refused ends it here."""
        job = self.jobs[pk]
        step = job.todo.pop(0)
        self.write(pk, step)
        if not job.todo:
            self.jobs.pop(pk, None)

    def write(self, pk: int, step: Callable[[], object]) -> None:
        mine = Generation.objects.filter(pk=pk, worker_id=self.name).exists()
        try:
            step()
        except LeaseLost:
            assert not mine, "a worker was refused what is its own"
            self.jobs.pop(pk, None)

    def lose(self, pk: int, *, keep_prompt: bool, blame: bool) -> None:
        row = self.jobs[pk].row
        words = "It went wrong."
        self.write(
            pk, lambda: lifecycle.lose(row, words, worker=self.name, keep_prompt=keep_prompt, blame=blame)
        )
        self.jobs.pop(pk, None)

    def fail(self, pk: int) -> None:
        row = self.jobs[pk].row
        self.write(pk, lambda: lifecycle.advance(row, Event.FAIL, worker=self.name, error="It cannot be."))
        self.jobs.pop(pk, None)

    def beat(self) -> None:
        """Renew what is worked on, and stop what somebody wants stopped."""
        if self.frozen:
            return
        still = leases.renew(self.name, list(self.jobs))
        self.jobs = {pk: job for pk, job in self.jobs.items() if pk in still}
        for pk in leases.to_cancel(self.name):
            if pk in self.jobs:
                row = self.jobs.pop(pk).row
                self.write(pk, lambda row=row: self._cancel(row))  # type: ignore[misc]

    def leave(self) -> None:
        """SIGTERM: hand everything back."""
        for pk in self.jobs:
            leases.hand_back(pk, self.name)
        self.jobs.clear()

    def _number(self, row: Generation) -> None:
        prompt_id = uuid4()
        row.attempt = leases.note_prompt(row.pk, self.name, prompt_id)
        row.prompt_id = prompt_id

    def _step(self, row: Generation, event: Event, *at: Status) -> None:
        if Status(row.status) in at:
            row.status = lifecycle.advance(row, event, worker=self.name).status

    def _store(self, row: Generation) -> None:
        picture = Picture(workspace_id=row.workspace_id, generation=row, attempt=row.attempt, simulated=False)
        picture.key, picture.sha256 = f"{row.uid}/{row.attempt}.png", "0" * 64
        picture.width = picture.height = picture.bytes = 1
        lifecycle.rendered(row, picture, worker=self.name)

    def _compose(self, row: Generation) -> None:
        lifecycle.composed(row, [], worker=self.name)

    def _cancel(self, row: Generation) -> None:
        lifecycle.advance(row, Event.CANCEL, worker=self.name, words="Stopped")


class Gpu:
    """What all servers together know of prompts; each one that was sent is paid for."""

    def __init__(self) -> None:
        self._known: set[UUID] = set()
        self.paid = 0

    def send(self, prompt_id: UUID | None) -> None:
        assert prompt_id is not None and prompt_id not in self._known, "one prompt was sent twice"
        self._known.add(prompt_id)
        self.paid += 1

    def knows(self, prompt_id: UUID) -> bool:
        return prompt_id in self._known

    def restart_empty(self) -> None:
        self._known.clear()
