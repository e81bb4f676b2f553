"""Messages that came in and are not in the journal yet: few of them are worked on at once, and not many wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from bot.pipeline.fair import FairRoom
from bot.pipeline.patience import StillAwayError

# Who reads settings for a message holds up all else that asks the database; the journal takes so many together.
MOST_AT_ONCE = 64
MOST_HERE = 2_000
_LOOK_SECONDS = 1.0


class Arrivals:
    """Servers take turns, so that a raid on one of them holds up no message of another."""

    def __init__(self, can_record: Callable[[], bool]) -> None:
        """`can_record` tells whether the database takes what is written, as far as is known."""
        self._can_record = can_record
        # The server of each, and when it came.
        self._here: dict[object, tuple[int, datetime]] = {}
        self._inside = FairRoom(MOST_AT_ONCE)
        self._left = asyncio.Event()

    @asynccontextmanager
    async def of(self, guild_id: int) -> AsyncIterator[None]:
        """Be inside for a server, once there is room; StillAwayError where that would be for nothing."""
        if self._is_full() and not self._can_record():
            raise StillAwayError("too many wait for the database")
        token = object()
        self._here[token] = guild_id, datetime.now(UTC)
        try:
            async with self._inside.of(guild_id):
                yield
        finally:
            del self._here[token]
            self._left.set()

    def servers_since_before(self, time: datetime) -> set[int]:
        """The servers of which one is here that came before a time."""
        return {guild_id for guild_id, came_at in self._here.values() if came_at < time}

    async def room(self) -> None:
        """Return when there is room for more.

        While the database takes nothing that would last: more may come at once, and is told that it is for nothing.
        """
        await asyncio.sleep(0)  # what was read last is here once its task has begun
        while self._is_full() and self._can_record():
            self._left.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._left.wait()

    def _is_full(self) -> bool:
        return len(self._here) >= MOST_HERE
