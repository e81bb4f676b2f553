"""Rights: tells where what the bot may do may have become another."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.pipeline.lack_notices import LackNotices


class RightsListener(commands.Cog):
    """Roles, channels and the bot itself; what came of it is looked at later, when all of a change is there."""

    def __init__(self, notices: LackNotices) -> None:
        """Tell `notices`."""
        self._notices = notices

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server is there, at the start too: what happened before is not known."""
        self._notices.look_at(guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """A role was given or denied something, or was moved."""
        self._notices.look_at(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """A role is gone."""
        self._notices.look_at(role.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel was opened or closed to somebody."""
        self._notices.look_at(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone."""
        self._notices.gone(channel.guild, channel.id)

    @commands.Cog.listener()
    async def on_thread_delete(self, thread: discord.Thread) -> None:
        """A thread is gone."""
        self._notices.gone(thread.guild, thread.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """The bot has other roles, or is timed out."""
        if after == after.guild.me:
            self._notices.look_at(after.guild.id)
