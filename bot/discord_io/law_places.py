"""Where policies count on a server: the category of each channel, and the channels that a place is."""

from __future__ import annotations

import discord

from bot.domain.lawbook import Parents, Where


def where_in(guild: discord.Guild, channel_id: int) -> Where:
    """Where a message in a channel stands, which is no thread."""
    channel = guild.get_channel(channel_id)
    return Where(channel_id, channel.category_id if channel is not None else None)


def parents_in(guild: discord.Guild) -> Parents:
    """The category of each channel of a server."""
    return {channel.id: channel.category_id for channel in guild.channels}


def channels_in(guild: discord.Guild, place_id: int) -> frozenset[int]:
    """The channels that a place is: itself, and of a category those in it."""
    return frozenset({place_id, *(one.id for one in guild.channels if one.category_id == place_id)})
