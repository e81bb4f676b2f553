"""Who may do what, looked at when it is done: what a member may on a server, in commands and on the console."""

from __future__ import annotations

import discord

from bot.discord_io.refusal import NotAllowedError
from bot.domain.access import Standing, Use, may_use, refusal
from bot.domain.guild import GuildSettings
from bot.language import tr


def standing_of(member: discord.Member, settings: GuildSettings) -> Standing:
    """What a member may on the whole server: Manage Messages in one channel is no say in its policy."""
    return _standing(member, member.guild_permissions, settings)


def standing_beyond_timeout(member: discord.Member, settings: GuildSettings) -> Standing:
    """The same as it is once they are timed out no more: a timeout takes permissions and leaves roles."""
    if not member.is_timed_out():
        return standing_of(member, settings)
    permissions = discord.Permissions.none()
    for role in member.roles:
        permissions |= role.permissions
    return _standing(member, permissions, settings)


def _standing(member: discord.Member, permissions: discord.Permissions, settings: GuildSettings) -> Standing:
    role_ids = frozenset(role.id for role in member.roles)
    return Standing(
        is_administrator=permissions.administrator,
        manages=permissions.manage_guild,
        moderates=permissions.manage_messages or not settings.moderator_role_ids.isdisjoint(role_ids),
        role_ids=role_ids,
    )


def require_active(member: discord.Member) -> None:
    """NotAllowedError for bots and for who is timed out: Discord lets neither use commands.

    A role that the server named is no way around a timeout.
    """
    if member.bot:
        raise NotAllowedError(tr("Bots may not use this."))
    if member.is_timed_out() and not member.guild_permissions.administrator:
        raise NotAllowedError(tr("You are timed out on this server: you can use this again when that is over."))


def require_may_use(member: discord.Member, settings: GuildSettings, use: Use) -> None:
    """NotAllowedError, which says who may, where a member may not use something."""
    standing = standing_of(member, settings)
    if not may_use(use, standing, settings.access):
        raise NotAllowedError(refusal(use, standing, settings.access, settings.moderator_role_ids))
