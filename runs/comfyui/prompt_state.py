"""Where a prompt is on a server: one frozen type a state, as `Comfy.find` answers."""

from dataclasses import dataclass

from runs.comfyui.events import ExecutionFailed
from runs.comfyui.protocol import HistoryEntry, ImageRef, Job, JobStatus, images_of


@dataclass(frozen=True, slots=True)
class Absent:
    """The server does not know it: never arrived, deleted, or forgotten in a restart (fact 49)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """It waits behind so many others, the running one included."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Running:
    """It is being executed."""


@dataclass(frozen=True, slots=True)
class Completed:
    """It has ended well. Outputs as (node id, picture); times in epoch milliseconds, by the server's clock.

    The files may be gone all the same, when they come out of the server's cache (fact 17).
    """

    outputs: tuple[tuple[str, ImageRef], ...]
    started_ms: int | None = None
    ended_ms: int | None = None

    def images(self, node: str) -> tuple[ImageRef, ...]:
        """The pictures of one node: other nodes may have outputs too (D7)."""
        return tuple(ref for owner, ref in self.outputs if owner == node)


@dataclass(frozen=True, slots=True)
class Errored:
    """A node has failed; outputs of branches that had ended are not taken (fact 26)."""

    failure: ExecutionFailed


@dataclass(frozen=True, slots=True)
class WasInterrupted:
    """Somebody stopped it, we or another."""


type PromptState = Absent | Waiting | Running | Completed | Errored | WasInterrupted


def of_history(entry: HistoryEntry) -> Completed | Errored | WasInterrupted:
    """The state of a prompt that has a history entry; raises UnsafeName for an output we must not fetch."""
    if entry.completed:
        return Completed(images_of(entry.outputs), entry.started_ms, entry.ended_ms)
    if entry.interrupted:
        return WasInterrupted()
    return Errored(entry.failure or _unexplained(entry.prompt_id))


def of_job(job: Job) -> PromptState:
    """The state of a job; `Waiting` counts nobody, for a job does not know its place. Raises UnsafeName."""
    match job.status:
        case JobStatus.PENDING:
            return Waiting(0)
        case JobStatus.IN_PROGRESS:
            return Running()
        case JobStatus.COMPLETED:
            return Completed(images_of(job.outputs or {}), job.started_ms, job.ended_ms)
        case JobStatus.FAILED:
            return Errored(job.error or _unexplained(job.id))
        case JobStatus.CANCELLED:
            return WasInterrupted()


def _unexplained(prompt_id: str) -> ExecutionFailed:
    return ExecutionFailed(prompt_id, "", "", "The server gave no reason.", "")
