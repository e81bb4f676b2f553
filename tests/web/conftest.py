"""Somebody with a browser, for tests of the console."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from tests.stage import Scene
from tests.web.client import Pages, operator


@pytest_asyncio.fixture(loop_scope="session")
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's part of HTTP: it brings cookies along, to addresses without a name too."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest_asyncio.fixture(loop_scope="session")
async def pages(scene: Scene) -> AsyncIterator[Pages]:
    """The operator, who looks at the scene's server."""
    async with operator(scene) as made:
        yield made
