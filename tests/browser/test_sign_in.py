"""Signing in to the console in a browser: to Discord, which the sandbox plays, and back; and out again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.reaching import fits, tab_to
from tests.browser.seeing import serious, shot
from tests.browser.signing import agree
from tests.stage import Scene
from tests.web.signed import Signed, signed_console

pytestmark = [*BROWSER, pytest.mark.model]
REFUSED = (r"status of 40[034] ",)
"""Chromium notes every page that is answered with a refusal, which is what some of these tests are about."""


@pytest_asyncio.fixture(loop_scope="session")
async def signed(scene: Scene) -> AsyncIterator[Signed]:
    async with signed_console(scene) as made:
        yield made


async def test_a_moderator_comes_to_the_page_they_wanted_and_signs_out_again(page_at: PageAt, signed: Signed) -> None:
    page = await page_at(signed.address + signed.page)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, signed.scene.moderator)
    await page.wait_for_url(signed.address + signed.page)
    await expect(page.get_by_role("heading", name="Now")).to_be_visible()
    await expect(page.get_by_text(signed.scene.moderator.name)).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.goto(signed.address + signed.page)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_text(signed.scene.moderator.name)).to_have_count(0)


async def test_who_moderates_nothing_sees_nothing(page_at: PageAt, signed: Signed) -> None:
    page = await page_at(f"{signed.address}/console/", allow=REFUSED)
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, signed.scene.member)
    await expect(page.get_by_text("There is no server here that you may look at:")).to_be_visible()
    await page.goto(signed.address + signed.page)
    await expect(
        page.get_by_text("There is no such server, or you may not look at it. The first page has those that you may.")
    ).to_be_visible()


async def test_a_moderator_who_is_timed_out_is_told_until_when_in_their_own_time(
    page_at: PageAt, signed: Signed
) -> None:
    scene = signed.scene
    muted_until = datetime(2100, 1, 2, 20, 4, tzinfo=UTC)
    scene.guild.members[scene.moderator.id].timed_out_until = muted_until
    page = await page_at(f"{signed.address}/console/", width=390, allow=REFUSED, timezone_id="Asia/Kolkata")
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, scene.moderator)
    told = page.get_by_text("You are timed out on this server until Jan 3, 2100, 1:34")
    await expect(told).to_be_visible()
    await expect(told.locator("time")).to_have_attribute("title", "2100-01-02 20:04 UTC")
    assert await serious(page) == []
    await shot(page, "timed-out-390")


async def test_who_changes_their_mind_is_back_at_the_beginning(page_at: PageAt, signed: Signed) -> None:
    page = await page_at(f"{signed.address}/console/", allow=REFUSED)
    await page.get_by_role("link", name="Sign in with Discord").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("alert").filter(has_text="You did not agree on Discord")).to_be_visible()
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, signed.scene.moderator)
    await expect(page.get_by_role("heading", name="Now")).to_be_visible()


async def test_the_keyboard_is_enough(page_at: PageAt, signed: Signed) -> None:
    page = await page_at(f"{signed.address}/console/")
    link = page.get_by_role("link", name="Sign in with Discord")
    await tab_to(page, "a.way")
    await expect(link).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator(f'input[value="{signed.scene.moderator.id}"]').focus()
    await page.keyboard.press("Space")
    await tab_to(page, 'button[value="authorize"]')
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Now")).to_be_visible()
    await tab_to(page, ".sign-out button")
    await page.keyboard.press("Enter")
    await expect(link).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_both_pages_can_be_used_by_everybody(page_at: PageAt, signed: Signed, width: int, scheme: str) -> None:
    page = await page_at(f"{signed.address}/console/", width=width, scheme=scheme)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await serious(page) == []
    await fits(page, width)
    await shot(page, f"sign-in-{width}-{scheme}")
    await page.get_by_role("link", name="Sign in with Discord").click()
    await expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    assert await serious(page) == []
    await fits(page, width)
    await shot(page, f"authorize-{width}-{scheme}")
    await agree(page, signed.scene.moderator)
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert await serious(page) == []
    await fits(page, width)
    await shot(page, f"signed-in-{width}-{scheme}")
