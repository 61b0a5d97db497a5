"""What a line of the log is about: the request, the run and the picture that this code is at work on."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # logs are set up before there are models
    from runs.models import Generation

request: ContextVar[str] = ContextVar("request", default="")
run: ContextVar[str] = ContextVar("run", default="")
generation: ContextVar[str] = ContextVar("generation", default="")


def about(row: "Generation") -> None:
    """From here on, in this task, all that is said is about that picture."""
    run.set(str(row.run.uid))
    generation.set(str(row.uid))


def now() -> dict[str, str]:
    """Those that are known."""
    known = {"request": request.get(), "run": run.get(), "generation": generation.get()}
    return {name: value for name, value in known.items() if value}
