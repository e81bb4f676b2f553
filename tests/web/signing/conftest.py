"""A console to which one signs in, and browsers for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.stage import Scene
from tests.web.client import Browser
from tests.web.signed import Opened, Signed, signed_console


@pytest_asyncio.fixture(loop_scope="session")
async def signed(scene: Scene) -> AsyncIterator[Signed]:
    async with signed_console(scene) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def opened(signed: Signed) -> AsyncIterator[Opened]:
    """Opens browsers."""
    browsers: list[Browser] = []

    def new() -> Browser:
        browsers.append(Browser(signed.address))
        return browsers[-1]

    yield new
    for browser in browsers:
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(opened: Opened) -> Browser:
    return opened()
