"""Who may do what, looked at when it is done: Discord's own setting only says who sees a command."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import discord

from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.discord_io.sight import Sight, sees_thread
from bot.discord_io.speaking import speak_on
from bot.discord_io.standing import require_active, require_may_use
from bot.domain.access import Use, use_of_command, use_of_control
from bot.domain.records import CaseRecord
from bot.language import tr
from bot.store import Store
from cogs.answers import Interaction


def member_of(interaction: Interaction) -> discord.Member:
    """The member who asks; NotAllowedError outside a server, for bots, and for who is timed out.

    Discord lets neither of the last two use commands. A role that the server named is no way around a timeout.
    """
    member = interaction.user
    if interaction.guild is None or not isinstance(member, discord.Member):
        raise NotAllowedError(tr("This works on a server only."))
    require_active(member)
    return member


async def require_use(interaction: Interaction, store: Store) -> discord.Guild:
    """The server, where who asks may use the command, menu, button, select or modal at hand; else NotAllowedError.

    Which group it is in stands in `bot.domain.access`, and who may is looked at now, whatever Discord shows to whom.
    """
    member, use = member_of(interaction), _use_of(interaction)
    if use is not None:
        return await require_access(member, store, use)
    speak_on(member.guild, await store.guilds.get(member.guild.id))
    return member.guild


async def require_access(member: discord.Member, store: Store, use: Use) -> discord.Guild:
    """The server, where a member may use something; else NotAllowedError, which says who may."""
    settings = await store.guilds.get(member.guild.id)
    speak_on(member.guild, settings)
    require_may_use(member, settings, use)
    return member.guild


def _use_of(interaction: Interaction) -> Use | None:
    """What is being used; NotAllowedError where it is in no group, which is a mistake of ours that opens nothing."""
    with suppress(KeyError):
        if interaction.command is not None:
            return use_of_command(interaction.command.qualified_name)
        return use_of_control(str(cast(dict[str, Any], interaction.data or {}).get("custom_id", "")))
    raise NotAllowedError(tr("Nobody may use this: it belongs to no group of commands."))


async def require_sight(interaction: Interaction, channel_id: int, parent_id: int | None = None) -> None:
    """RefusedError where who asks cannot see a channel or thread; of one that is gone the record is for all moderators.

    `parent_id` is a thread's channel, where that is known.
    """
    member = member_of(interaction)
    if channel_id == interaction.channel_id:
        # Discord says so of where somebody is, also of a private thread that is closed to the bot.
        is_seen = interaction.permissions.view_channel
    else:
        is_seen = await Sight(member).sees(channel_id, parent_id)
    if not is_seen:
        raise RefusedError(tr("That message is in a channel you cannot see."))


async def require_reading(interaction: Interaction, channel: discord.abc.GuildChannel | discord.Thread) -> None:
    """RefusedError where who asks may not read in a channel or thread what was posted there, as Discord has it."""
    member = member_of(interaction)
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    permissions = place.permissions_for(member) if place is not None else discord.Permissions.none()
    if not permissions.view_channel or (isinstance(channel, discord.Thread) and not await sees_thread(member, channel)):
        raise RefusedError(tr("That message is in a channel you cannot see."))
    if not permissions.read_message_history:
        raise RefusedError(tr("That message is in a channel whose earlier messages you may not read."))


async def require_case(interaction: Interaction, store: Store, number: int) -> CaseRecord:
    """A case of the server for who may use what is used, and can see its message's channel; else RefusedError."""
    guild = await require_use(interaction, store)
    case = await store.cases.get(guild.id, number)
    if case is None:
        raise RefusedError(tr("There is no case {number} on this server.", number=number))
    await require_sight(interaction, case.submission.channel_id, case.submission.parent_id)
    return case
