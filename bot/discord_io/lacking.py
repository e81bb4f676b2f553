"""What the bot lacks on a server, as far as its library knows: nothing is asked of Discord here."""

from __future__ import annotations

import discord

from bot.domain.lacks import IN_CHANNELS, NEEDED, Lack, LackKind


def lacking(guild: discord.Guild, lack: Lack) -> list[str]:
    """The permissions that are missing, by their names in discord.py; none where server or channel is not known."""
    if guild.unavailable:
        return []
    needed = NEEDED.get(lack.kind, ())
    if lack.kind not in IN_CHANNELS:
        return _missing(guild.me.guild_permissions, needed)
    channel = guild.get_channel_or_thread(lack.place_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return []
    if isinstance(channel, discord.Thread):
        needed = tuple(f"{name}_in_threads" if name == "send_messages" else name for name in needed)
    return _missing(channel.permissions_for(guild.me), needed)


def holds(guild: discord.Guild, lack: Lack) -> bool:
    """Whether a lack that was seen once still holds; one of a channel that is not known any more does."""
    if lack.kind is LackKind.RANK:
        role = guild.get_role(lack.place_id)
        return role is not None and guild.me.top_role <= role
    if lack.kind is LackKind.GONE or (lack.kind in IN_CHANNELS and not is_known(guild, lack.place_id)):
        return not is_known(guild, lack.place_id)
    return bool(lacking(guild, lack))


def is_known(guild: discord.Guild, channel_id: int) -> bool:
    """Whether the library knows a channel: one that was deleted it does not, nor a thread that was archived."""
    return guild.get_channel_or_thread(channel_id) is not None


def own_role(guild: discord.Guild) -> discord.Role:
    """The role that is to be given permissions: the one that came with the bot, else its highest."""
    return guild.self_role or guild.me.top_role


def _missing(held: discord.Permissions, needed: tuple[str, ...]) -> list[str]:
    return [name for name in needed if not getattr(held, name)]
