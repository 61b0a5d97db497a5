"""What a feed shows to whom, where a socket cannot choose the moment."""

import asyncio
from threading import Event
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.standing import Ticket
from runs import lifecycle
from runs.models import Run
from studio import feed
from studio.frames import Frames, Stage

pytestmark = pytest.mark.django_db(transaction=True)


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
        return await asyncio.wait_for(self.frames.get(), 10)

    async def until(self, words: str) -> None:
        while words not in str(await self.next()):
            pass


async def test_who_comes_while_news_are_rendered_sees_the_whole_first(
    run: Run, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendering, go_on = Event(), Event()
    look = Stage.look

    def slowly(self: Stage, *args: Any, **kwargs: Any) -> Frames | None:
        frames = look(self, *args, **kwargs)
        rendering.set()
        go_on.wait(10)
        return frames

    early, late = Screen(alice.pk), Screen(alice.pk)
    joined = feed.join(run.uid, run.workspace_id, early, True)
    await early.next()
    # The moment between reading and showing is too short to be met from outside.
    monkeypatch.setattr(Stage, "look", slowly)
    await sync_to_async(lifecycle.cancel)(run.generations.all()[:1], actor="alice")
    joined.hear(urgent=True)
    await asyncio.to_thread(rendering.wait, 10)
    joined.join(late, True)
    go_on.set()
    assert str(await late.next()).count('class="tile') == 2
    joined.leave(early)
    joined.leave(late)


async def test_a_fault_of_the_feed_makes_the_pages_come_again(
    run: Run, alice: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Frames | None:
        raise ValueError("a fault of ours")

    screen = Screen(alice.pk)
    feed.join(run.uid, run.workspace_id, screen, True)
    await screen.next()
    # No run that the studio makes is known to break its page.
    monkeypatch.setattr(Stage, "look", broken)
    feed.join(run.uid, run.workspace_id, screen, True)
    assert await screen.next() == feed.AGAIN
    assert "a fault of ours" in caplog.text


async def test_a_step_of_life_does_not_wait_for_a_look(
    run: Run, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = Event(), Event()
    look = Stage.look

    def slowly(self: Stage, *args: Any, **kwargs: Any) -> Frames | None:
        looking.set()
        go_on.wait(10)
        return look(self, *args, **kwargs)

    screen = Screen(alice.pk)
    joined = feed.join(run.uid, run.workspace_id, screen, True)
    await screen.next()
    monkeypatch.setattr(Stage, "look", slowly)  # as a look at a large run is while much is going on
    joined.hear(urgent=True)
    await asyncio.to_thread(looking.wait, 10)
    first = await run.generations.order_by("pk").afirst()
    assert first is not None
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    joined.hear(urgent=True, picture=str(first.uid))
    assert "tile cancelled" in str(await screen.next())
    go_on.set()
    assert "run-head" in str(await screen.next())
    joined.leave(screen)


async def test_a_look_whose_rows_are_older_than_a_step_is_set_right(
    run: Run, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed, rendered, go_on = Event(), Event(), Event()
    look = Stage.look

    def late(self: Stage, *args: Any, **kwargs: Any) -> Frames | None:
        frames = look(self, *args, **kwargs)
        if armed.is_set() and frames is not None and frames.tiles:
            rendered.set()
            go_on.wait(10)
        return frames

    monkeypatch.setattr(Stage, "look", late)
    screen = Screen(alice.pk)
    joined = feed.join(run.uid, run.workspace_id, screen, True)
    await screen.next()
    first = await run.generations.order_by("pk").afirst()
    assert first is not None
    armed.set()
    await run.generations.aupdate(error="so that the look has a tile to send")
    joined.hear(urgent=True)
    await asyncio.to_thread(rendered.wait, 10)
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    joined.hear(urgent=True, picture=str(first.uid))
    await screen.until("tile cancelled")
    go_on.set()
    await screen.until("tile waiting")  # the look, which came last
    await screen.until("tile cancelled")
    joined.leave(screen)


async def test_the_last_look_is_not_followed_by_an_older_step(
    run: Run, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed, looking, look_on, read, show = (Event() for _ in range(5))
    look, steps = Stage.look, Stage.steps

    def late_look(self: Stage, *args: Any, **kwargs: Any) -> Frames | None:
        if armed.is_set():
            looking.set()
            look_on.wait(10)
        return look(self, *args, **kwargs)

    def late_steps(self: Stage, *args: Any, **kwargs: Any) -> Any:
        frames = steps(self, *args, **kwargs)
        if armed.is_set() and not read.is_set():
            read.set()
            show.wait(10)
        return frames

    screen = Screen(alice.pk)
    joined = feed.join(run.uid, run.workspace_id, screen, True)
    await screen.next()
    first, second = [row async for row in run.generations.order_by("pk")]
    # Both threads of the pages must meet between two of their lines: steps read a seat that is lost at once.
    monkeypatch.setattr(Stage, "look", late_look)
    monkeypatch.setattr(Stage, "steps", late_steps)
    await sync_to_async(lifecycle.cancel)([second], actor="alice")
    armed.set()
    joined.hear(urgent=True)
    await asyncio.to_thread(looking.wait, 10)
    await run.generations.filter(pk=first.pk).aupdate(server=None, status="claimed")
    joined.hear(urgent=True, picture=str(first.uid))
    await asyncio.to_thread(read.wait, 10)
    await run.generations.filter(pk=first.pk).aupdate(status="waiting")
    await sync_to_async(lifecycle.cancel)([first], actor="alice")
    look_on.set()
    await screen.until("run-head")
    show.set()
    seen = []
    while not isinstance(item := await screen.next(), int):
        seen.append(item)
    assert item == feed.ENDED
    tiles = [frame for frame in seen if str(first.uid) in frame]
    assert tiles and "tile cancelled" in tiles[-1]
