"""Listener: hands new and edited messages to intake."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.pipeline.intake import Intake


class Listener(commands.Cog):
    """Listens to the raw edit event: an edit of a message that is in no cache counts too."""

    def __init__(self, intake: Intake) -> None:
        """Hand what comes to `intake`."""
        self._intake = intake

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """A new message."""
        await self._intake.on_message(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """An edit."""
        await self._intake.on_raw_edit(payload)
