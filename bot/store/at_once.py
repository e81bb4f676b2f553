"""Short transactions of plain statements, each run as a whole.

What is done for every message is written as a function of a connection, without the ORM. On SQLite it runs in a thread:
one way there and back for all its statements, where the asynchronous driver takes several for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
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
        self._threads: dict[bool, ThreadPoolExecutor] = {}

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
        engine = self._of_threads

        def run() -> T:
            with engine.begin() as connection:
                plain.send(connection, BEGIN_WRITING if writes else BEGIN_READING)
                return work(connection)

        if writes not in self._threads:
            self._threads[writes] = ThreadPoolExecutor(1, "database")
        return await asyncio.get_running_loop().run_in_executor(self._threads[writes], run)

    async def close(self) -> None:
        """Return when what was begun is done and every connection is closed; it may be used again."""
        threads, self._threads = list(self._threads.values()), {}
        for thread in threads:
            await asyncio.to_thread(thread.shutdown)
        if self._of_threads is not None:
            await asyncio.to_thread(self._of_threads.dispose)
