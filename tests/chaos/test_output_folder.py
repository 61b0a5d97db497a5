"""A thousand pictures with the graph we ship: what they leave on the GPU server's disk."""

import asyncio
from uuid import uuid4

import pytest

from runs.comfyui import TEXT_TO_IMAGE, Comfy, Endpoint
from runs.simulator.server import CHECKPOINTS, Simulator

pytestmark = pytest.mark.chaos

A_THOUSAND = 1_000


async def test_a_thousand_pictures_leave_nothing_in_a_servers_output_folder() -> None:
    async with Simulator(seconds_per_step=0.0, load_seconds=0.0, previews=False) as simulator:
        async with Comfy(Endpoint(simulator.url)) as client:
            for seed in range(A_THOUSAND):
                graph = TEXT_TO_IMAGE.bind(
                    checkpoint=CHECKPOINTS[0],
                    positive="a can",
                    negative="",
                    width=64,
                    height=64,
                    seed=seed,
                    steps=1,
                )
                await client.submit(graph, prompt_id=str(uuid4()), client_id="thousand")
        while simulator.machine.queue.remaining:
            await asyncio.sleep(0.1)
        files = simulator.machine.files
        print(
            f"{len(simulator.executed)} pictures: {files.count('temp')} temporary files that a restart removes,"
        )
        print(f"{files.count('output')} in the output folder")
        assert len(set(simulator.executed)) == A_THOUSAND
        assert (files.count("temp"), files.count("output")) == (A_THOUSAND, 0)
