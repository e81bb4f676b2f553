"""The Discord client: as few intents and as small a cache as the work needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord
from discord.ext import commands

from bot.discord_io.odd_events import skip_odd_events
from bot.discord_io.speaking import CatalogueTranslator, SpeakingTree
from bot.discord_io.typed import clean_interactions

READY_PATIENCE_SECONDS = 2.0


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
        )
        clean_interactions(self._connection.parsers)
        skip_odd_events(self._connection.parsers)
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

    async def setup_hook(self) -> None:
        """Add what listens, then register the commands."""
        await self._set_up()
        await self.tree.set_translator(CatalogueTranslator())
        await self.tree.sync()

    async def on_message(self, message: discord.Message, /) -> None:
        """Overrides the library's own handler, which would look for text commands."""
