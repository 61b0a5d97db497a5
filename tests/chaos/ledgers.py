"""What the servers did by their own books, and which of it was paid for twice without an excuse."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt at one server. Times are the server's; None for what never came."""

    prompt_id: str
    picture: str  # the same for the same graph
    server: str
    accepted: float
    started: float | None
    ended: float | None


@dataclass(frozen=True, slots=True)
class Bill:
    """`executed` counts the prompts that were begun; each of `excused` and `wasted` was begun again elsewhere."""

    executed: int
    pictures: int
    excused: list[Prompt]
    wasted: list[Prompt]


def read(server: str, path: Path) -> Iterator[Prompt]:
    """The prompts of one ledger. A server that runs a prompt twice (it may not) shows as two."""
    times: dict[str, dict[str, float]] = defaultdict(dict)
    pictures: dict[str, str] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        entry = json.loads(line)
        assert entry["event"] not in times[entry["prompt_id"]], f"{server}: twice {entry}"
        times[entry["prompt_id"]][entry["event"]] = entry["at"]
        pictures[entry["prompt_id"]] = entry["picture"]
    for prompt_id, at in times.items():
        yield Prompt(
            prompt_id=prompt_id,
            picture=pictures[prompt_id],
            server=server,
            accepted=at["accepted"],
            started=at.get("started"),
            ended=at.get("ended"),
        )


def reckon(prompts: Iterable[Prompt], deaths: Mapping[str, list[float]]) -> Bill:
    """Who died when decides what is excused.

    The rule: of each picture the last prompt that was begun is the one we wanted. Any earlier one is excused if, and
    only if, its server was killed or emptied after it accepted that prompt and before the picture's next prompt was
    accepted: then what it had painted or would have painted was lost with it. Everything else was paid for twice.
    """
    of_picture: dict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        of_picture[prompt.picture].append(prompt)
    executed = 0
    excused: list[Prompt] = []
    wasted: list[Prompt] = []
    for sent in of_picture.values():
        sent.sort(key=lambda prompt: prompt.accepted)
        begun = [prompt for prompt in sent if prompt.started is not None]
        executed += len(begun)
        for prompt in begun[:-1]:
            following = sent[sent.index(prompt) + 1].accepted
            died = any(prompt.accepted <= at <= following for at in deaths.get(prompt.server, ()))
            (excused if died else wasted).append(prompt)
    return Bill(executed, len(of_picture), excused, wasted)
