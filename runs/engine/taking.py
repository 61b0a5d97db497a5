"""How a worker takes leases: what it is told while one take is under way is taken together by the next.

One picture costs two statements, twenty that come at once cost three. Nobody waits for company.
"""

import asyncio

from runs import leases
from runs.engine.database import rows
from runs.models import Generation

type Asked = dict[int, asyncio.Future[Generation | None]]


class Taking:
    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._asked: Asked = {}
        self._turn: asyncio.Task[None] | None = None

    async def take(self, pk: int) -> Generation | None:
        """The generation, now this worker's; None when another has it, or when it is being taken already."""
        if pk in self._asked:
            return None
        answer: asyncio.Future[Generation | None] = asyncio.get_running_loop().create_future()
        self._asked[pk] = answer
        if self._turn is None:
            self._turn = asyncio.create_task(self._answer_all(), name="leases")
        return await answer

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._answer(asked)
        finally:
            self._turn = None

    async def _answer(self, asked: Asked) -> None:
        try:
            taken = await rows(leases.take_all, list(asked), self._worker)
        except Exception as fault:
            for answer in asked.values():
                if not answer.done():
                    answer.set_exception(fault)
            return
        mine = {generation.pk: generation for generation in taken}
        for pk, answer in asked.items():
            if not answer.done():
                answer.set_result(mine.pop(pk, None))
        for pk in mine:  # whoever asked was stopped meanwhile
            await rows(leases.hand_back, pk, self._worker)
