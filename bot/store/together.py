"""Work on many at once: what is asked for while one lot is worked on comes with the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.store.trouble import refuses_a_value

Asked = TypeVar("Asked")
Given = TypeVar("Given")

MOST_TOGETHER = 200


class Together(Generic[Asked, Given]):
    """Nobody waits for others to come: under load there are others anyway, and else nothing to share."""

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Given | Exception]]]) -> None:
        """`work` gives for each that it is asked what it comes to, in their order; an exception is that one's alone."""
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Given]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, asked: Asked) -> Given:
        """What it comes to, by work that begins after this; what `work` raises."""
        answer: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="together")
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                lot, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._answer(lot)
        finally:
            self._task = None

    async def _answer(self, lot: Sequence[tuple[Asked, asyncio.Future[Given]]]) -> None:
        """One that the database refuses to keep is found by halves: it takes no other with it."""
        given: Sequence[Given | Exception]
        try:
            given = await self._work([asked for asked, _ in lot])
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait
            if len(lot) > 1 and refuses_a_value(error):
                await self._answer(lot[: len(lot) // 2])
                await self._answer(lot[len(lot) // 2 :])
                return
            given = [error] * len(lot)
        for (_, answer), one in zip(lot, given, strict=True):
            if answer.done():  # nobody waits for it any more
                continue
            if isinstance(one, Exception):
                answer.set_exception(one)
            else:
                answer.set_result(one)
