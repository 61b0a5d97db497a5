"""Makes the revisions that wait, a few at a time, in the pool where all pixels are worked on; one loop a process."""

import asyncio
import logging

from django.db import DatabaseError
from pydantic import ValidationError

from runs import recompose
from runs.engine import tasks
from runs.engine.database import rows
from runs.engine.pool import pixels
from runs.engine.typesetting import make_again
from runs.formats import UnknownFormat
from runs.models import Creative
from runs.states import AdState

log = logging.getLogger(__name__)

BATCH = 4  # few enough that a second worker finds something to do


class Recomposer:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._stopping = False

    def wake(self) -> None:
        """There is something to make; returns at once."""
        self._again = True
        if not self._stopping and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work(), name="revisions")

    async def stop(self) -> None:
        """Finish the ads under way, hand back the others."""
        self._stopping = True
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._again and not self._stopping:
                self._again = False
                while ads := await rows(recompose.take, BATCH):
                    if len(ads) == BATCH:
                        await rows(tasks.recompose.enqueue)  # more than this process takes at once
                    await asyncio.gather(*(self._make(ad) for ad in ads))
                    if self._stopping:
                        return
        except DatabaseError as fault:
            log.warning("Revisions are left to the next sweep: %s", fault)

    async def _make(self, ad: Creative) -> None:
        try:
            await pixels(_made, ad)
        except Exception:
            # Its lease ends, and the next one tries. The reason must be seen.
            log.exception("Revision %s of %s failed", ad.revision, ad)
            return
        await rows(recompose.settle, ad)


def _made(ad: Creative) -> None:
    try:
        make_again(ad)
    except FileNotFoundError as gone:
        log.error("A file of %s is gone: %s", ad, gone)
        ad.state = AdState.FAILED
        ad.words = "A file it needs is gone from storage: its picture, the product or the brand's logo."
    except (UnknownFormat, ValidationError) as fault:
        # The fault quotes what the brief says.
        log.error("%s of run %s cannot be made any more: %s", ad, ad.run_id, type(fault).__name__)
        ad.state, ad.words = AdState.FAILED, f"It can no longer be made: {fault}"
