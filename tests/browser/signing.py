"""Signing in to the console through Discord, which the sandbox plays."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from bot.sandbox.model import User
from tests.browser.conftest import PageAt
from tests.web.signed import Signed


async def agree(page: Page, user: User) -> None:
    """Agree as a user, on the sandbox's page."""
    await expect(page.get_by_role("heading", name="wants to access your account")).to_be_visible()
    await page.locator(f'input[value="{user.id}"]').check()
    await page.get_by_role("button", name="Authorize").click()


async def signed_in(page_at: PageAt, signed: Signed, user: User, path: str = "now", **how: Any) -> Page:
    """A page of the scene's server, of somebody who went the whole way."""
    wanted = address(signed, path)
    page = await page_at(wanted, **how)
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, user)
    await page.wait_for_url(wanted)
    return page


def address(signed: Signed, path: str) -> str:
    """A path below the scene's server."""
    return f"{signed.address}/console/servers/{signed.scene.guild.id}/{path}"
