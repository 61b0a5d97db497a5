"""Brings the news of a run to all who look on in this process: heard, read and rendered once, however many they are.

What is told through the channel layer is a hint. Where nothing is heard for some seconds, the feed looks at the rows
itself: pages stay right when messages are lost, when Redis is away, and for changes that nobody tells of.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import Error as DatabaseError

from accounts.access import Deed, deeds_of
from accounts.standing import Ticket, still_good
from runs import gauges, live
from runs.engine.database import with_connection
from studio.frames import Audience, Gone, Stage

log = logging.getLogger(__name__)

GATHER = 0.005  # seconds: a step of life comes with several announcements
FRAME = 0.25  # seconds: progress within this time goes out as one frame, and what follows from steps of life
LOOK = 5.0  # seconds without news before the feed looks itself
DEAF_LOOK = 2.0  # the same while it knows that it cannot hear
MEMBERS = 25.0  # seconds between two looks at who may still be here
# Why a socket is closed; at the first the page comes again.
AGAIN, ENDED, PUT_OUT, NOT_YOURS = 1013, 4000, 4401, 4404

# Not the thread in which the engine of the studio in one process works: rendering must not hold it up.
_threads = ThreadPoolExecutor(2, thread_name_prefix="pages")


async def aside[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Read rows, and render what they say, beside the event loop."""
    call = partial(with_connection, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads, call)


class Looker(Protocol):
    """One socket, as the feed sees it."""

    ticket: Ticket

    def show(self, frame: str) -> None:
        """Send this when the browser is ready; never waits."""

    def dismiss(self, code: int) -> None:
        """Close, after what was shown before."""


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, "Feed"]] = WeakKeyDictionary()


def join(uid: UUID, workspace: int, looker: Looker, audience: Audience) -> "Feed":
    """Look on at that run: the whole of it comes first, then what changes."""
    feeds = _feeds.setdefault(asyncio.get_running_loop(), {})
    feed = feeds.get(uid)
    if feed is None or feed.ended:
        feed = feeds[uid] = Feed(uid, workspace, Stage(uid))
        feed.begin()
    feed.join(looker, audience)
    return feed


class Feed:
    """One run, and all who look on at it here. Lives until the run has ended or the last of them has left."""

    def __init__(self, uid: UUID, workspace: int, stage: Stage) -> None:
        self.uid = uid
        self.ended = False
        self._workspace = workspace
        self._stage = stage
        self._lookers: dict[Looker, Audience] = {}
        self._newcomers: set[Looker] = set()
        self._looking: asyncio.Task[bool] | None = None
        self._deaf = True
        self._told = False
        self._stepped: set[str] = set()
        self._overtaken: set[str] = set()  # pictures whose steps went out during the look that is under way
        self._looked_at = -math.inf
        self._look_due = self._steps_due = self._members_due = math.inf
        self._took = 0.0
        self._news_of = math.inf  # the clock's time of the oldest step that nobody was shown yet
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._members_due = _now() + MEMBERS
        self._task = asyncio.get_running_loop().create_task(self._keep(), name=f"feed of {self.uid}")

    def join(self, looker: Looker, audience: Audience) -> None:
        self._lookers[looker] = audience
        self._newcomers.add(looker)
        self._look_at(_now())

    def leave(self, looker: Looker) -> None:
        self._lookers.pop(looker, None)
        self._newcomers.discard(looker)
        self._woken.set()

    def hear(self, *, urgent: bool, picture: str | None = None, at: float = math.inf) -> None:
        """Something changed. A step of a picture's life is shown at once, what follows from it a few times a second."""
        self._told = True
        if urgent and picture:
            self._news_of = min(self._news_of, at)
            self._stepped.add(picture)
            self._steps_due = min(self._steps_due, _now() + GATHER)
        # Where a look takes long, the next waits for more to show: all who look on would only wait for each other.
        soon = _now() + max(GATHER, self._took / 2)
        self._look_at(soon if urgent and not picture else max(soon, self._looked_at + FRAME))

    def _look_at(self, due: float) -> None:
        self._look_due = min(self._look_due, due)
        self._woken.set()

    async def _keep(self) -> None:
        ear, code = asyncio.create_task(self._listen()), AGAIN
        try:
            while self._lookers and not await self._turn():
                pass
            code = ENDED
        except Gone:
            code = NOT_YOURS
        except DatabaseError as fault:
            log.warning("Pages of run %s come again later: %s", self.uid, fault)
        except Exception:
            log.exception("The feed of run %s ended in a fault; its pages come again", self.uid)
        finally:
            self.ended = True
            _feeds.get(asyncio.get_running_loop(), {}).pop(self.uid, None)
            for looker in self._lookers:
                looker.dismiss(code)
            await self._end(ear, self._looking)

    @staticmethod
    async def _end(*tasks: asyncio.Task[Any] | None) -> None:
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _turn(self) -> bool:
        """Wait for the next moment to show something, and show it. True when the run has ended."""
        await self._wait()
        if _now() >= self._members_due:
            await self._check_members()
        if not self._lookers:
            return False
        if _now() >= self._steps_due:
            await self._show_steps()
        if self._looking is None and _now() >= self._look_due:
            # Beside it: a look takes long where much moves, and steps of life must not wait for it.
            self._look_due = math.inf
            self._looking = asyncio.create_task(self._look(), name=f"look at {self.uid}")
            self._looking.add_done_callback(lambda _: self._woken.set())
        return self._looked() and await self._has_shown_all()

    async def _has_shown_all(self) -> bool:
        """The last look is out: so are the steps it overtook, unless somebody came meanwhile who has seen nothing."""
        if self._stepped:
            await self._show_steps()
        return not self._newcomers

    def _looked(self) -> bool:
        """Whether a look has come to its end and found the run's. Raises what the look raised."""
        if self._looking is None or not self._looking.done():
            return False
        looking, self._looking = self._looking, None
        return looking.result()

    async def _wait(self) -> None:
        while self._lookers and (left := self._due - _now()) > 0:
            self._woken.clear()
            if self._looking is not None and self._looking.done():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), left)

    @property
    def _due(self) -> float:
        look_due = self._look_due if self._looking is None else math.inf
        return min(self._steps_due, look_due, self._members_due)

    async def _show_steps(self) -> None:
        stepped, self._stepped, self._steps_due = self._stepped, set(), math.inf
        self._overtaken |= stepped
        news_of, self._news_of = self._news_of, math.inf
        news = await aside(self._stage.steps, set(self._lookers.values()), stepped)
        self._show(news)
        if news_of < math.inf:
            gauges.shown(news_of)

    async def _look(self) -> bool:
        newcomers, self._newcomers = self._newcomers, set()
        told, self._told, self._looked_at = self._told, False, _now()
        self._overtaken.clear()
        coming = {self._lookers[looker] for looker in newcomers}
        frames = await aside(self._stage.look, set(self._lookers.values()), coming, told=told)
        self._took = min(FRAME, _now() - self._looked_at)
        if frames is not None:
            self._show(frames.news, but=newcomers)
            self._show(frames.whole, to=newcomers)
            # After the last look nothing comes that could set a tile right which it left to its steps.
            self._show_again(self._overtaken if frames.final else frames.tiles & self._overtaken)
        self._look_at(_now() + (DEAF_LOOK if self._deaf else LOOK))
        return frames is not None and frames.final and not self._newcomers

    def _show_again(self, pictures: Set[str]) -> None:
        """A look that was read before their last steps came after these: screens may show an older state."""
        if pictures:
            self._stage.forget(pictures)
            self._stepped |= pictures
            self._steps_due = _now()
            self._woken.set()

    def _show(
        self,
        frames: Mapping[Audience, str],
        *,
        to: Collection[Looker] | None = None,
        but: Collection[Looker] = (),
    ) -> None:
        for looker in list(self._lookers) if to is None else to:
            # Who came while this was rendered is shown the whole at the next turn; who left, nothing.
            audience = self._lookers.get(looker)
            if audience is None or looker in self._newcomers or looker in but:
                continue
            if frame := frames.get(audience):
                looker.show(frame)

    async def _check_members(self) -> None:
        """Who signed out or left the workspace is put out of the page; who got another role sees its buttons."""
        self._members_due = _now() + MEMBERS
        tickets = {looker.ticket for looker in self._lookers}
        good = await aside(still_good, tickets)
        deeds = await aside(deeds_of, {ticket.user for ticket in good}, self._workspace)
        for looker, audience in list(self._lookers.items()):
            if looker.ticket not in tickets:  # came while this was read, and has just been let in
                continue
            allowed = deeds.get(looker.ticket.user, frozenset()) if looker.ticket in good else frozenset()
            if Deed.SEE not in allowed:
                self.leave(looker)
                looker.dismiss(PUT_OUT)
            elif (Deed.EDIT in allowed) != audience:
                self.join(looker, Deed.EDIT in allowed)

    # --- hearing -------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        layer, channel = get_channel_layer(), f"pages.{uuid4().hex}"
        assert layer is not None  # the settings always name one
        while True:
            try:
                await self._hear_all(layer, channel)
            except Exception as fault:
                self._deaf = True
                log.debug("The feed of run %s hears nothing: %s", self.uid, fault)
            await asyncio.sleep(DEAF_LOOK)

    async def _hear_all(self, layer: Any, channel: str) -> None:
        # The layer learns of a channel when somebody listens on it. One name for all tries: it forgets none.
        message = asyncio.ensure_future(layer.receive(channel))
        try:
            await asyncio.sleep(0)
            await layer.group_add(live.group(self.uid), channel)
            self._deaf = False
            self.hear(urgent=True)  # what happened before nobody could tell us
            while True:
                news = await message
                at = news.get("at") or math.inf
                self.hear(urgent=news["urgent"], picture=news["generation"], at=at)
                message = asyncio.ensure_future(layer.receive(channel))
        finally:
            message.cancel()
            await asyncio.gather(message, return_exceptions=True)
            with suppress(Exception):
                await layer.group_discard(live.group(self.uid), channel)


def _now() -> float:
    return asyncio.get_running_loop().time()
