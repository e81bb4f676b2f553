"""A message of the server, looked up on Discord for a moderator who may read it there."""

from __future__ import annotations

from contextlib import suppress

import discord

from bot.discord_io.places import channel_of
from bot.discord_io.refusal import RefusedError
from bot.language import tr
from cogs.answers import Interaction
from cogs.permissions import member_of, require_reading
from cogs.render_why import AWAY, CLOSED, GONE, NO_CHANNEL


async def find_message(interaction: Interaction, channel_id: int | None, message_id: int) -> discord.Message:
    """The message, its author as a member while they are one; RefusedError where it cannot be had, with why.

    Only what Discord itself finds in a channel of this server is looked into, and only where who asks may read it.
    """
    guild = member_of(interaction).guild
    channel = await channel_of(guild, channel_id) if channel_id is not None else None
    if channel is None or not isinstance(channel, discord.abc.Messageable):
        raise RefusedError(tr(NO_CHANNEL))
    await require_reading(interaction, channel)
    try:
        message = await channel.fetch_message(message_id)
    except discord.NotFound:
        raise RefusedError(tr(GONE)) from None
    except discord.Forbidden:
        raise RefusedError(tr(CLOSED)) from None
    except discord.HTTPException:
        raise RefusedError(tr(AWAY)) from None
    if message.webhook_id is None:
        with suppress(discord.HTTPException):
            message.author = await guild.fetch_member(message.author.id)
    return message
