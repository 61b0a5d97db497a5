"""A loop that is held up by something that should be in a thread: it shows."""

import asyncio
import time

from runs import gauges


async def test_a_loop_that_is_held_up_is_measured() -> None:
    before = _late()
    pulse = gauges.Pulse(asyncio.get_running_loop(), every=0.02)
    time.sleep(0.3)  # what no coroutine of ours may do
    await asyncio.sleep(0.05)
    pulse.stop()
    assert _late() > before


def _late() -> float:
    """How often the loop of this process was more than a quarter of a second late."""
    told = {
        sample.labels["le"]: sample.value
        for sample in next(iter(gauges.LOOP.collect())).samples
        if "le" in sample.labels
    }
    return told["+Inf"] - told["0.25"]
