"""Traces: what an earlier try has left on Discord, by which it is found again; nonces last only minutes.

Everything is looked for by time, never among so many of the last ones: how much came after is in others' hands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import discord

from bot.discord_io.appealview import tells_of
from bot.pipeline.scene import Scene

CLOCKS_APART = timedelta(minutes=1)
"""How far this machine's clock, by which tries are recorded, may be from Discord's."""

SAME_TIME = timedelta(seconds=1)
"""How far apart two ends of a timeout may be that are one."""


async def was_told(scene: Scene, since: datetime) -> bool:
    """Whether the member was told of the case since then, in whatever words: the server's may be others by now."""
    async for message in _told_since(scene, since):
        if tells_of(message, scene.case.guild_id, scene.case.number):
            return True
    return False


async def was_greeted(scene: Scene, since: datetime, greetings: tuple[str, ...]) -> bool:
    """Whether the member was sent a text that begins with one of these since then."""
    async for message in _told_since(scene, since):
        if message.content.startswith(greetings):
            return True
    return False


async def was_written(scene: Scene, since: datetime, part: str) -> bool:
    """Whether the member was sent a text with this in it since then."""
    async for message in _told_since(scene, since):
        if part in message.content:
            return True
    return False


async def is_in_audit_log(scene: Scene, since: datetime, action: discord.AuditLogAction) -> bool:
    """Whether the audit log shows that the case did this to the member since then.

    Raises Forbidden where the bot may not view it.
    """
    async for _ in _done_since(scene, since, action):
        return True
    return False


async def was_timed_out(scene: Scene, since: datetime, until: datetime) -> bool:
    """Whether the audit log shows that the case has timed the member out to this end since then.

    Not where the bot may not view it: to set the same end again silences nobody for longer.
    """
    try:
        async for entry in _done_since(scene, since, discord.AuditLogAction.member_update):
            end = getattr(entry.after, "timed_out_until", None)
            if end is not None and abs(end - until) <= SAME_TIME:
                return True
    except discord.Forbidden:
        return False
    return False


async def _told_since(scene: Scene, since: datetime) -> AsyncIterator[discord.Message]:
    """What the bot has written to the member since then, oldest first."""
    channel = await scene.client.create_dm(scene.author)
    async for message in channel.history(limit=None, after=since - CLOCKS_APART):
        if message.author == scene.client.user:
            yield message


async def _done_since(
    scene: Scene, since: datetime, action: discord.AuditLogAction
) -> AsyncIterator[discord.AuditLogEntry]:
    """What the case has done to the member since then, oldest first: it is found near the time of the try."""
    made_by, after = scene.guild.me, since - CLOCKS_APART
    async for entry in scene.guild.audit_logs(limit=None, action=action, user=made_by, after=after, oldest_first=True):
        is_target = entry.target is not None and int(entry.target.id) == scene.author.id
        if is_target and (entry.reason or "").startswith(scene.mark):
            yield entry
