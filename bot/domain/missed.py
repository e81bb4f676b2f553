"""What of a channel's history the bot missed, and is to judge now that it is back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

OVERLAP = timedelta(minutes=3)
"""The gateway may have been silent for so long before that was noticed; a clock may be wrong by some seconds."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages from before `oldest` are left alone; of later ones was missed what happened after `heard`."""

    oldest: datetime
    heard: datetime

    def holds(self, posted_at: datetime, edited_at: datetime | None) -> bool:
        """Whether a message as it stands now may not have come in.

        What happened in the OVERLAP may well have: whoever asks looks for it by its id.
        """
        return posted_at >= self.oldest and (edited_at or posted_at) > self.heard


def gap_before(
    now: datetime,
    reach: timedelta,
    heard_until: datetime | None,
    watched_at: datetime | None,
    joined_at: datetime | None,
) -> Gap | None:
    """The gap in a channel that ended `now`; None where nothing is to be judged after all.

    `heard_until` is until when its server was heard, None for never: what was said before is not the bot's to judge.
    Neither is what was said before the channel was watched or the bot was on the server; None where that is not known.
    """
    if heard_until is None or reach <= timedelta():
        return None
    starts = [now - reach, *(one for one in (watched_at, joined_at) if one is not None)]
    return Gap(max(starts), heard_until - OVERLAP)
