"""What a feed shows to whom, where a socket cannot choose the moment."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from accounts.standing import Ticket
from runs import lifecycle
from runs.models import Run
from studio.feed import AGAIN, ENDED, Feed
from studio.frames import Frames, Stage

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 10.0  # seconds; only a bound


class Screen:
    """A looker that keeps what it is shown."""

    def __init__(self, user: int) -> None:
        self.ticket = Ticket(user, "", "")
        self.frames: asyncio.Queue[str | int] = asyncio.Queue()

    def show(self, frame: str) -> None:
        self.frames.put_nowait(frame)

    def dismiss(self, code: int) -> None:
        self.frames.put_nowait(code)

    async def next(self) -> str | int:
        return await asyncio.wait_for(self.frames.get(), PATIENCE)

    async def until(self, words: str) -> None:
        while words not in str(await self.next()):
            pass


def passes(*_: object) -> None:
    """Nothing holds it up."""


class Gate:
    """Holds up who comes there until it is opened."""

    def __init__(self) -> None:
        self._reached, self._opened = Event(), Event()

    def __call__(self, *_: object) -> None:
        self._reached.set()
        self._opened.wait(3 * PATIENCE)  # whoever wrongly waits for it gives up before

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, PATIENCE)

    def open(self) -> None:
        self._opened.set()


class HeldUp(Stage):
    """Can be held up before it reads and after it rendered: from outside both are one short moment."""

    def __init__(self, uid: UUID) -> None:
        super().__init__(uid)
        self.before_look: Callable[[], None] = passes
        self.after_look: Callable[[Frames | None], None] = passes
        self.after_steps: Callable[[], None] = passes

    def look(self, *args: Any, **kwargs: Any) -> Frames | None:
        self.before_look()
        frames = super().look(*args, **kwargs)
        self.after_look(frames)
        return frames

    def steps(self, *args: Any, **kwargs: Any) -> dict[bool, str]:
        frames = super().steps(*args, **kwargs)
        self.after_steps()
        return frames


async def begun(run: Run, screen: Screen) -> tuple[Feed, HeldUp]:
    """The feed and the stage of a run at which somebody has seen the whole."""
    stage = HeldUp(run.uid)
    feed = Feed(run.uid, run.workspace_id, stage)
    feed.begin()
    feed.join(screen, True)
    await screen.next()
    return feed, stage


async def test_who_comes_while_news_are_rendered_sees_the_whole_first(run: Run, alice: Any) -> None:
    early, late = Screen(alice.pk), Screen(alice.pk)
    feed, stage = await begun(run, early)
    stage.after_look = rendered = Gate()
    await sync_to_async(lifecycle.cancel)(run.generations.all()[:1], actor="alice")
    feed.hear(urgent=True)
    await rendered.reached()
    feed.join(late, True)
    rendered.open()
    assert str(await late.next()).count('class="tile') == 2
    feed.leave(early)
    feed.leave(late)


async def test_a_fault_of_the_feed_makes_the_pages_come_again(
    run: Run, alice: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> None:  # no run that the studio makes is known to break its page
        raise ValueError("a fault of ours")

    screen = Screen(alice.pk)
    feed, stage = await begun(run, screen)
    stage.before_look = break_down
    feed.hear(urgent=True)
    assert await screen.next() == AGAIN
    assert "a fault of ours" in caplog.text


async def test_a_step_of_life_does_not_wait_for_a_look(run: Run, alice: Any) -> None:
    screen = Screen(alice.pk)
    feed, stage = await begun(run, screen)
    stage.before_look = looking = Gate()  # a look at a large run takes that long while much is going on
    feed.hear(urgent=True)
    await looking.reached()
    first = await run.generations.order_by("pk").afirst()
    assert first is not None
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    feed.hear(urgent=True, picture=str(first.uid))
    assert "tile cancelled" in str(await screen.next())
    looking.open()
    assert "run-head" in str(await screen.next())
    feed.leave(screen)


async def test_a_look_whose_rows_are_older_than_a_step_is_set_right(run: Run, alice: Any) -> None:
    screen, rendered = Screen(alice.pk), Gate()
    feed, stage = await begun(run, screen)
    stage.after_look = lambda frames: rendered() if frames and frames.tiles else None
    first = await run.generations.order_by("pk").afirst()
    assert first is not None
    await run.generations.aupdate(error="so that the look has a tile to send")
    feed.hear(urgent=True)
    await rendered.reached()
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    feed.hear(urgent=True, picture=str(first.uid))
    await screen.until("tile cancelled")
    rendered.open()
    await screen.until("tile waiting")  # the look, which came last
    await screen.until("tile cancelled")
    feed.leave(screen)


async def test_the_last_look_is_not_followed_by_an_older_step(run: Run, alice: Any) -> None:
    """Both threads of the pages meet between two of their lines: steps read a seat that is lost at once."""
    screen = Screen(alice.pk)
    feed, stage = await begun(run, screen)
    first, second = [row async for row in run.generations.order_by("pk")]
    await sync_to_async(lifecycle.cancel)([second], actor="alice")
    stage.before_look, stage.after_steps = looking, read = Gate(), Gate()
    feed.hear(urgent=True)
    await looking.reached()
    await run.generations.filter(pk=first.pk).aupdate(server=None, status="claimed")
    feed.hear(urgent=True, picture=str(first.uid))
    await read.reached()
    await run.generations.filter(pk=first.pk).aupdate(status="waiting")
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    looking.open()
    await screen.until("run-head")
    read.open()
    seen = []
    while not isinstance(item := await screen.next(), int):
        seen.append(item)
    assert item == ENDED
    tiles = [frame for frame in seen if str(first.uid) in frame]
    assert tiles and "tile cancelled" in tiles[-1]
