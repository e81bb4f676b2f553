"""What is said about an appeal: to moderators where cases stand, and to the member who made it. Pure."""

from __future__ import annotations

import discord

from bot.discord_io.embeds import message_link
from bot.discord_io.limits import CONTENT
from bot.discord_io.text import inert
from bot.domain.records import Appeal, CaseRecord, CaseStatus, ReviewKind

_MOST_LINES = 40
_OUTCOMES = {
    ReviewKind.CONFIRM: "and it stands.",
    ReviewKind.OVERTURN: "and overturned it: what could be undone is undone.",
}


def notice_text(case: CaseRecord) -> str:
    """The message that puts an appealed case before moderators again."""
    if case.log_channel_id is None or case.log_message_id is None:
        where = f"`/case view {case.number}` shows it"
    else:
        where = message_link(case.guild_id, case.log_channel_id, case.log_message_id)
    standing = f", which was answered by <@{case.answer.reviewer_id}>," if case.answer is not None else ""
    return (
        f"📨 The author of case {case.number}{standing} appeals: {where}\n"
        "Answer with the case's buttons, `/case overturn` or `/case answer`."
    )


def answer_text(guild_name: str, number: int, text: str) -> str:
    """A moderator's answer of up to 1,000 characters, as the member gets it."""
    head = f"The moderators of **{inert(guild_name, 100)}** answer your appeal against case {number}:\n"
    return head + _quoted(text, CONTENT - len(head))


def outcome_text(guild_name: str, number: int, kind: ReviewKind) -> str:
    """What moderators decided after an appeal: to confirm or to overturn."""
    return (
        f"The moderators of **{inert(guild_name, 100)}** looked at case {number} again after your appeal, "
        f"{_OUTCOMES[kind]}"
    )


def fate_text(guild_name: str, case: CaseRecord, appeal: Appeal) -> str:
    """What became of an appeal, for the member who made it and presses the button again."""
    head = (
        f"You appealed case {case.number} of **{inert(guild_name, 100)}** {discord.utils.format_dt(appeal.at, 'R')}: "
    )
    if case.status is CaseStatus.OVERTURNED:
        return head + "the moderators overturned the case."
    if appeal.answered_at is not None:
        answer = _quoted(appeal.answer, CONTENT - 300) if appeal.answer else "> (no longer kept)"
        return f"{head}the moderators answered:\n{answer}"
    if case.answer is not None and case.answer.at > appeal.at:
        return head + "the moderators looked at it again, and the case stands."
    return head + "the moderators have not answered yet."


def _quoted(text: str, most: int) -> str:
    """A text shown as a quotation in at most `most` characters and `_MOST_LINES` lines, inert."""
    lines = inert(text, most - 3 * _MOST_LINES).split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    return "\n".join(f"> {line}" for line in lines)
