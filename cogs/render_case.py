"""What moderators are told about a case besides its post. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import discord

from bot.discord_io.embeds import appeal_line, message_link, undoing_text
from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL, clip
from bot.discord_io.text import inert, spoiler
from bot.domain.ladder import LadderTable
from bot.domain.records import CLAIM_LASTS, ActionOutcome, CaseRecord, CaseStatus
from bot.domain.standing import PastCase, as_past, counting, counts_now, what_is_next
from bot.domain.submission import ContextMessage
from bot.domain.withholding import NOT_SHOWN, as_shown
from cogs.render_why import REASONING_TITLE

MOST_EARLIER = 10
_APPEAL = 4_000
_NOT_COUNTED = "not overturned ones, nor those that wait for a human, called for one or offered help lines."
_COUNTED_APART = f"Counts cases of this rule alone; {_NOT_COUNTED}"
_COUNTED_TOGETHER = f"Counts cases of all rules without a ladder of their own; {_NOT_COUNTED}"
_STATUS_MARKS = {
    CaseStatus.OPEN: "🔎",
    CaseStatus.CONFIRMED: "✅",
    CaseStatus.OVERTURNED: "↩️",
    CaseStatus.OTHER: "🔨",
}


def case_line(case: CaseRecord) -> str:
    """A case in one line of at most 300 characters."""
    rule = f"rule {inert(case.decision.rule, 40)}" if case.decision.rule else "no rule"
    link = message_link(case.guild_id, case.submission.channel_id, case.submission.message_id)
    when = discord.utils.format_dt(case.created_at, "d")
    return (
        f"{_STATUS_MARKS[case.status]} **{case.number}** {case.status.value} · {rule} · "
        f"<@{case.submission.author_id}> in <#{case.submission.channel_id}> · {when} · [message]({link})"
    )


def details_embed(case: CaseRecord, rule_texts: Mapping[str, str], earlier: Sequence[CaseRecord]) -> discord.Embed:
    """*More*: how likely each rule seemed, what was said before, the author's earlier cases, and what produced it.

    Leaves a third of what Discord takes in one message to the judge's reasoning.
    """
    embed = discord.Embed(title=f"More on case {case.number}")
    lines = []
    if case.verdict is not None:
        ranked = sorted(case.verdict.probabilities.items(), key=lambda item: item[1], reverse=True)
        lines = [
            f"{probability:.0%} · rule {inert(key, 20)}: {inert(rule_texts.get(key, ''), 60)}"
            for key, probability in ranked
        ]
    # 20 rules are the most; a line of them is never cut, as it is short.
    embed.description = clip("\n".join(lines) or "The message was not judged.", 2_000)
    _field(embed, "Said before", NOT_SHOWN if case.only_linked else _context(case.submission.context))
    _field(embed, "Earlier cases of the author", "\n".join(case_line(one) for one in earlier) or "None.")
    if case.verdict is not None:
        digests = f"policy {case.verdict.policy_digest[:12]}, model {case.verdict.model_digest[:12]}"
        embed.set_footer(text=f"{clip(inert(case.verdict.model, 100), 100)} · {case.verdict.method.value} · {digests}")
    return embed


def standing_embed(
    case: CaseRecord, ladder: LadderTable, cases: Iterable[PastCase], now: datetime
) -> discord.Embed | None:
    """How many of the author's cases count for the ladder of the case's rule by now, and what the next one brings.

    `cases` are the author's, this one included, as far back as the ladder looks. At most 1,000 characters; None where
    the case rests on no rule, or its rule has no ladder.
    """
    rule = case.decision.rule
    if rule is None or not ladder.of(rule):
        return None
    times = counting(cases, ladder, rule)
    is_own = rule in ladder.by_rule
    embed = discord.Embed(title=f"Ladder of rule {inert(rule, 40)}" if is_own else "Ladder")
    embed.set_footer(text=_COUNTED_APART if is_own else _COUNTED_TOGETHER)
    lines = [f"{step} · {count} of the author now" for step, count in counts_now(ladder, rule, times, now)]
    lines.append("This case counts." if as_past(case).stands else "This case does not count.")
    if (ahead := what_is_next(ladder, rule, times, now)) is not None:
        lines.append(f"The next one before {discord.utils.format_dt(ahead.until, 'f')} brings: {ahead.action}.")
    embed.description = "\n".join(lines)
    return embed


def reasoning_part(case: CaseRecord, room: int) -> tuple[discord.Embed | None, str]:
    """The judge's reasoning as an embed of at most `room` characters, or, where it is longer, as a file's text."""
    verdict = as_shown(case).verdict
    reasoning = verdict.reasoning if verdict else ""
    shown = inert(reasoning, EMBED_TOTAL)
    if not reasoning or len(shown) > min(room - len(REASONING_TITLE), EMBED_DESCRIPTION):
        return None, reasoning
    return discord.Embed(title=REASONING_TITLE, description=shown), ""


def overturned_text(case: CaseRecord) -> str:
    """What was undone and what could not be."""
    taken = [record for record in case.actions if record.undoing is not None]
    lines = [f"- {record.action}: {undoing_text(record.undoing)}" for record in taken if record.undoing is not None]
    return f"Case {case.number} is overturned." + ("\n" + "\n".join(lines) if lines else " Nothing had been done.")


def asked_text(case: CaseRecord) -> str:
    """What became of the action that was asked for."""
    record = next(record for record in reversed(case.actions) if record.asked_by is not None)
    if record.outcome is ActionOutcome.DONE:
        return f"Case {case.number}: {record.action} done." + (f" Note: {record.note}." if record.note else "")
    if record.outcome is ActionOutcome.ATTEMPTED:
        return f"Case {case.number}: Discord did not answer; look whether {record.action} was done, else do it by hand."
    return f"Case {case.number}: {record.action} {record.outcome.value}: {inert(record.note, 300)}."


def claimed_text(case: CaseRecord) -> str:
    """Until when the moderator who asks holds the case."""
    assert case.claimed_at is not None
    until = discord.utils.format_dt(case.claimed_at + CLAIM_LASTS, "t")
    return f"Case {case.number} is yours until {until}: only you can answer it before then."


def answered_text(case: CaseRecord) -> str:
    """Whether an answer reached the member who appealed."""
    if case.appeal is not None and case.appeal.note:
        return f"The answer is kept with case {case.number}, but {case.appeal.note}."
    return f"The author of case {case.number} has your answer."


def appeal_embed(case: CaseRecord) -> discord.Embed | None:
    """All of an appeal and its answer, as far as Discord takes it; None where there is none."""
    if case.appeal is None:
        return None
    return discord.Embed(title=f"Appeal against case {case.number}", description=appeal_line(case.appeal, _APPEAL))


def notes_embed(case: CaseRecord) -> discord.Embed | None:
    """All of a case's notes, the newest last; None where there are none."""
    if not case.notes:
        return None
    lines = [
        f"{discord.utils.format_dt(note.at, 'f')} <@{note.author_id}>: {inert(note.text, 1_000)}" for note in case.notes
    ]
    while len("\n".join(lines)) > EMBED_DESCRIPTION - 100 and len(lines) > 1:
        lines.pop(0)
    if len(lines) < len(case.notes):
        lines.insert(0, f"({len(case.notes) - len(lines)} earlier ones: /case export)")
    return discord.Embed(title=f"Notes on case {case.number}", description=clip("\n".join(lines), EMBED_DESCRIPTION))


def _context(context: Sequence[ContextMessage]) -> str:
    lines = [f"{inert(message.author, 40)}: {_said(message.text)}" for message in context]
    while len("\n".join(lines)) > EMBED_FIELD_VALUE:
        lines.pop(0)
    return "\n".join(lines) or "Nothing is kept."


def _said(text: str) -> str:
    return text if text == NOT_SHOWN else spoiler(text, 150)


def _field(embed: discord.Embed, name: str, value: str) -> None:
    if len(value) > EMBED_FIELD_VALUE:
        value = value[: value.rindex("\n", 0, EMBED_FIELD_VALUE)]
    embed.add_field(name=name, value=value, inline=False)
