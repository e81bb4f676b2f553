"""A server for one test of the page, without the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.browser.chat import Club, open_club


@pytest_asyncio.fixture(loop_scope="session")
async def club() -> AsyncIterator[Club]:
    """The club, which is open as long as the test runs."""
    opened = await open_club()
    yield opened
    await opened.server.stop()
