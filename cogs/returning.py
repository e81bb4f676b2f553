"""Returning: tells back-fill when the gateway goes, and when it is back."""

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
    async def on_connect(self) -> None:
        """A new session begins."""
        self._backfill.on_connected()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Its servers are known."""
        self._backfill.on_session()

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server came late, or is there again."""
        self._backfill.on_available(guild)

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """The gateway is away."""
        self._backfill.on_away()

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """The session goes on."""
        self._backfill.on_resumed()
