"""What the tests of this folder share: what bots are born by, and a migrated database for them to have a copy of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store import schema
from tests.reliability.lives import Nursery


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def empty_database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The file of a database in which nothing is yet: to migrate one takes longer than most of these tests."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    await schema.upgrade(f"sqlite+aiosqlite:///{file}")
    yield file


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    found = Nursery()
    await found.open()
    yield found
    await found.close()
