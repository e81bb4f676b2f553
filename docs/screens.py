"""Pages on screens: a browser without a window, what it is looked at on, and the picture of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright, expect

from docs.browser import ARGUMENTS, DrawingError, shrink

MINUTES_MS = 300_000
"""How long a page is waited for: a busy machine may take some minutes for the chat."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page is looked at on; `scale` is how many pixels are drawn for each of the page's."""

    width: int
    height: int
    scale: float
    scheme: str


async def context_on(browser: Browser, screen: Screen) -> BrowserContext:
    """An empty profile on a screen."""
    context = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.scale,
        color_scheme="dark" if screen.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(MINUTES_MS)
    return context


async def shoot(page: Page, target: Path) -> None:
    """Draw what a page shows now, as a PNG."""
    # What is pointed at or has the focus shows more than there is for who only looks.
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement?.blur()")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        drawn = Path(folder, "page.png")
        await page.screenshot(path=drawn, animations="disabled", caret="hide")
        await asyncio.to_thread(shrink, drawn, target)


@asynccontextmanager
async def browsing(program: str) -> AsyncIterator[Browser]:
    """A running browser. DrawingError."""
    expect.set_options(timeout=MINUTES_MS)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        except Error as error:
            raise DrawingError(f"{program} did not start: {error.message.splitlines()[0]}") from error
        yield browser
        await browser.close()
