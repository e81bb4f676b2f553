"""Channels and threads of a server, looked up where the library does not know them."""

from __future__ import annotations

from contextlib import suppress

import discord

from bot.domain.lawbook import Parents


async def channel_of(guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """A channel or thread of the server, an archived one too; None where there is none that the bot can see."""
    found = guild.get_channel_or_thread(channel_id)
    if found is None:
        with suppress(discord.HTTPException, discord.InvalidData):
            return await guild.fetch_channel(channel_id)
    return found


def parents_in(guild: discord.Guild) -> Parents:
    """The category of each channel of a server."""
    return {channel.id: channel.category_id for channel in guild.channels}
