"""A submission: one revision of one message that came in for judging."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NOBODY = 0
"""The author's id of a submission whose author was forgotten: it is no user's."""


@dataclass(frozen=True, slots=True)
class ContextMessage:
    """A message before the one judged, or the one it replies to; never judged itself.

    `author_id` is 0 where it is not known: on records from before it was kept.
    """

    author: str
    text: str
    author_id: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """What intake hands to the journal.

    `parent_id` is a thread's channel, kept because an archived thread is forgotten; None elsewhere. `category_id` is
    the category of the channel, or of the thread's channel, as it stood then; None without one or where not known.
    `revision` is 0 for a new message, else the edit's time in microseconds since 1970; `text` is as posted
    (content, then embeds, poll, attachments and forwards); `normalised` the same with evasions undone. `missed` says
    that it was found in a channel's history, and not heard as it was said.
    """

    guild_id: int
    channel_id: int
    message_id: int
    revision: int
    author_id: int
    author_name: str
    text: str
    normalised: str
    context: tuple[ContextMessage, ...]
    posted_at: datetime
    parent_id: int | None = None
    category_id: int | None = None
    missed: bool = False


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """Discord's link to a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
