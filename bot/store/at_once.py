"""Short transactions of plain statements, each run as a whole.

What is done for every message is written as a function of a connection, without the ORM. On SQLite it runs in a thread:
one way there and back for all its statements, where the asynchronous driver takes several for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import plain
from bot.store.engine import make_engine_of_threads, sqlite_file
from bot.store.seal import Seal
from bot.store.sealed_columns import give_seal
from bot.store.sqlite_turns import BEGIN_READING, BEGIN_WRITING

T = TypeVar("T")
Work = Callable[[Connection], T]


class AtOnce:
    """One thread reads and one writes: who waits to write holds up nobody who reads."""

    def __init__(self, engine: AsyncEngine, seal: Seal) -> None:
        """Of the database of `engine`, whose connections are used where it is no file of SQLite's."""
        self._engine = engine
        url = engine.url.render_as_string(hide_password=False)
        self._of_threads = make_engine_of_threads(url) if sqlite_file(url) is not None else None
        if self._of_threads is not None:
            give_seal(self._of_threads, seal)
        self._lines: dict[bool, _Line] = {}

    async def read(self, work: Work[T]) -> T:
        """What `work` gives, which only reads."""
        return await self._run(work, writes=False)

    async def write(self, work: Work[T]) -> T:
        """What `work` gives, committed."""
        return await self._run(work, writes=True)

    async def _run(self, work: Work[T], *, writes: bool) -> T:
        if self._of_threads is None:
            async with self._engine.execution_options(writes=writes).begin() as connection:
                return await connection.run_sync(work)
        if writes not in self._lines:
            self._lines[writes] = _Line(self._of_threads, BEGIN_WRITING if writes else BEGIN_READING)
        return await self._lines[writes].run(work)

    async def close(self) -> None:
        """Return when what was begun is done and every connection is closed; it may be used again."""
        # Who comes meanwhile gets a thread and a connection of its own.
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            await asyncio.to_thread(line.close)
        if self._of_threads is not None:
            await asyncio.to_thread(self._of_threads.dispose)


class _Line:
    """A thread with its connection: to take one from the pool and give it back takes longer than most transactions."""

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._thread = ThreadPoolExecutor(1, "database")
        self._connection: Connection | None = None

    async def run(self, work: Work[T]) -> T:
        """What `work` gives in a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    def close(self) -> None:
        """Return when what was begun is done and the connection is closed."""
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _transact(self, work: Work[T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            plain.send(self._connection, self._begin)
            return work(self._connection)
