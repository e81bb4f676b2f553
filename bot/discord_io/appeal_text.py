"""What is said about an appeal: to moderators where cases stand, and to the member who made it. Pure."""

from __future__ import annotations

import discord

from bot.discord_io.embeds import message_link
from bot.discord_io.limits import CONTENT
from bot.discord_io.text import inert
from bot.domain.moderators import moderator_mention
from bot.domain.records import Appeal, CaseRecord, CaseStatus, ReviewKind
from bot.language import mark, tr

_MOST_LINES = 40
_OUTCOMES = {
    ReviewKind.CONFIRM: mark(
        "The moderators of **{server}** looked at case {number} again after your appeal, and it stands."
    ),
    ReviewKind.OVERTURN: mark(
        "The moderators of **{server}** looked at case {number} again after your appeal, and overturned it: "
        "what could be undone is undone."
    ),
}


def notice_text(case: CaseRecord) -> str:
    """The message that puts an appealed case before moderators again."""
    if case.log_channel_id is None or case.log_message_id is None:
        where = tr("`/case view {number}` shows it", number=case.number)
    else:
        where = message_link(case.guild_id, case.log_channel_id, case.log_message_id)
    if case.answer is None:
        said = tr("📨 The author of case {number} appeals: {where}", number=case.number, where=where)
    else:
        said = tr(
            "📨 The author of case {number}, which was answered by {moderator}, appeals: {where}",
            number=case.number,
            moderator=moderator_mention(case.answer.reviewer_id),
            where=where,
        )
    return said + "\n" + tr("Answer with the case's buttons, `/case overturn` or `/case answer`.")


def answer_text(guild_name: str, number: int, text: str) -> str:
    """A moderator's answer of up to 1,000 characters, as the member gets it."""
    head = tr(
        "The moderators of **{server}** answer your appeal against case {number}:",
        server=inert(guild_name, 100),
        number=number,
    )
    head += "\n"
    return head + _quoted(text, CONTENT - len(head))


def outcome_text(guild_name: str, number: int, kind: ReviewKind) -> str:
    """What moderators decided after an appeal: to confirm or to overturn."""
    return tr(_OUTCOMES[kind], server=inert(guild_name, 100), number=number)


def fate_text(guild_name: str, case: CaseRecord, appeal: Appeal) -> str:
    """What became of an appeal, for the member who made it and presses the button again."""
    about = {
        "number": case.number,
        "server": inert(guild_name, 100),
        "when": discord.utils.format_dt(appeal.at, "R"),
    }
    if case.status is CaseStatus.OVERTURNED:
        return tr("You appealed case {number} of **{server}** {when}: the moderators overturned the case.", **about)
    if appeal.answered_at is not None:
        answer = _quoted(appeal.answer, CONTENT - 300) if appeal.answer else "> " + tr("(no longer kept)")
        told = tr("You appealed case {number} of **{server}** {when}: the moderators answered:", **about)
        return f"{told}\n{answer}"
    if case.answer is not None and case.answer.at > appeal.at:
        return tr(
            "You appealed case {number} of **{server}** {when}: the moderators looked at it again, and the case "
            "stands.",
            **about,
        )
    return tr("You appealed case {number} of **{server}** {when}: the moderators have not answered yet.", **about)


def _quoted(text: str, most: int) -> str:
    """A text shown as a quotation in at most `most` characters and `_MOST_LINES` lines, inert."""
    lines = inert(text, most - 3 * _MOST_LINES).split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    return "\n".join(f"> {line}" for line in lines)
