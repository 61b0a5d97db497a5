"""What the studio's own records keep from being removed."""

from typing import Any

from runs import signals
from runs.unused import keys_in
from studio.models import Brief


def connect() -> None:
    """Called once when the apps are ready."""
    signals.uploads_wanted.connect(_of_briefs, dispatch_uid="studio.keeping")


def _of_briefs(workspace: int, **_: Any) -> set[str]:
    specs = Brief.objects.filter(workspace=workspace).values_list("spec", flat=True)
    return {key for spec in specs.iterator() for key in keys_in(spec)}
