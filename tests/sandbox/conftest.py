"""A sandbox server with a small guild, and the real discord.py client connected to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord
import pytest
from discord.ext import commands

from bot.discord_io.api import use_api
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Application, Channel, Guild, User
from bot.sandbox.server import SandboxServer
from tests.addresses import give_back_addresses


@dataclass(slots=True)
class Place:
    """A server with one guild, two channels, its owner, a member, and the bot's application, which is invited."""

    server: SandboxServer
    guild: Guild
    general: Channel
    log: Channel
    owner: User
    member: User
    application: Application
    exchanges: list[Exchange]


@pytest.fixture
async def place(exchanges: list[Exchange]) -> AsyncIterator[Place]:
    server = SandboxServer(on_exchange=exchanges.append)
    world = server.world
    owner, member = world.add_user("owner"), world.add_user("member")
    guild = world.add_guild("The Guild", owner)
    general, log = world.add_channel(guild, "general"), world.add_channel(guild, "log")
    application = world.add_application("testbot")
    world.invite(guild, application)
    world.join(guild, member)
    await server.start()
    yield Place(server, guild, general, log, owner, member, application, exchanges)
    await server.stop()


class Client(commands.Bot):
    """discord.py's own bot, which remembers the events it was told of."""

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents.all(), guild_ready_timeout=0.1)
        self.heard: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        self.heard.put_nowait((event_name, args[0] if args else None))
        super().dispatch(event_name, *args, **kwargs)

    async def told(self, name: str) -> object:
        """The next event of a name."""
        async with asyncio.timeout(10):
            while True:
                event, value = await self.heard.get()
                if event == name:
                    return value


@pytest.fixture(autouse=True)
def own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests here point the library at servers of their own."""
    give_back_addresses(monkeypatch)


@pytest.fixture
async def client(place: Place) -> AsyncIterator[Client]:
    use_api(place.server.api_base, place.server.gateway_url)
    bot = Client()
    running = asyncio.create_task(bot.start(place.application.token))
    await bot.told("ready")
    yield bot
    await bot.close()
    await asyncio.gather(running, return_exceptions=True)
