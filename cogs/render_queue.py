"""What `/queue` shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.discord_io.embeds import author_of, message_link
from bot.domain.case_terms import WAITS
from bot.domain.moderators import moderator_mention
from bot.domain.records import CLAIM_LASTS, CaseRecord
from bot.domain.waiting import waiting
from bot.language import mark, tr
from cogs.render_case import page_of

PAGE = 10
"""Cases on a page: a line has at most 350 characters, an embed's description 4,096."""
EMPTY = mark("Nothing waits for a human in the channels that you can see.")
NONE_FREE = mark("Everything that waits in the channels that you can see is claimed by somebody: see /queue.")


def queue_embed(cases: Sequence[CaseRecord], count: int, page: int, pages: int, now: datetime) -> discord.Embed:
    """A page of what waits, counted from 0, of `count` cases in all."""
    lines = "\n".join(_line(case, now) for case in cases)
    embed = discord.Embed(title=tr("Waiting for a human, oldest first"), description=lines or tr(EMPTY))
    embed.set_footer(text=page_of(count, page, pages))
    return embed


def _line(case: CaseRecord, now: datetime) -> str:
    """Why a case waits, since when, for whom it is claimed, and where its message and its post are."""
    found, submission = waiting(case), case.submission
    why = tr("answered")
    if found is not None:
        why = f"{tr(WAITS[found.why])}, {discord.utils.format_dt(found.since, 'R')}"
    where = tr("{author} in {channel}", author=author_of(submission), channel=f"<#{submission.channel_id}>")
    parts = [f"**{case.number}** {why}", where]
    holder = case.claim_at(now)
    if holder is not None and case.claimed_at is not None:
        until = discord.utils.format_dt(case.claimed_at + CLAIM_LASTS, "t")
        parts.append(tr("claimed by {moderator} until {time}", moderator=moderator_mention(holder), time=until))
    link = message_link(case.guild_id, submission.channel_id, submission.message_id)
    parts.append(tr("[message]({link})", link=link))
    if case.log_channel_id is not None and case.log_message_id is not None:
        link = message_link(case.guild_id, case.log_channel_id, case.log_message_id)
        parts.append(tr("[post]({link})", link=link))
    return " · ".join(parts)
