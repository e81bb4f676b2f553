"""A real browser: Debian's Chromium, driven by Playwright, one for all tests of a process.

A module of browser tests says `pytestmark = BROWSER` (`tests/browser/marks.py`), and a test asks for `page_at`:

    async def test_it_says_hello(page_at: PageAt, server: Server) -> None:
        page = await page_at(f"{server.origin}/app/", width=390)
        await expect(page.get_by_role("heading", name="Hello")).to_be_visible()
        assert not await serious(page)

An error in the console, a request that fails or leaves this machine, and an answer of 500 or more fail the test at its
end, unless `allow` names them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from docs.browser import ARGUMENTS
from tests.browser.visiting import PATIENCE_MS, VARIABLE, Visitor, chromium, required

PageAt = Callable[..., Awaitable[Page]]
"""See `Visitor.open`."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A running Chromium without a window; tests are skipped where there is none."""
    program = chromium()
    if program is None:
        words = "there is no Chromium (Debian: apt-get install chromium)"
        if required():
            pytest.fail(f"{words}, and {VARIABLE} asks for it")
        pytest.skip(words)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS), headless=True)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    """Somebody with an empty profile, who complains at the end of the test."""
    made = Visitor(browser)
    yield made
    await made.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def page_at(visitor: Visitor) -> PageAt:
    """Opens a page: `await page_at(url, width=1280, height=800, scheme="dark", allow=[...])`."""
    return visitor.open
