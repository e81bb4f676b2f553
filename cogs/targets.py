"""What `/why` is asked about: a message's link or id, or a case's number. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.discord_io.refusal import RefusedError
from bot.language import tr

_LINK = re.compile(r"<?https?://[^\s/]+/channels/(\d{1,20})/(\d{1,20})/(\d{1,20})/?(?:\?\S*)?>?")
_CHANNEL_AND_ID = re.compile(r"(\d{15,20})-(\d{15,20})")
_ID = re.compile(r"\d{15,20}")
_CASE = re.compile(r"(?:case\s*)?#?\s*(\d{1,9})", re.IGNORECASE)
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MessageTarget:
    """A message; its server and channel where they were given."""

    message_id: int
    channel_id: int | None = None
    guild_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseTarget:
    """A case of this server."""

    number: int


def parse_target(given: str) -> MessageTarget | CaseTarget:
    """Read a message link, `channel-message` ids, a message id or a case number; RefusedError for anything else."""
    text = given.strip()
    if link := _LINK.fullmatch(text):
        guild_id, channel_id, message_id = (_snowflake(part) for part in link.groups())
        return MessageTarget(message_id, channel_id, guild_id)
    if pair := _CHANNEL_AND_ID.fullmatch(text):
        return MessageTarget(_snowflake(pair[2]), _snowflake(pair[1]))
    if _ID.fullmatch(text):
        return MessageTarget(_snowflake(text))
    if (case := _CASE.fullmatch(text)) and int(case[1]) > 0:
        return CaseTarget(int(case[1]))
    raise RefusedError(tr("Give a message's link, its id, or a case's number."))


def _snowflake(digits: str) -> int:
    number = int(digits)
    if number > _LARGEST:
        raise RefusedError(tr("That is no message of Discord's: copy its link or id again."))
    return number
