"""The example servers in the page: each is there, its chat is replayed at the press of a button, and marks appear."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chat import TOUR_IS_OVER
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.cogs.scripted_stage import held
from tests.showcased import CHAT, Shown, showing

pytestmark = BROWSER

SERVERS = ("The Workshop", "Embervale", "Second Opinion", "The Night Library")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shown]:
    async with showing(tmp_path_factory.mktemp("scenes")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(page_at: PageAt, shown: Shown) -> Page:
    """The page of somebody who has just come, without the tour."""
    return await arrived(page_at, shown)


async def arrived(page_at: PageAt, shown: Shown, **how: object) -> Page:
    page = await page_at("about:blank", **how)
    await page.add_init_script(TOUR_IS_OVER)
    await page.goto(shown.server.page_url)
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()
    return page


async def test_every_server_is_there_with_what_it_is_about(page: Page) -> None:
    for name in SERVERS:
        await page.get_by_role("navigation", name="Servers").get_by_role("button", name=name).click()
        panel = page.get_by_role("region", name="Try this server")
        await expect(panel).to_be_visible()
        await panel.get_by_text("What to try").click()
        assert await panel.get_by_role("listitem").count() >= 2
        await panel.get_by_text("What to try").click()


async def test_a_replay_posts_the_chat_and_each_message_gets_its_mark(page: Page) -> None:
    await page.get_by_role("button", name="Replay the chat").click()
    messages = page.get_by_role("log", name="Messages")
    await expect(messages.get_by_text(CHAT[0].content)).to_be_visible()
    await expect(messages.get_by_text("allowed")).to_be_visible()
    await expect(messages.get_by_text("deleted, author warned: rule 2")).to_be_visible()
    await expect(messages.get_by_text("for a moderator: rule 3")).to_be_visible()
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_enabled()


async def test_a_replay_can_be_stopped_and_others_wait_for_its_end(page: Page, shown: Shown) -> None:
    shown.server.scenes.line_seconds = 60.0
    await page.get_by_role("button", name="Replay the chat").click()
    await expect(page.get_by_text(f"1 of {len(CHAT)} messages posted")).to_be_visible()
    servers = page.get_by_role("navigation", name="Servers")
    await servers.get_by_role("button", name="Embervale").click()
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_disabled()
    await expect(page.get_by_text("A chat is being replayed in The Workshop.")).to_be_visible()
    await servers.get_by_role("button", name="The Workshop").click()
    await page.get_by_role("button", name="Stop the replay").click()
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_enabled()
    shown.server.scenes.line_seconds = 0.0


async def test_who_begins_a_replay_is_led_to_where_it_begins_and_told_where_it_is(page: Page, shown: Shown) -> None:
    shown.server.scenes.line_seconds = 60.0
    channels = page.get_by_role("navigation", name="Channels")
    heading = page.locator("#place h1")
    await channels.get_by_role("link", name="art").click()
    await expect(heading).to_have_text("art")
    await page.get_by_role("button", name="Replay the chat").click()
    await expect(heading).to_have_text("general")
    await expect(page.get_by_role("log").get_by_text(CHAT[0].content).last).to_be_visible()
    goes_on = page.get_by_role("region", name="Try this server").get_by_role("link", name="#general")
    await expect(goes_on).to_be_hidden()
    await channels.get_by_role("link", name="engines").click()
    await expect(heading).to_have_text("engines")
    await goes_on.click()
    await expect(heading).to_have_text("general")
    await page.get_by_role("button", name="Stop the replay").click()
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_enabled()
    shown.server.scenes.line_seconds = 0.0


async def test_while_a_servers_policy_is_compiled_its_panel_says_so(page: Page, shown: Shown) -> None:
    await page.get_by_role("navigation", name="Servers").get_by_role("button", name="Second Opinion").click()
    with held(shown.judge.may_compile):
        await page.get_by_role("button", name="Replay the chat").click()
        await expect(page.get_by_text("Compiling the policy…")).to_be_visible()
        await expect(page.get_by_role("button", name="Stop the replay")).to_be_visible()
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_the_panel_can_be_used_by_everybody(page_at: PageAt, shown: Shown, width: int, scheme: str) -> None:
    page = await arrived(page_at, shown, width=width, scheme=scheme)
    if width == 390:
        await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("region", name="Try this server").get_by_text("What to try").click()
    assert await serious(page) == []
    await shot(page, f"scenes-{width}-{scheme}")


async def test_on_a_phone_the_messages_come_into_view_when_the_replay_begins(page_at: PageAt, shown: Shown) -> None:
    page = await arrived(page_at, shown, width=390, height=780)
    await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("button", name="Replay the chat").click()
    await expect(page.get_by_role("button", name="Channels")).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_role("log").get_by_text(CHAT[2].content).last).to_be_in_viewport()


async def test_the_panel_is_reached_and_used_by_the_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="Replay the chat")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Replay the chat")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".scene summary")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Try this server").get_by_role("listitem").first).to_be_visible()
