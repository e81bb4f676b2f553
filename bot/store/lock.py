"""One process at a time works on a database: two would do everything twice."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.engine import StoreError, make_engine, sqlite_file
from bot.store.trouble import Trouble, trouble_while_used

log = structlog.get_logger(__name__)

HOLD_SECONDS = 5.0
"""Between two looks at whether a server still holds the lock."""
_ANSWER_SECONDS = 10.0
# A number of ours among a PostgreSQL database's advisory locks, beside the schema's.
_OURS = 0x1A55
# A folder on another machine may know no locks.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class InUseError(StoreError):
    """Another process has the lock."""


class InstanceLock:
    """Held by a bot as long as it runs, and by whoever replaces the database under it.

    The lock ends with the process, however that ends; one of a database server ends with the server too, or when it
    ends the connection: whoever runs long has to `hold` it. A database in memory needs none.
    """

    def __init__(self, url: str) -> None:
        """Take nothing yet; StoreError where the URL is unusable."""
        self._url = url
        self._file = sqlite_file(url)
        self._held: int | None = None
        self._engine: AsyncEngine | None = None
        self._connection: AsyncConnection | None = None

    async def take(self) -> None:
        """Take the lock; InUseError where another process has it, StoreError where the database cannot be reached."""
        if self._file is not None:
            self._held = _lock_file(self._file)
        elif not self._url.startswith("sqlite"):
            await self._lock_server()

    async def hold(self) -> None:
        """Take the lock again whenever a server has lost it; InUseError where another process took it meanwhile.

        It never returns. While the server is away nobody has the lock, and nothing can be done twice either.
        """
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            if not self._url.startswith("sqlite") and not await self._is_held():
                await self._take_again()

    async def release(self) -> None:
        """Let another process have it; nothing happens where it was not taken."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held)
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def __aenter__(self) -> Self:
        """Take it."""
        await self.take()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it."""
        await self.release()

    async def _is_held(self) -> bool:
        """Whether the connection that has the lock still answers."""
        if self._connection is None:
            return False
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._connection.scalar(text("SELECT 1"))
        except (OSError, DBAPIError, TimeoutError):
            await self._connection.invalidate()
            return False
        return True

    async def _take_again(self) -> None:
        await self.release()
        try:
            await self._lock_server()
        except InUseError:
            raise
        except StoreError as error:
            log.warning("lock_on_the_database_lost", reason=str(error))
        else:
            log.info("lock_on_the_database_taken_again")

    async def _lock_server(self) -> None:
        """The lock is that of a connection, which stays open for it alone."""
        self._engine = make_engine(self._url)
        try:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            taken = await self._connection.scalar(
                text("SELECT pg_try_advisory_lock(:ours, hashtext(current_schema()))"), {"ours": _OURS}
            )
        except (OSError, DBAPIError) as error:
            await self.release()
            raise StoreError((trouble_while_used(error) or Trouble.AWAY).sentence("The database server")) from error
        if not taken:
            await self.release()
            raise _in_use("in LAWSPEAKER_DATABASE_URL")


def _lock_file(file: Path) -> int | None:
    """The handle that holds the lock beside a database; None where the folder knows no locks."""
    path = file.resolve()
    path = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}): make its folder writable.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise _in_use(str(file)) from None
    except OSError as error:
        os.close(handle)
        if error.errno not in _NO_LOCKS:
            raise
        log.warning("no_lock_on_the_database", file=str(path), error=error.strerror)
        return None
    return handle


def _in_use(where: str) -> InUseError:
    return InUseError(f"Another Lawspeaker works on the database {where}: stop it first.")
