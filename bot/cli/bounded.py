"""Work on many things at a time, but not on all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST_IN_FLIGHT = 32


async def in_order(things: Sequence[T], work: Callable[[T], Awaitable[R]]) -> AsyncIterator[R]:
    """What `work` makes of each thing, in the things' order; what is not done when the reader leaves is cancelled."""
    room = asyncio.Semaphore(MOST_IN_FLIGHT)

    async def one(thing: T) -> R:
        async with room:
            return await work(thing)

    tasks = [asyncio.create_task(one(thing)) for thing in things]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
