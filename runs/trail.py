"""Writes down every step of a generation's life. Only lifecycle calls this, in the transaction of the step itself."""

from collections.abc import Iterable

from runs.models import Generation, Transition


def note(rows: Iterable[Generation], *, before: str, event: str, actor: str = "", words: str = "") -> None:
    Transition.objects.bulk_create(
        [
            Transition(
                generation_id=row.pk,
                run_id=row.run_id,
                before=before,
                after=row.status,
                event=event,
                attempt=row.attempt,
                server=row.server.name if row.server else "",
                actor=actor,
                words=words,
            )
            for row in rows
        ],
        batch_size=500,
    )
