"""Getting somewhere with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab")


async def fits(page: Page, width: int) -> None:
    """Nothing sticks out at the side."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
