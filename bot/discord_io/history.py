"""A channel's history, the newest first; what the library cannot read of it is passed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import discord

from bot.discord_io.odd_events import log_odd

_PAGE = 100

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


async def newest_first(channel: Readable, since: datetime, most: int | None = None) -> AsyncIterator[discord.Message]:
    """A channel's messages since a time, of all those the newest `most`; raises what the library raises of requests.

    The library's own history ends at the first message that it cannot read.
    """
    before: int | None = None
    read = 0
    while most is None or read < most:
        wanted = _PAGE if most is None else min(_PAGE, most - read)
        page = await channel._state.http.logs_from(channel.id, wanted, before=before)
        for one in page:
            message = _message(channel, one)
            if message is not None:
                if message.created_at < since:
                    return
                yield message
        if len(page) < wanted:
            return
        read += len(page)
        before = int(page[-1]["id"])


def _message(channel: Readable, given: Any) -> discord.Message | None:
    try:
        return channel._state.create_message(channel=channel, data=given)
    except Exception as error:  # noqa: BLE001 - whatever the library trips over
        log_odd("history_message_skipped", error, channel_id=channel.id)
        return None
