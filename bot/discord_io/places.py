"""Channels and threads of a server, looked up where the library does not know them."""

from __future__ import annotations

from contextlib import suppress

import discord


async def channel_of(guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """A channel or thread of the server, an archived one too; None where there is none that the bot can see."""
    found = guild.get_channel_or_thread(channel_id)
    if found is None:
        with suppress(discord.HTTPException, discord.InvalidData):
            return await guild.fetch_channel(channel_id)
    return found
