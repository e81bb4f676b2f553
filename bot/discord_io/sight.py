"""What a member sees of their server: channels by their permissions, and private threads as Discord has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import discord

from bot.domain.records import CaseRecord
from bot.domain.submission import Submission


class Sight:
    """One member's sight for as long as one answer takes: Discord is asked after each thread once."""

    def __init__(self, member: discord.Member) -> None:
        """Nothing is looked up yet but the server's channels."""
        self._member = member
        self._channels = hidden_from(member)
        self._threads: dict[int, bool] = {}

    @property
    def hidden(self) -> frozenset[int]:
        """The channels that the member cannot see, and the threads of which `hides` or `sees` found so."""
        return self._channels | {thread_id for thread_id, is_seen in self._threads.items() if not is_seen}

    async def cases(self, find: Callable[[frozenset[int]], Awaitable[list[CaseRecord]]]) -> list[CaseRecord]:
        """What a search finds that the member sees; it is told which places to leave out.

        Discord tells of private threads one at a time: the search is made again while it finds some that are hidden.
        """
        while True:
            found = await find(self.hidden)
            if not await self.hides(one.submission for one in found):
                return found

    async def hides(self, found: Iterable[Submission]) -> bool:
        """Whether the member cannot see the place of any of these; `hidden` names it from then on."""
        seen = [await self.sees(one.channel_id, one.parent_id) for one in found]
        return not all(seen)

    async def sees(self, channel_id: int, parent_id: int | None = None) -> bool:
        """Whether the member sees a channel or thread; of one that is gone the record is for all moderators.

        `parent_id` is a thread's channel, where that is known.
        """
        if channel_id in self._channels or parent_id in self._channels:
            return False
        if self._member.guild_permissions.administrator or self._member.guild.get_channel(channel_id) is not None:
            return True
        if channel_id not in self._threads:
            self._threads[channel_id] = await self._sees_thread(channel_id, parent_id)
        return self._threads[channel_id]

    async def _sees_thread(self, thread_id: int, parent_id: int | None) -> bool:
        """The same of what is no channel of the server, or none any more."""
        guild = self._member.guild
        parent = guild.get_channel(parent_id or 0)
        if parent is not None and parent.permissions_for(self._member).manage_threads:
            return True
        thread = guild.get_thread(thread_id)
        if thread is None:
            try:
                found = await guild.fetch_channel(thread_id)
            except (discord.NotFound, discord.InvalidData):
                return True
            except discord.HTTPException:
                # It is closed to the bot itself, so it is a private thread; or Discord does not say now.
                return False
            if not isinstance(found, discord.Thread):
                return found.permissions_for(self._member).view_channel
            thread = found
        return await sees_thread(self._member, thread)


def hidden_from(member: discord.Member) -> frozenset[int]:
    """The server's channels that a member cannot see; a thread is seen by nobody who does not see its channel."""
    return frozenset(
        channel.id for channel in member.guild.channels if not channel.permissions_for(member).view_channel
    )


async def sees_thread(member: discord.Member, thread: discord.Thread) -> bool:
    """Whether a member sees a thread: a private one is for those who were added to it or manage threads."""
    if thread.parent is None:
        return member.guild_permissions.administrator
    permissions = thread.parent.permissions_for(member)
    if not permissions.view_channel:
        return False
    if not thread.is_private() or permissions.manage_threads:
        return True
    with suppress(discord.HTTPException):
        await thread.fetch_member(member.id)
        return True
    return False
