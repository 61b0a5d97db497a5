"""What this studio left on its GPU servers: prompts that nobody waits for, and the history of those that are done.

Only what a row of ours names is taken for ours; a server is shared, and its queue says of no prompt who sent it. Files
are not in reach: ComfyUI has no way to delete one. The built-in graphs end in its temp folder, which it empties itself.
"""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from runs.comfyui import Comfy, ComfyError
from runs.engine.database import rows
from runs.engine.servers import PROBE_WAITS, enabled, endpoint
from runs.models import Generation, Server, Withdrawal
from runs.states import FINAL

BATCH = 500  # ids asked for at once
MOST = 2000  # of the newest entries of a history; a server keeps ten thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was found on one server. `fault` says why nothing could be."""

    server: str
    queued: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    others: int = 0  # prompts of other people in its queue: left alone
    fault: str = field(default="")


def clean(*, dry_run: bool) -> list[Left]:
    """Ask every server that is switched on, all at once, and take away what is ours and over."""
    return asyncio.run(_all(dry_run))


async def _all(dry_run: bool) -> list[Left]:
    known = await rows(enabled)
    return list(await asyncio.gather(*(_one(server, dry_run) for server in known)))


async def _one(server: Server, dry_run: bool) -> Left:
    try:
        async with Comfy(endpoint(server), PROBE_WAITS) as client:
            queue = await client.queue()
            waiting = [item.prompt_id for item in (*queue.running, *queue.pending)]
            ended = await client.ended(MOST)
            ours = await rows(_over, [*waiting, *ended])
            known = await rows(_named, waiting)
            queued = [prompt for prompt in waiting if prompt in ours]
            done = [prompt for prompt in ended if prompt in ours]
            if not dry_run:
                for prompt in queued:
                    await client.cancel(prompt)
                for prompt in (*done, *queued):  # one that was interrupted has an entry by now
                    await client.forget(prompt)
            others = len(set(waiting) - known)
            return Left(server=server.name, queued=tuple(queued), ended=tuple(done), others=others)
    except ComfyError as fault:
        return Left(server=server.name, fault=str(fault))


def _over(prompts: list[str]) -> set[str]:
    """Those of ours for which nobody works any more."""
    gone = {str(uid) for uid in Withdrawal.objects.values_list("prompt_id", flat=True)}
    final = _generations(prompts, status__in=sorted(FINAL))
    return final | (gone.intersection(prompts) - _generations(prompts))


def _named(prompts: list[str]) -> set[str]:
    """All of ours, at work or over."""
    gone = {str(uid) for uid in Withdrawal.objects.values_list("prompt_id", flat=True)}
    return _generations(prompts) | gone.intersection(prompts)


def _generations(prompts: list[str], **which: object) -> set[str]:
    uids = [uid for prompt in prompts if (uid := _uid(prompt))]
    found: set[str] = set()
    for first in range(0, len(uids), BATCH):
        named = Generation.objects.filter(prompt_id__in=uids[first : first + BATCH], **which)
        found |= {str(uid) for uid in named.values_list("prompt_id", flat=True)}
    return found


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None  # other people may send what they like
