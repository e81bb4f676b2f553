"""The page as a whole: what it asks for, how it looks, keyboard, phone."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import WebSocket, expect

from bot.sandbox.posting import Upload
from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot

pytestmark = BROWSER


async def test_the_page_asks_for_nothing_but_its_files_rest_pictures_and_the_gateway(
    page_at: PageAt, club: Club
) -> None:
    page = await page_at("about:blank")
    asked: list[str] = []
    sockets: list[WebSocket] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: sockets.append(socket))
    club.server.post(club.ben, club.general, "a file", files=[Upload("a.txt", b"a", "text/plain")])
    await page.goto(club.server.page_url)
    await expect(page.locator("article.message")).to_have_count(1)
    origin = urlsplit(club.server.page_url).netloc
    assert {urlsplit(url).netloc for url in asked} == {origin}
    paths = {urlsplit(url).path for url in asked}
    assert all(one.startswith(("/app/", "/api/v10/", "/cdn/")) for one in paths), paths
    assert [one.url for one in sockets] == [club.server.gateway_url]
    # As a user's app: with a token of the list, on routes of Discord's and those of the sandbox's own.
    own = {one.template for one in club.exchanges if "sandbox" in one.template}
    discord = {one.template for one in club.exchanges} - own
    assert discord <= {"/channels/{channel_id}/messages", "/guilds/{guild_id}/application-command-index"}
    assert {one.caller for one in club.exchanges if one.template != "/sandbox/accounts"} == {club.ada.id}


async def test_where_nobody_is_on_offer_the_page_says_so(page_at: PageAt, club: Club) -> None:
    club.server.accounts.clear()
    page = await page_at(club.server.page_url)
    await expect(page.get_by_text("There is no account here to write as")).to_be_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_serious(page_at: PageAt, club: Club, scheme: str, width: int) -> None:
    fill(club)
    ada = await visit(page_at, club, width=width, scheme=scheme)
    await expect(ada.messages.last).to_be_visible()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-{scheme}-{width}")
    if width < 800:
        await ada.page.get_by_role("button", name="Channels").click()
        assert await serious(ada.page) == []
    await ada.account.click()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-accounts-{scheme}-{width}")
    await ada.page.locator("#accounts").get_by_role("menuitemradio", name="Mira").click()
    await expect(ada.account).to_contain_text("Mira")
    await ada.channels.get_by_role("link", name="staff-room").click()
    await expect(ada.messages.last.get_by_role("button", name="Uphold")).to_be_visible()
    assert await serious(ada.page) == []
    await ada.messages.last.get_by_role("combobox").click()
    await expect(ada.page.get_by_role("option", name="Rule 1")).to_be_visible()
    assert await serious(ada.page) == []
    await shot(ada.page, f"chat-staff-{scheme}-{width}")


def fill(club: Club) -> None:
    """Some of everything that a message may have."""
    server = club.server
    first = server.post(club.ada, club.general, "Hello **all**, ||a secret|| and `code`\n> quoted\n- a list\n-# small")
    server.mark(first, "Allowed", "good")
    answer = server.post(
        club.ben,
        club.general,
        f"<@{club.ada.id}> see <#{club.second.id}> and https://example.org",
        message_reference={"message_id": str(first.id)},
    )
    server.mark(answer, "Pending", "waiting")
    bad = server.post(club.ben, club.general, "```diff\n- old\n+ new\n same\n```")
    server.mark(bad, "Flagged", "warning")
    server.mark(server.post(club.mira, club.general, "# A heading\n<t:1700000000:R>"), "Deleted", "bad")
    styles = ((1, "Open"), (2, "Note"), (3, "Uphold"), (4, "Overturn"))
    buttons = [{"type": 2, "style": style, "label": label, "custom_id": label} for style, label in styles]
    options = [{"label": f"Rule {one}", "value": str(one), "description": "No threats"} for one in range(1, 4)]
    server.post(
        club.app.bot,
        club.staff,
        embeds=[
            {
                "title": "Case 12",
                "description": "Ben wrote in the club",
                "color": 0xDA373C,
                "fields": [
                    {"name": "Rule", "value": "No threats", "inline": True},
                    {"name": "Sure", "value": "93 %", "inline": True},
                ],
                "footer": {"text": "version 3"},
            }
        ],
        components=[
            {"type": 1, "components": buttons},
            {
                "type": 1,
                "components": [{"type": 3, "custom_id": "rule", "placeholder": "Choose a rule", "options": options}],
            },
        ],
    )


async def test_on_a_phone_the_lists_are_drawers(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, width=390)
    opener = ada.page.get_by_role("button", name="Channels")
    await expect(ada.page.locator("#channels")).not_to_be_in_viewport()
    await opener.click()
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await ada.enter("off-topic")
    await expect(ada.page.locator("#channels")).not_to_be_in_viewport()
    await ada.say("written with a thumb")
    people = ada.page.get_by_role("button", name="Members", exact=True)
    await people.click()
    await expect(ada.page.locator("#members").get_by_role("button", name="Ben", exact=True)).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(people).to_be_focused()
    wide = await ada.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def test_all_of_it_can_be_done_with_the_keyboard(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "first")
    last = club.server.post(club.mira, club.general, "last")
    ada = await visit(page_at, club)
    press = ada.page.keyboard.press
    await ada.words.focus()
    await press("Shift+Tab")
    await press("Shift+Tab")
    for _ in range(6):
        if await ada.message(last).evaluate("one => one === document.activeElement"):
            break
        await press("Shift+Tab")
    await expect(ada.message(last)).to_be_focused()
    await press("ArrowUp")
    await expect(ada.message(first)).to_be_focused()
    await press("Tab")
    while await ada.page.evaluate("document.activeElement.getAttribute('aria-label')") != "Reply":
        await press("Tab")
    await press("Enter")
    await expect(ada.page.locator("#reply-bar")).to_have_text("Replying to Ben")
    await expect(ada.words).to_be_focused()
    await press("Escape")
    await expect(ada.page.locator("#reply-bar")).to_be_hidden()
    await ada.account.focus()
    await press("Enter")
    await press("ArrowDown")
    await press("Enter")
    await expect(ada.account).to_contain_text("Ben")


async def test_however_many_messages_there_are_the_field_is_some_tabs_away(page_at: PageAt, club: Club) -> None:
    for number in range(30):
        club.server.post(club.ben if number % 2 else club.mira, club.general, f"message {number}")
    ada = await visit(page_at, club)
    await ada.page.locator("#messages").focus()
    reached = []
    while "words" not in reached:
        await ada.page.keyboard.press("Tab")
        reached.append(await ada.page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert len(reached) <= 8, reached
    # The newest message is on the way, with its author and what one may do with it.
    assert "Ben" in reached


async def test_a_menu_is_asked_for_by_the_right_button_and_by_the_keyboard(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ben, club.general, "first")
    listen = """window.asked = []; document.addEventListener("menu", ({ detail }) => {
        window.asked.push(`${detail.kind} ${detail.target.id}`); })"""
    ada = await visit(page_at, club, scripts=[listen])
    await ada.message(said).locator(".content").click(button="right")
    await ada.page.keyboard.press("Escape")
    await ada.message(said).focus()
    await ada.page.keyboard.press("Shift+F10")
    await ada.page.keyboard.press("Escape")
    await ada.page.locator("#members").get_by_role("button", name="Ben", exact=True).click(button="right")
    asked = await ada.page.evaluate("window.asked")
    assert asked == [f"message {said.id}", f"message {said.id}", f"user {club.ben.id}"]
