"""Room for so many at once, given to servers in turn: a raid on one of them holds up nobody elsewhere."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairRoom:
    """A semaphore with a queue a server: whoever leaves makes room for the server that waits longest for its turn."""

    def __init__(self, most: int) -> None:
        """Room for `most`, whichever server they come from."""
        self._free = most
        # The server whose turn is next comes first, and none is here whose queue is empty.
        self._queues: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, guild_id: int) -> AsyncIterator[None]:
        """Be inside for a server, once there is room; first come first served among its own."""
        await self._enter(guild_id)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, guild_id: int) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(guild_id, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the room was given in this very moment
                self._leave()
            raise

    def _leave(self) -> None:
        while self._queues:
            guild_id, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[guild_id] = queue
            if not turn.cancelled():
                turn.set_result(None)
                return
        self._free += 1
