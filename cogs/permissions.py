"""Who may do what, looked at when it is done: Discord's own setting only says who sees a command."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import discord

from bot.domain.guild import GuildSettings
from bot.domain.records import CaseRecord
from bot.store import Store
from cogs.answers import Interaction
from cogs.channels import channel_of
from cogs.errors import RefusedError


class NotAllowedError(RefusedError):
    """The member may not do this here."""


def may_moderate(permissions: discord.Permissions, role_ids: Collection[int], settings: GuildSettings) -> bool:
    """Whether a member looks things up and writes the policy: Manage Messages, or a role the server named."""
    return permissions.manage_messages or not settings.moderator_role_ids.isdisjoint(role_ids)


def may_manage(permissions: discord.Permissions) -> bool:
    """Whether a member sets channels and modes: Manage Server."""
    return permissions.manage_guild


def member_of(interaction: Interaction) -> discord.Member:
    """The member who asks; NotAllowedError outside a server."""
    if interaction.guild is None or not isinstance(interaction.user, discord.Member):
        raise NotAllowedError("This works on a server only.")
    return interaction.user


async def require_moderator(interaction: Interaction, store: Store) -> discord.Guild:
    """The server, where a moderator asks; else NotAllowedError.

    The member's permissions on the whole server count: Manage Messages in one channel is no say in its policy.
    """
    member = member_of(interaction)
    settings = await store.guilds.get(member.guild.id)
    if not may_moderate(member.guild_permissions, [role.id for role in member.roles], settings):
        raise NotAllowedError("Only moderators may do this: it needs Manage Messages or a role this server named.")
    return member.guild


async def require_manager(interaction: Interaction) -> discord.Guild:
    """The server, where somebody with Manage Server asks; else NotAllowedError."""
    member = member_of(interaction)
    if not may_manage(member.guild_permissions):
        raise NotAllowedError("This needs the permission Manage Server.")
    return member.guild


async def require_reader(interaction: Interaction, store: Store) -> discord.Guild:
    """The server, where somebody asks who may look settings up: who sets them, or a moderator."""
    member = member_of(interaction)
    return member.guild if may_manage(member.guild_permissions) else await require_moderator(interaction, store)


async def require_sight(interaction: Interaction, channel_id: int) -> None:
    """RefusedError where who asks cannot see the channel; of one that is gone the record is for all moderators."""
    member = member_of(interaction)
    channel = await channel_of(member.guild, channel_id)
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    if channel is not None and not channel.permissions_for(member).view_channel:
        raise RefusedError("That message is in a channel you cannot see.")


async def require_reading(interaction: Interaction, channel: discord.abc.GuildChannel | discord.Thread) -> None:
    """RefusedError where who asks may not read in a channel or thread what was posted there, as Discord has it."""
    member = member_of(interaction)
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    permissions = place.permissions_for(member) if place is not None else discord.Permissions.none()
    is_closed = isinstance(channel, discord.Thread) and channel.is_private() and not permissions.manage_threads
    if not permissions.view_channel or (is_closed and not await _is_in(channel, member)):
        raise RefusedError("That message is in a channel you cannot see.")
    if not permissions.read_message_history:
        raise RefusedError("That message is in a channel whose earlier messages you may not read.")


async def _is_in(channel: object, member: discord.Member) -> bool:
    """Whether a member was added to a thread; False where Discord does not say so."""
    with suppress(discord.HTTPException):
        if isinstance(channel, discord.Thread):
            await channel.fetch_member(member.id)
            return True
    return False


def hidden_from(member: discord.Member) -> frozenset[int]:
    """The server's channels that a member cannot see; threads are seen with their channel."""
    return frozenset(
        channel.id for channel in member.guild.channels if not channel.permissions_for(member).view_channel
    )


async def require_case(interaction: Interaction, store: Store, number: int) -> CaseRecord:
    """A case of the server where a moderator asks for it who can see its message's channel; else RefusedError."""
    guild = await require_moderator(interaction, store)
    case = await store.cases.get(guild.id, number)
    if case is None:
        raise RefusedError(f"There is no case {number} on this server.")
    await require_sight(interaction, case.submission.channel_id)
    return case
