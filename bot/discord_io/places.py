"""Channels and threads of a server, looked up where the library does not know them."""

from __future__ import annotations

from contextlib import suppress

import discord

from bot.domain.lawbook import Parents, Where


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


def channels_in(guild: discord.Guild, place_id: int) -> frozenset[int]:
    """The channels that a place is: itself, and of a category those in it."""
    return frozenset({place_id, *(one.id for one in guild.channels if one.category_id == place_id)})


def where_in(guild: discord.Guild, channel_id: int) -> Where:
    """Where a message in a channel stands, which is no thread."""
    channel = guild.get_channel(channel_id)
    return Where(channel_id, channel.category_id if channel is not None else None)
