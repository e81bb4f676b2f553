"""What the tests of this folder share: a migrated database to copy, for migrating takes longer than most of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store import schema


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def empty_database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The file of a database in which nothing is yet."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    await schema.upgrade(f"sqlite+aiosqlite:///{file}")
    yield file
