"""Which cases are looked for: one typed value for lists, exports and an author's earlier cases. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.records import CaseStatus


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Everything that is given must hold; the default is all of a server's cases.

    `member_id` wrote the message; `moderator_id` answered the case; `channel_id` is a channel, its threads included.
    A case was opened at `since` or later and before `until`. `up_to` is the highest number, so that pages stay the
    same while new cases come in. Cases in `hidden` channels or in threads of them are left out. `text` is a query, see
    `bot.domain.case_words`: what it asks for is in the message as it is shown, in what the judge or moderators wrote
    of it, or in an appeal; a blank one asks for nothing.
    """

    member_id: int | None = None
    rule: str | None = None
    channel_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: CaseStatus | None = None
    moderator_id: int | None = None
    up_to: int | None = None
    hidden: frozenset[int] = frozenset()
    text: str | None = None
