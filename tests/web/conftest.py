"""Somebody with a browser, for tests of the console."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from tests.stage import Scene
from tests.web.looking import Looking


@pytest_asyncio.fixture(loop_scope="session")
async def looking(scene: Scene) -> AsyncIterator[Looking]:
    """The operator, who looks at the scene's server."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Looking(scene, session, scene.stage.trial.app.web.port)
