"""The Discord client: as few intents and as small a cache as the work needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog
from discord.ext import commands

from bot.discord_io.odd_events import skip_odd_events
from bot.discord_io.once import watching_once
from bot.discord_io.reading import read_patiently
from bot.discord_io.request_gate import RequestGate
from bot.discord_io.speaking import CatalogueTranslator, SpeakingTree
from bot.discord_io.typed import clean_interactions

READY_PATIENCE_SECONDS = 2.0
RECONNECT_SECONDS = 5.0

log = structlog.get_logger(__name__)


def intents() -> discord.Intents:
    """Servers, their messages, and what the messages say; the last is privileged."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.message_content = True
    return wanted


class LawspeakerClient(commands.Bot):
    """discord.py's bot without text commands; `set_up` runs once, after login and before connecting."""

    def __init__(self, set_up: Callable[[], Awaitable[None]]) -> None:
        """Members are read from the messages they write, so neither they nor messages are cached."""
        # The bot never speaks in voice channels: what that would need is not missing.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        self.request_gate = RequestGate()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=SpeakingTree,
            intents=intents(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=READY_PATIENCE_SECONDS,
            http_trace=watching_once(self.request_gate.trace()),
        )
        clean_interactions(self._connection.parsers)
        skip_odd_events(self._connection.parsers)
        self.room: Callable[[], Awaitable[None]] = _at_once
        """Returns when there is room for what the gateway tells next."""
        read_patiently(self.http, lambda: self.room())
        self._set_up = set_up
        self._away = False
        self._new = False

    def is_connected(self) -> bool:
        """Whether Discord's events come in now, and the session's servers are known.

        The library calls itself ready also while the gateway is away.
        """
        return not self._away and not self._new and self.is_ready() and not self.is_closed()

    async def on_connect(self) -> None:
        """A new session begins; its servers are not known yet."""
        self._away, self._new = False, True

    async def on_ready(self) -> None:
        """They are, some seconds later: the gateway may have gone away again meanwhile."""
        self._new = False

    async def on_resumed(self) -> None:
        """The session goes on."""
        self._away = False

    async def on_disconnect(self) -> None:
        """The gateway is away; the library connects again by itself."""
        self._away = True

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected. Where the very first connection fails, the library stumbles over there being none."""
        while True:
            try:
                await super().connect(reconnect=reconnect)
            except AttributeError as error:
                if self.ws is not None or self.is_closed():
                    raise
                log.warning("gateway_not_reached", error=type(error.__context__).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                return

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Before each new session: the library waits five seconds, whatever became of those before."""
        await super().before_identify_hook(shard_id, initial=initial)
        await self.request_gate.before_login()

    async def setup_hook(self) -> None:
        """Add what listens, then register the commands."""
        await self._set_up()
        await self.tree.set_translator(CatalogueTranslator())
        await self.tree.sync()

    async def on_message(self, message: discord.Message, /) -> None:
        """Overrides the library's own handler, which would look for text commands."""


async def _at_once() -> None: ...
