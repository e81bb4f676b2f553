"""A small server for the page's own tests, without the bot: members, a moderator, channels; and the page's parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.async_api import Locator, Page, expect

from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Application, Channel, ChannelKind, Guild, Message, Overwrite, User
from bot.sandbox.permissions import MODERATOR, VIEW_CHANNEL
from bot.sandbox.server import SandboxServer
from tests.browser.conftest import PageAt

TOUR_IS_OVER = "localStorage.setItem('lawspeaker-tour', JSON.stringify({isOver: true}))"


@dataclass
class Club:
    """A server with two open channels and one for the staff; its members, of whom Ada, Ben and Mira are on offer."""

    server: SandboxServer
    guild: Guild
    general: Channel
    second: Channel
    staff: Channel
    owner: User
    ada: User
    ben: User
    mira: User
    app: Application
    exchanges: list[Exchange] = field(default_factory=list)


async def open_club() -> Club:
    """Start the server."""
    exchanges: list[Exchange] = []
    server = SandboxServer(on_exchange=exchanges.append)
    world = server.world
    owner, ada, ben, mira = (world.add_user(name.lower(), global_name=name) for name in ("Olga", "Ada", "Ben", "Mira"))
    guild = world.add_guild("The Lantern Club", owner)
    moderators = world.add_role(guild, "Moderators", MODERATOR, color=0x3498DB)
    moderators.hoist = True
    for user in (ada, ben):
        world.join(guild, user)
    world.join(guild, mira, [moderators])
    app = world.add_application("Helper")
    world.invite(guild, app)
    talk = world.add_channel(guild, "Talk", ChannelKind.CATEGORY)
    general = world.add_channel(guild, "general", parent=talk, topic="All about lanterns")
    second = world.add_channel(guild, "off-topic", parent=talk)
    hidden = [Overwrite(guild.id, 0, 0, VIEW_CHANNEL), Overwrite(moderators.id, 0, VIEW_CHANNEL)]
    staff = world.add_channel(guild, "staff-room", overwrites=hidden)
    for user, about in ((ada, "a member"), (ben, "another member"), (mira, "a moderator")):
        server.offer(user, about)
    await server.start()
    return Club(server, guild, general, second, staff, owner, ada, ben, mira, app, exchanges)


class Chat:
    """The page as somebody sees it who is logged in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.words = page.locator("#words")
        self.messages = page.locator("article.message")
        self.account = page.locator("#account")
        self.channels = page.get_by_role("navigation", name="Channels")
        self.heading = page.locator("#place h1")
        self.note = page.locator("#composer-note")
        self.announced = page.locator("#announcer")

    def message(self, message: Message | int) -> Locator:
        """A message as it is drawn."""
        identity = message.id if isinstance(message, Message) else message
        return self.page.locator(f"article.message[data-id='{identity}']")

    async def say(self, words: str) -> Locator:
        """Write a message and wait until it is in the list."""
        await self.words.fill(words)
        await self.words.press("Enter")
        await expect(self.messages.last).to_contain_text(words)
        return self.messages.last

    async def enter(self, name: str) -> None:
        """Go into a channel by its link."""
        await self.channels.get_by_role("link", name=name).click()
        await expect(self.heading).to_have_text(name)

    async def become(self, name: str) -> None:
        """Switch the account."""
        await self.account.click()
        await self.page.locator("#accounts").get_by_role("menuitemradio", name=name).click()
        await expect(self.account).to_contain_text(name)
        await expect(self.page.locator("body")).to_have_attribute("data-connection", "connected")


async def visit(
    page_at: PageAt, club: Club, *, place: Channel | None = None, scripts: Sequence[str] = (), **how: object
) -> Chat:
    """Open the page, as Ada, in a channel."""
    page = await page_at("about:blank", **how)
    for script in (TOUR_IS_OVER, *scripts):
        await page.add_init_script(script)
    channel = place or club.general
    where = str(club.guild.id) if channel.guild is not None else "@me"
    await page.goto(f"{club.server.page_url}#/{where}/{channel.id}")
    chat = Chat(page)
    await expect(page.locator("body")).to_have_attribute("data-connection", "connected")
    await expect(page.locator("#message-list > *").first).to_be_visible()
    return chat
