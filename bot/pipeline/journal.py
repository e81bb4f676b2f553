"""The journal's writer: many submissions a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.domain.records import Stamp
from bot.domain.submission import Submission
from bot.pipeline.patience import patiently
from bot.store import OutdatedError, Store
from bot.store.trouble import refuses_a_value

GATHER_SECONDS = 0.01
MOST_TOGETHER = 200
MOST_WAITING = 2_000

_Taken = tuple[Submission, Stamp]
_Entry = tuple[_Taken | None, asyncio.Future[None]]


class UnstorableError(Exception):
    """Something in a submission has no place in the database. What it is stays untold: members wrote it."""


class JournalWriter:
    """Gathers submissions for a moment and commits them together."""

    def __init__(self, store: Store, on_new: Callable[[int], None]) -> None:
        """Write to `store`; `on_new` is told how many were new after each commit."""
        self._store = store
        self._on_new = on_new
        self._waiting: asyncio.Queue[_Entry] = asyncio.Queue(MOST_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write(), name="journal-writer")

    async def stop(self) -> None:
        """Commit what waits, then end."""
        if self._task is None:
            return
        await self._waiting.join()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def add(self, submission: Submission, in_scope_by: Stamp) -> None:
        """Return once the submission is committed. StillAwayError, UnstorableError.

        OutdatedError where it was found to be in scope by what holds no more; it is not in the journal then.
        """
        await self._committed((submission, in_scope_by))

    async def flush(self) -> None:
        """Return once all that was added before is committed. StillAwayError."""
        if self._task is not None or not self._waiting.empty():
            await self._committed(None)

    async def _committed(self, taken: _Taken | None) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._waiting.put((taken, done))
        await done

    async def _write(self) -> None:
        while True:
            taken = [await self._waiting.get()]
            await asyncio.sleep(GATHER_SECONDS)
            while len(taken) < MOST_TOGETHER and not self._waiting.empty():
                taken.append(self._waiting.get_nowait())
            try:
                await self._settle(taken)
            finally:
                for _ in taken:
                    self._waiting.task_done()

    async def _settle(self, taken: Sequence[_Entry]) -> None:
        """Commit together, and tell who waits; what is refused together is tried by halves: one holds up no other."""
        try:
            new = await self._append([one for one, _ in taken if one is not None])
        except Exception as error:  # noqa: BLE001 - whatever the database raises belongs to those who wait
            if not refuses_a_value(error) and not isinstance(error, OutdatedError):
                _tell(taken, error)
            elif len(taken) > 1:
                await self._settle(taken[: len(taken) // 2])
                await self._settle(taken[len(taken) // 2 :])
            else:
                refused = error if isinstance(error, OutdatedError) else UnstorableError(type(error).__name__)
                _tell(taken, refused)
        else:
            _tell(taken, None)
            self._on_new(len(new))

    async def _append(self, taken: Sequence[_Taken]) -> list[int]:
        """Commit; a database that cannot be written to for a moment is asked again."""
        submissions, stamps = [submission for submission, _ in taken], {stamp for _, stamp in taken}
        return await patiently(
            lambda: self._store.journal.append(submissions, stamps), "journal_not_written", submissions=len(taken)
        )


def _tell(taken: Sequence[_Entry], error: Exception | None) -> None:
    """Let those who wait go on; with an error, where there is one."""
    for _, done in taken:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
