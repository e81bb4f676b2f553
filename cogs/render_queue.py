"""What `/queue` shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.discord_io.embeds import author_of, message_link
from bot.domain.records import CLAIM_LASTS, CaseRecord
from bot.domain.waiting import Why, waiting

PAGE = 10
"""Cases on a page: a line has at most 350 characters, an embed's description 4,096."""
EMPTY = "Nothing waits for a human in the channels that you can see."
NONE_FREE = "Everything that waits in the channels that you can see is claimed by somebody: see /queue."
_WORDS = {
    Why.APPEAL: "its author appeals",
    Why.ESCALATION: "a human was called",
    Why.REPORT: "reported by a member",
    Why.FAILURE: "it could not be judged",
    Why.UNSURE: "between the thresholds",
}


def queue_embed(cases: Sequence[CaseRecord], count: int, page: int, pages: int, now: datetime) -> discord.Embed:
    """A page of what waits, counted from 0, of `count` cases in all."""
    lines = "\n".join(_line(case, now) for case in cases)
    embed = discord.Embed(title="Waiting for a human, oldest first", description=lines or EMPTY)
    embed.set_footer(text=f"{count} {'case' if count == 1 else 'cases'} · page {page + 1} of {pages}")
    return embed


def _line(case: CaseRecord, now: datetime) -> str:
    """Why a case waits, since when, for whom it is claimed, and where its message and its post are."""
    found, submission = waiting(case), case.submission
    why = f"{_WORDS[found.why]}, {discord.utils.format_dt(found.since, 'R')}" if found is not None else "answered"
    parts = [f"**{case.number}** {why}", f"{author_of(submission)} in <#{submission.channel_id}>"]
    holder = case.claim_at(now)
    if holder is not None and case.claimed_at is not None:
        until = discord.utils.format_dt(case.claimed_at + CLAIM_LASTS, "t")
        parts.append(f"claimed by <@{holder}> until {until}")
    parts.append(f"[message]({message_link(case.guild_id, submission.channel_id, submission.message_id)})")
    if case.log_channel_id is not None and case.log_message_id is not None:
        parts.append(f"[post]({message_link(case.guild_id, case.log_channel_id, case.log_message_id)})")
    return " · ".join(parts)
