"""Channels as options of commands, and what the bot itself may do in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import AppCommandOptionType, ChannelType, app_commands

from bot.discord_io.permission_names import permission_name
from bot.domain.decision import Mode
from bot.domain.guild import ExemptKind, GuildSettings

GivenChannel = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""A channel as Discord names it in an option; the bot itself need not see it."""

THREADS = [ChannelType.public_thread, ChannelType.private_thread, ChannelType.news_thread]
"""Watched with their channel, or each by itself."""
_POSTED_IN = [ChannelType.text, ChannelType.news, ChannelType.voice, *THREADS]
_WATCH = ("view_channel", "read_message_history")
_LOG = ("view_channel", "send_messages", "embed_links")


class ChannelOption(app_commands.Transformer):
    """An option for a channel of some types, not looked up: one the bot cannot see gets a sentence, not an error."""

    def __init__(self, types: Sequence[ChannelType]) -> None:
        """Offer channels of these types only."""
        self._types = list(types)

    @property
    def type(self) -> AppCommandOptionType:
        """An option of Discord's type for channels."""
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        """What Discord's app offers."""
        return self._types

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> GivenChannel:
        """The channel as given."""
        assert isinstance(value, GivenChannel)
        return value


WATCHABLE = ChannelOption([*_POSTED_IN, ChannelType.stage_voice, ChannelType.forum])
"""Where members post, and forums, whose posts are threads."""
EXEMPTABLE = ChannelOption([*WATCHABLE.channel_types, ChannelType.category])
"""What can be exempt: wherever something can be watched, and categories."""
LOGGABLE = ChannelOption(_POSTED_IN)
"""Where the bot can post a case."""


def missing(permissions: discord.Permissions, wanted: Sequence[str]) -> list[str]:
    """Of the wanted permissions those that are not there, as Discord's settings call them."""
    return [permission_name(name) for name in wanted if not getattr(permissions, name)]


def missing_to_watch(guild: discord.Guild, channel_id: int, mode: Mode, parent_id: int | None = None) -> list[str]:
    """What the bot lacks to judge messages in a channel, and to delete them where the mode is enforce."""
    wanted = (*_WATCH, "manage_messages") if mode is Mode.ENFORCE else _WATCH
    return missing(_own_permissions(guild, channel_id, parent_id), wanted)


def missing_to_log(guild: discord.Guild, channel_id: int, parent_id: int | None = None) -> list[str]:
    """What the bot lacks to post cases in a channel."""
    is_thread = parent_id is not None or guild.get_thread(channel_id) is not None
    wanted = [f"{name}_in_threads" if is_thread and name == "send_messages" else name for name in _LOG]
    return missing(_own_permissions(guild, channel_id, parent_id), wanted)


def may_mention_all(guild: discord.Guild, channel_id: int, parent_id: int | None = None) -> bool:
    """Whether the bot may ping roles in a channel that not everyone may mention."""
    return _own_permissions(guild, channel_id, parent_id).mention_everyone


def mode_there(channel: object, settings: GuildSettings) -> Mode:
    """The mode that holds in a channel; the server's where it is not watched, or is none of a server's channels."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return settings.mode
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    is_watched = not {channel.id, parent_id}.isdisjoint(settings.watched)
    return settings.mode_in(channel.id, parent_id) if is_watched else settings.mode


def parent_of(channel: GivenChannel) -> int | None:
    """The channel a thread belongs to; None where the channel is no thread."""
    return channel.parent_id if isinstance(channel, app_commands.AppCommandThread) else None


def exempting(
    guild: discord.Guild, settings: GuildSettings, channel_id: int, given: GivenChannel | None = None
) -> tuple[ExemptKind, int] | None:
    """What exempts a channel or thread besides itself: the channel it is in, or the category, with its id.

    `given` is it as an option, where there is one: an archived thread is known to the library no more.
    """
    place = guild.get_channel_or_thread(channel_id)
    parent_id = parent_of(given) if given is not None else getattr(place, "parent_id", None)
    if parent_id is not None and parent_id in settings.exempt_channel_ids:
        return "channel", parent_id
    channel = guild.get_channel(parent_id or channel_id)
    if channel is not None and channel.category_id is not None and channel.category_id in settings.exempt_category_ids:
        return "category", channel.category_id
    return None


def _own_permissions(guild: discord.Guild, channel_id: int, parent_id: int | None) -> discord.Permissions:
    """The bot's permissions in a channel, or in a thread as in its parent; none where it knows neither."""
    channel = guild.get_channel(parent_id or 0) or guild.get_channel_or_thread(channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return discord.Permissions.none()
    return channel.permissions_for(guild.me)
