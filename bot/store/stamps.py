"""Stamps: whether what was read of a server's settings and law still holds."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.records import Stamp
from bot.store import steps
from bot.store.sessions import Sessions
from bot.store.together import Together


class StampRepository:
    """Asks the database each time, whoever changed what: those that ask at the same time share an answer."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions
        self.of = Together(self._of)
        """The stamp that a server has after it is asked for."""

    async def _of(self, guild_ids: Sequence[int]) -> list[Stamp]:
        asked = set(guild_ids)
        found = await self._sessions.read_at_once(lambda connection: steps.stamps(connection, asked))
        return [found[guild_id] for guild_id in guild_ids]
