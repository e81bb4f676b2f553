"""The condition of the database while the bot runs: noticed where it is used, and looked at again until it is well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.trouble import Trouble, trouble_while_used

log = structlog.get_logger(__name__)

_WRITING = {
    # Needs room in the file, and on the disk. An update that changes nothing SQLite would not even write.
    "sqlite": ("CREATE TABLE can_be_written (anything INTEGER)", "DROP TABLE can_be_written"),
    # Needs no right that the bot may lack.
    "postgresql": ("UPDATE alembic_version SET version_num = version_num",),
}


class Condition:
    """What is the matter with the database, if anything. A damaged one is damaged until the process ends."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Look at the database of `engine`, which begins its transactions as one that writes."""
        self._engine = engine
        self._trouble: Trouble | None = None
        self._in_trouble = asyncio.Event()
        self._times_well = 0

    @property
    def trouble(self) -> Trouble | None:
        """What is the matter; None where all works, as far as is known."""
        return self._trouble

    async def wait_for_trouble(self) -> Trouble:
        """Return when something is the matter, at once where it is already."""
        await self._in_trouble.wait()
        assert self._trouble is not None
        return self._trouble

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notice what goes wrong in a session; whether that is the database's trouble is told from the error.

        Trouble of what began before the database was last found well is over, unless it is damage.
        """
        times_well = self._times_well
        try:
            yield
        except Exception as error:
            found = trouble_while_used(error)
            if times_well == self._times_well or found is Trouble.DAMAGED:
                self._found(found)
            raise

    def _found(self, trouble: Trouble | None) -> None:
        if trouble is not None and self._trouble is not Trouble.DAMAGED:
            self._trouble = trouble
            self._in_trouble.set()

    async def look_again(self) -> Trouble | None:
        """Write something to see whether that works; what is the matter now.

        Nothing in it is another afterwards.
        """
        if self._trouble is Trouble.DAMAGED:
            return self._trouble
        try:
            async with self._engine.begin() as connection:
                for statement in _WRITING[connection.dialect.name]:
                    await connection.execute(text(statement))
        except Exception as error:
            self._trouble = trouble_while_used(error)
            if self._trouble is None:  # it answered, if not as it should
                log.exception("database_not_looked_at")
        else:
            self._trouble = None
        if self._trouble is None:
            self._times_well += 1
            self._in_trouble.clear()
        return self._trouble
