"""What a simulator writes down of its prompts."""

import json
from pathlib import Path
from typing import Any

from runs.simulator.ledger import Ledger

from .conftest import Meet
from .speaking import tiny


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_every_step_of_a_prompt_is_a_line_at_once(meet: Meet, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    talk = await meet(observer=Ledger(path))
    entry = await talk.run(tiny())
    assert [(line["event"], line["prompt_id"]) for line in lines(path)] == [
        (event, entry["prompt"][1]) for event in ("accepted", "started", "ended")
    ]


async def test_the_same_picture_is_known_under_another_prompt(meet: Meet, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    talk = await meet(observer=Ledger(path))
    for nodes in (tiny(), tiny(), tiny(2)):
        await talk.run(nodes)
    begun = [line["picture"] for line in lines(path) if line["event"] == "started"]
    assert begun[0] == begun[1] != begun[2]


async def test_what_waits_when_the_server_dies_was_never_begun(meet: Meet, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    talk = await meet(observer=Ledger(path))
    talk.simulator.hold()
    first, second = await talk.submit(tiny()), await talk.submit(tiny(2))
    await talk.running(first)
    await talk.simulator.restart_empty()
    written = [(line["event"], line["prompt_id"]) for line in lines(path)]
    assert set(written) == {("accepted", first), ("accepted", second), ("started", first)}
