"""The operator: whoever sits at the machine the bot runs on, where the console listens on loopback alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

import discord
from aiohttp import web

from bot.discord_io.refusal import NotAllowedError
from bot.domain.access import Standing
from bot.domain.audit import THE_SHELL
from bot.domain.records import CaseRecord
from bot.domain.submission import Submission
from bot.language import tr
from bot.store import Store
from bot.web.console.keeping import Keeping
from bot.web.console.rendering import Renderer
from bot.web.console.visitor import Entry, UnknownServerError, Visitor

_OF_A_PROXY = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
_MAY_ALL = Standing(is_administrator=True, manages=True, moderates=True, role_ids=frozenset())


class Operator:
    """Sees and may do on each server what the bot itself may; who it is nobody knows, as with the shell."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        """Of the servers that the bot is on."""
        self._client = client
        self._store = store

    @property
    def name(self) -> str:
        """How the operator is called."""
        return tr("Operator of this machine")

    async def servers(self) -> list[discord.Guild]:
        """All servers."""
        return sorted(self._client.guilds, key=lambda one: (one.name.casefold(), one.id))

    async def enter(self, guild_id: int) -> Entry:
        """Come to a server; UnknownServerError where the bot is not on it."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise UnknownServerError(guild_id)
        settings = await self._store.guilds.get(guild_id)
        return Entry(guild, settings, THE_SHELL, guild.me, _MAY_ALL, _SeesAll())

    async def act(self, guild_id: int) -> Entry:
        """The same: the operator may do everything at any moment."""
        return await self.enter(guild_id)


class _SeesAll:
    """The operator reads the database itself: nothing is hidden from them."""

    hidden: frozenset[int] = frozenset()

    async def cases(self, find: Callable[[frozenset[int]], Awaitable[list[CaseRecord]]]) -> list[CaseRecord]:
        """All that is found."""
        return await find(self.hidden)

    async def hides(self, found: Iterable[Submission]) -> bool:
        """Nothing is hidden."""
        return False

    async def sees(self, channel_id: int, parent_id: int | None = None) -> bool:
        """Everything is seen."""
        return True


class OpenDoor:
    """Lets everybody in as the operator: for loopback alone."""

    sign_in_path = "/console/"
    sign_out_path = None

    def __init__(self, operator: Operator) -> None:
        """Whoever comes is the operator."""
        self._operator = operator

    def greet(self, request: web.Request) -> Visitor | None:
        """The operator; NotAllowedError for what a proxy hands on, which may come from anywhere."""
        if any(name in request.headers for name in _OF_A_PROXY):
            raise NotAllowedError(
                tr(
                    "This came through a proxy, and as things are set the console is for the bot's own machine alone: "
                    "whoever runs the bot has to set LAWSPEAKER_OAUTH_CLIENT_SECRET, so that moderators sign in."
                )
            )
        return self._operator

    def routes(self, keeping: Keeping, renderer: Renderer) -> Sequence[web.RouteDef]:
        """Nobody signs in."""
        return ()
