"""Returning: tells back-fill when a new session has begun, and of outages of single servers."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.pipeline.backfill import Backfill


class ReturnListener(commands.Cog):
    """After RESUMED Discord has told everything; after READY nothing of what was before."""

    def __init__(self, backfill: Backfill) -> None:
        """Tell `backfill`."""
        self._backfill = backfill

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A new session has begun, and its servers are known."""
        self._backfill.on_session()

    @commands.Cog.listener()
    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """A server has an outage."""
        self._backfill.on_unavailable(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server came late, or is there again."""
        self._backfill.on_available(guild)
