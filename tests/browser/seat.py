"""A place at the sandbox's page: somebody logged in, looking at a channel, and what they see there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.async_api import Locator, Page, expect

from bot.sandbox.model import Channel, Message, User
from tests.browser.conftest import PageAt
from tests.stage import SECONDS, Scene

COMPILING_MS = SECONDS * 1_000
"""How long is waited for what the judge has to compile first."""
TOUR_IS_OVER = "localStorage.setItem('lawspeaker-tour', JSON.stringify({isOver: true}))"


class Seat:
    """The parts of the page by what they are to who uses it."""

    def __init__(self, page: Page, scene: Scene) -> None:
        self.page = page
        self._scene = scene
        self.composer = page.get_by_role("textbox", name="Message")
        self.palette = page.locator("#palette")
        self.options = self.palette.get_by_role("option")
        self.line = page.get_by_role("group", name="Options of")
        self.note = page.locator("#composer-note")
        self.menu = page.get_by_role("menu")
        self.dialog = page.get_by_role("dialog")
        self.messages = page.locator("article.message")
        self.answer = self.messages.last

    def field(self, name: str) -> Locator:
        """The field of an option."""
        return self.line.get_by_label(name, exact=True)

    def message(self, message: Message) -> Locator:
        """A message as it is drawn."""
        return self.page.locator(f"article.message[data-id='{message.id}']")

    async def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def begin(self, text: str) -> None:
        """Type the beginning of a command, and wait until it is marked in the list."""
        await self.composer.fill(text)
        if text != "/":
            first = self.palette.locator("[role=option][aria-selected=true]")
            await expect(first).to_contain_text(text)

    async def send(self) -> None:
        """Send the command that is being filled in."""
        await self.line.get_by_role("button", name="Send").click()

    async def open_menu(self, message: Message, *, by_keys: bool = False) -> None:
        """Open a message's menu with the mouse, or by its button with the keyboard."""
        article = self.message(message)
        if by_keys:
            await article.focus()
            await article.get_by_role("button", name="More").press("Enter")
        else:
            await article.locator(".content").click(button="right")
        await expect(self.menu.get_by_role("group", name="Apps")).to_be_visible()

    def interactions(self, kind: int) -> list[dict[str, Any]]:
        """The interactions of a kind that were posted so far."""
        told = self._scene.stage.exchanges
        return [
            one.request_body for one in told if one.template == "/interactions" and one.request_body["type"] == kind
        ]


async def sit(
    page_at: PageAt,
    scene: Scene,
    user: User,
    channel: Channel | None = None,
    *,
    tour: bool = False,
    others: Sequence[User] = (),
    **how: Any,
) -> Seat:
    """Sit down at the page as a user; `others` may be switched to, and the tour is over unless it is asked for."""
    server = scene.server
    server.accounts.clear()
    for one in (user, *others):
        server.offer(one, "somebody of the test")
    place = channel or scene.general
    page = await page_at("about:blank", **how)
    if not tour:
        await page.add_init_script(TOUR_IS_OVER)
    await page.goto(f"{server.page_url}#/{scene.guild.id if place.guild else '@me'}/{place.id}")
    seat = Seat(page, scene)
    # It takes no words, and no focus, before the page knows where it is.
    await expect(seat.composer).to_be_enabled()
    return seat
