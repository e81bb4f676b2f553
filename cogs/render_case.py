"""What moderators are told about a case besides its post. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import discord

from bot.discord_io.embeds import appeal_line, message_link, undoing_text
from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL, clip
from bot.discord_io.standing_text import ladder_text
from bot.discord_io.text import inert, spoiler
from bot.domain.case_terms import STATUS
from bot.domain.ladder import LadderTable
from bot.domain.moderators import moderator_mention
from bot.domain.records import CLAIM_LASTS, ActionOutcome, CaseNote, CaseRecord, CaseStatus
from bot.domain.standing import PastCase
from bot.domain.submission import ContextMessage
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.language import mark, tr, trn
from cogs.render_why import REASONING_TITLE

MOST_EARLIER = 10
_APPEAL = 4_000
_NOT_DONE = {
    ActionOutcome.FAILED: mark("Case {number}: {action} failed: {note}."),
    ActionOutcome.SKIPPED: mark("Case {number}: {action} skipped: {note}."),
}
_STATUS_MARKS = {
    CaseStatus.OPEN: "🔎",
    CaseStatus.CONFIRMED: "✅",
    CaseStatus.OVERTURNED: "↩️",
    CaseStatus.OTHER: "🔨",
}


def case_line(case: CaseRecord) -> str:
    """A case in one line of at most 300 characters."""
    rule = tr("rule {rule}", rule=inert(case.decision.rule, 40)) if case.decision.rule else tr("no rule")
    where = tr(
        "{author} in {channel} · {when} · [message]({link})",
        author=f"<@{case.submission.author_id}>",
        channel=f"<#{case.submission.channel_id}>",
        when=discord.utils.format_dt(case.created_at, "d"),
        link=message_link(case.guild_id, case.submission.channel_id, case.submission.message_id),
    )
    return f"{_STATUS_MARKS[case.status]} **{case.number}** {tr(STATUS[case.status])} · {rule} · {where}"


def page_of(count: int, page: int, pages: int) -> str:
    """How many cases there are in all, and which page of them is shown, counted from 0."""
    cases = trn("{n} case", "{n} cases", count)
    return tr("{cases} · page {page} of {pages}", cases=cases, page=page + 1, pages=pages)


def details_embed(case: CaseRecord, rule_texts: Mapping[str, str], earlier: Sequence[CaseRecord]) -> discord.Embed:
    """*More*: how likely each rule seemed, what was said before, the author's earlier cases, and what produced it.

    Leaves a third of what Discord takes in one message to the judge's reasoning.
    """
    embed = discord.Embed(title=tr("More on case {number}", number=case.number))
    lines = []
    if case.verdict is not None:
        ranked = sorted(case.verdict.probabilities.items(), key=lambda item: item[1], reverse=True)
        lines = [
            tr(
                "{share:.0%} · rule {rule}: {text}",
                share=probability,
                rule=inert(key, 20),
                text=inert(rule_texts.get(key, ""), 60),
            )
            for key, probability in ranked
        ]
    # 20 rules are the most; a line of them is never cut, as it is short.
    embed.description = clip("\n".join(lines) or tr("The message was not judged."), 2_000)
    _field(embed, tr("Said before"), tr(NOT_SHOWN) if case.only_linked else _context(case.submission.context))
    _field(embed, tr("Earlier cases of the author"), "\n".join(case_line(one) for one in earlier) or tr("None."))
    if case.verdict is not None:
        digests = tr(
            "policy {policy}, model {model}",
            policy=case.verdict.policy_digest[:12],
            model=case.verdict.model_digest[:12],
        )
        embed.set_footer(text=f"{clip(inert(case.verdict.model, 100), 100)} · {case.verdict.method.value} · {digests}")
    return embed


def standing_embed(
    case: CaseRecord, ladder: LadderTable, cases: Iterable[PastCase], now: datetime
) -> discord.Embed | None:
    """How many of the author's cases count for the ladder of the case's rule by now, and what the next one brings.

    `cases` are the author's, this one included, as far back as the ladder looks. At most 1,000 characters; None where
    the case rests on no rule, or its rule has no ladder.
    """
    told = ladder_text(case, ladder, cases, now, lambda until: discord.utils.format_dt(until, "f"))
    if told is None:
        return None
    title = tr("Ladder") if told.rule is None else tr("Ladder of rule {rule}", rule=inert(told.rule, 40))
    embed = discord.Embed(title=title, description="\n".join(told.lines))
    embed.set_footer(text=told.counted)
    return embed


def reasoning_part(case: CaseRecord, room: int) -> tuple[discord.Embed | None, str]:
    """The judge's reasoning as an embed of at most `room` characters, or, where it is longer, as a file's text."""
    verdict = as_shown(case).verdict
    reasoning = verdict.reasoning if verdict else ""
    shown = inert(reasoning, EMBED_TOTAL)
    if not reasoning or len(shown) > min(room - len(tr(REASONING_TITLE)), EMBED_DESCRIPTION):
        return None, reasoning
    return discord.Embed(title=tr(REASONING_TITLE), description=shown), ""


def overturned_text(case: CaseRecord) -> str:
    """What was undone and what could not be."""
    taken = [record for record in case.actions if record.undoing is not None]
    lines = [f"- {record.action}: {undoing_text(record.undoing)}" for record in taken if record.undoing is not None]
    if not lines:
        return tr("Case {number} is overturned. Nothing had been done.", number=case.number)
    return "\n".join([tr("Case {number} is overturned.", number=case.number), *lines])


def asked_text(case: CaseRecord) -> str:
    """What became of the action that was asked for."""
    record = next(record for record in reversed(case.actions) if record.asked_by is not None)
    if record.outcome is ActionOutcome.DONE:
        done = tr("Case {number}: {action} done.", number=case.number, action=record.action)
        return f"{done} " + tr("Note: {note}.", note=record.note) if record.note else done
    if record.outcome.is_open:
        return tr(
            "Case {number}: Discord did not answer; {action} is tried again, and the case shows what comes of it.",
            number=case.number,
            action=record.action,
        )
    note = inert(record.note, 300)
    return tr(_NOT_DONE[record.outcome], number=case.number, action=record.action, note=note)


def claimed_text(case: CaseRecord) -> str:
    """Until when the moderator who asks holds the case."""
    assert case.claimed_at is not None
    until = discord.utils.format_dt(case.claimed_at + CLAIM_LASTS, "t")
    return tr(
        "Case {number} is yours until {time}: only you can answer it before then.", number=case.number, time=until
    )


def answered_text(case: CaseRecord) -> str:
    """Whether an answer reached the member who appealed."""
    if case.appeal is not None and case.appeal.note:
        note = case.appeal.note
        return tr("The answer is kept with case {number}, but {problem}.", number=case.number, problem=note)
    return tr("The author of case {number} has your answer.", number=case.number)


def appeal_embed(case: CaseRecord) -> discord.Embed | None:
    """All of an appeal and its answer, as far as Discord takes it; None where there is none."""
    if case.appeal is None:
        return None
    title = tr("Appeal against case {number}", number=case.number)
    return discord.Embed(title=title, description=appeal_line(case.appeal, _APPEAL))


def notes_embed(case: CaseRecord) -> discord.Embed | None:
    """All of a case's notes, the newest last; None where there are none."""
    if not case.notes:
        return None
    lines = [_note_line(note) for note in case.notes]
    while len("\n".join(lines)) > EMBED_DESCRIPTION - 100 and len(lines) > 1:
        lines.pop(0)
    if len(lines) < len(case.notes):
        lines.insert(0, tr("({number} earlier ones: /case export)", number=len(case.notes) - len(lines)))
    title = tr("Notes on case {number}", number=case.number)
    return discord.Embed(title=title, description=clip("\n".join(lines), EMBED_DESCRIPTION))


def _note_line(note: CaseNote) -> str:
    written = discord.utils.format_dt(note.at, "f")
    return f"{written} {moderator_mention(note.author_id)}: {inert(note.text, 1_000)}"


def _context(context: Sequence[ContextMessage]) -> str:
    lines = [f"{inert(message.author, 40)}: {_said(message.text)}" for message in context]
    while len("\n".join(lines)) > EMBED_FIELD_VALUE:
        lines.pop(0)
    return "\n".join(lines) or tr("Nothing is kept.")


def _said(text: str) -> str:
    return tr(NOT_SHOWN) if text == NOT_SHOWN else spoiler(text, 150)


def _field(embed: discord.Embed, name: str, value: str) -> None:
    if len(value) > EMBED_FIELD_VALUE:
        value = value[: value.rindex("\n", 0, EMBED_FIELD_VALUE)]
    embed.add_field(name=name, value=value, inline=False)
