"""`/mode`: what the bot does on the server, or in one watched channel."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.refusal import RefusedError
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import WATCHABLE, GivenChannel
from cogs.permissions import require_use
from cogs.render_watch import mode_sentence, watched_sentence
from cogs.watch import place_in


class ModeCog(commands.Cog):
    """Needs Manage Server."""

    def __init__(self, store: Store) -> None:
        """Read and write settings in `store`."""
        self._store = store

    @app_commands.command(
        name="mode", description=mark("What the bot does: nothing, look only (shadow), or act (enforce).")
    )
    @app_commands.describe(
        mode=mark("The new mode."), channel=mark("A watched channel; the whole server unless given.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def mode(
        self,
        interaction: Interaction,
        mode: Literal["off", "shadow", "enforce"],
        channel: app_commands.Transform[GivenChannel, WATCHABLE] | None = None,
    ) -> None:
        """Set the mode, and say where the bot lacks what the mode needs."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if channel is not None:
            settings = await self._store.guilds.get(guild.id)
            if channel.id not in settings.watched:
                raise RefusedError(tr("{channel} is not watched: add it with /watch add.", channel=channel.mention))
            await self._store.guilds.watch(guild.id, channel.id, Mode(mode), by=interaction.user.id)
            settings = await self._store.guilds.get(guild.id)
            await answer(interaction, watched_sentence(place_in(guild, settings, channel.id, channel)))
            return
        settings = await self._store.guilds.update(guild.id, mode=Mode(mode), by=interaction.user.id)
        await answer(interaction, server_mode(guild, settings))


def server_mode(guild: discord.Guild, settings: GuildSettings) -> str:
    """The server's mode in a sentence, the channels with modes of their own, and what the bot lacks for it."""
    places = [place_in(guild, settings, channel_id) for channel_id in settings.watched]
    lacking = [place for place in places if place.missing and not place.is_own_mode]
    return mode_sentence(settings.mode, sum(place.is_own_mode for place in places), lacking)
