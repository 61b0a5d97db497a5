"""A worker process: an engine without clocks of its own, and procrastinate, which brings it calls and the time.

procrastinate ends when PostgreSQL is away for long. It is started again here until somebody stops the worker.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable

from runs import gauges, worker_loops
from runs.engine.supervisor import Engine

log = logging.getLogger(__name__)

# Calls, all of them short: a picture that is painted is the engine's own and holds no place here.
AT_ONCE = 20
GRACE = 5.0  # seconds for calls under way when the worker stops
ANSWER = 3.0  # seconds that a call waits for the database; a worker that is told to stop has ten
END = 10.0  # seconds for all that ends; what has not by then comes back by its lease
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 5.0  # seconds before the next try to reach the database
TOLD = 10.0  # seconds between two words of how late the loop is
STEADY = 30.0  # seconds after which a new failure is no longer one of a row


async def run(stop: asyncio.Event) -> None:
    """Work until `stop` is set; then hand back what is under way. The database may come and go."""
    engine = Engine(periodic=False)
    if not await _kept_up(engine.start, stop, once=True):
        return
    deliveries = asyncio.create_task(_kept_up(_deliveries, stop), name="deliveries")
    telling = asyncio.create_task(keep_telling(), name="telling")
    await stop.wait()
    telling.cancel()
    # Claiming ends first: a row that is taken while we stop would only have to be given back.
    deliveries.cancel()
    ending = asyncio.create_task(engine.stop(), name="end")
    await asyncio.wait([deliveries, ending], timeout=END)


async def keep_telling() -> None:
    """Until it is cancelled: how late the loop was at the worst, each time anew."""
    pulse, name = gauges.Pulse(asyncio.get_running_loop()), f"{socket.gethostname()}-{os.getpid()}"
    try:
        while True:
            await asyncio.sleep(TOLD)
            # The cache may be away, and take its time.
            await asyncio.to_thread(worker_loops.tell, name, pulse.worst())
    finally:
        pulse.stop()


async def _kept_up(work: Callable[[], Awaitable[None]], stop: asyncio.Event, *, once: bool = False) -> bool:
    """Try again with longer pauses whatever goes wrong. True when the work came to its end."""
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
    while not stop.is_set():
        begun = loop.time()
        try:
            await work()
            if once:
                return True
        except Exception as fault:
            log.warning("The worker waits for its database: %s", fault)
        if loop.time() - begun > STEADY:
            pause = FIRST_PAUSE
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pause = min(LONGEST_PAUSE, pause * 2)
    return False


async def _deliveries() -> None:
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    # A second app beside the first: what is enqueued in a transaction of ours goes on through Django's connection.
    connector = PsycopgConnector(kwargs=connector_params(), timeout=ANSWER, reconnect_timeout=ANSWER)
    worker_app = app.with_connector(connector)
    try:
        await worker_app.open_async()
        await worker_app.run_worker_async(
            concurrency=AT_ONCE,
            shutdown_graceful_timeout=GRACE,
            delete_jobs="always",
            install_signal_handlers=False,
            fetch_job_polling_interval=2.0,
        )
    finally:
        # Also where it was stopped while it opened: what its pool began would keep the process from ending.
        await worker_app.close_async()
