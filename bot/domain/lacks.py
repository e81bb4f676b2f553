"""What the bot lacks to do its work on a server: permissions, its rank, a place to post in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.policy import ActionKind
from bot.domain.submission import Submission


class LackKind(StrEnum):
    """For what it lacks something, or what it lacks."""

    READ = "read"
    POST = "post"
    GONE = "gone"
    REFUSED = "refused"
    DELETE = "delete"
    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"
    RANK = "rank"
    TWO_FACTOR = "two_factor"


@dataclass(frozen=True, slots=True)
class Lack:
    """`place_id` is the channel it is about, for RANK the role above the bot's, and 0 for the whole server."""

    kind: LackKind
    place_id: int = 0


@dataclass(frozen=True, slots=True)
class OpenLack:
    """A lack that holds, and the notice of it: where it stands is None until moderators are told.

    `seen` says that it can be told from what the bot knows of the server; the rest is known only from what Discord
    answered, and over only when Discord answers otherwise. Lacks that were noticed together have one notice, and its
    nonce in common.
    """

    lack: Lack
    since: datetime
    seen: bool
    nonce: str
    channel_id: int | None = None
    message_id: int | None = None


NEEDED: Mapping[LackKind, tuple[str, ...]] = {
    LackKind.READ: ("view_channel", "read_message_history"),
    LackKind.POST: ("view_channel", "send_messages", "embed_links"),
    LackKind.DELETE: ("manage_messages",),
    LackKind.TIMEOUT: ("moderate_members",),
    LackKind.KICK: ("kick_members",),
    LackKind.BAN: ("ban_members",),
}
"""The permissions that it takes, by their names in discord.py."""

FOR_EMBEDS = frozenset({"embed_links"})
"""What a post takes only where it shows a case."""

IN_CHANNELS = frozenset({LackKind.READ, LackKind.POST, LackKind.DELETE})
"""What channels may allow or deny; the rest is a matter of the bot's role alone."""

_OF_ACTIONS = {
    ActionKind.DELETE: LackKind.DELETE,
    ActionKind.TIMEOUT: LackKind.TIMEOUT,
    ActionKind.KICK: LackKind.KICK,
    ActionKind.BAN: LackKind.BAN,
}


def permission_for(kind: ActionKind) -> str | None:
    """The permission that an action takes, by its name in discord.py; None for what takes none."""
    found = _OF_ACTIONS.get(kind)
    return NEEDED[found][0] if found is not None else None


def lack_for(kind: ActionKind, submission: Submission) -> Lack | None:
    """What the bot would lack that could not do this about a message; None for what takes no permission."""
    found = _OF_ACTIONS.get(kind)
    if found is LackKind.DELETE:
        return Lack(found, watched_place(submission))
    return Lack(found) if found is not None else None


def thread_in(lack: Lack, submission: Submission) -> int:
    """The thread of a message, where a lack of its channel may be one of the thread alone; else 0."""
    return submission.channel_id if lack.place_id and submission.parent_id is not None else 0


def watched_place(submission: Submission) -> int:
    """The channel of a message, or of the thread that it is in: its permissions are the thread's."""
    return submission.parent_id or submission.channel_id
