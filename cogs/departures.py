"""Departures: the bot left a server, or is on it again."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
from discord.ext import commands

from bot.pipeline.intake import Intake
from bot.pipeline.patience import patiently
from bot.store import Store


class DepartureListener(commands.Cog):
    """The library keeps a server that is only unavailable, and tells of no removal then."""

    def __init__(self, client: commands.Bot, store: Store, intake: Intake) -> None:
        """Record in `store`; `intake` forgets what was said on a server that is gone."""
        self._client = client
        self._departures = store.departures
        self._intake = intake

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session began: servers may have gone, or come, while there was none."""
        present = {guild.id for guild in self._client.guilds}
        await patiently(lambda: self._departures.notice(present, datetime.now(UTC)), "departures_not_noticed")

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot left, was removed, or the server is no more."""
        self._intake.forget_server(guild.id)
        now = datetime.now(UTC)
        await patiently(lambda: self._departures.left(guild.id, now), "departure_not_recorded", guild_id=guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """The server is there; some say so also of one that the bot was added to."""
        await self.on_guild_join(guild)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot is on the server, perhaps again."""
        await patiently(lambda: self._departures.returned(guild.id), "return_not_recorded", guild_id=guild.id)
