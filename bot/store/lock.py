"""One process at a time works on a database: two would do everything twice."""

from __future__ import annotations

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

# A number of ours among a PostgreSQL database's advisory locks, beside the schema's.
_OURS = 0x1A55
# A folder on another machine may know no locks.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class InstanceLock:
    """Held by a bot as long as it runs, and by whoever replaces the database under it.

    The lock ends with the process, however that ends. A database in memory needs none.
    """

    def __init__(self, url: str) -> None:
        """Take nothing yet; StoreError where the URL is unusable."""
        self._url = url
        self._file = sqlite_file(url)
        self._held: int | None = None
        self._engine: AsyncEngine | None = None
        self._connection: AsyncConnection | None = None

    async def take(self) -> None:
        """Take the lock; StoreError where another process has it, or the database cannot be reached."""
        if self._file is not None:
            self._held = _lock_file(self._file)
        elif not self._url.startswith("sqlite"):
            await self._lock_server()

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


def _in_use(where: str) -> StoreError:
    return StoreError(f"Another Lawspeaker works on the database {where}: stop it first.")
