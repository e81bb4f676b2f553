"""Embeds the bot posts. Pure: a record in, an embed within Discord's limits out."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.discord_io.limits import (
    CONTENT,
    EMBED_DESCRIPTION,
    EMBED_FIELD_VALUE,
    EMBED_FOOTER,
    EMBED_TITLE,
    EMBED_TOTAL,
    clip,
)
from bot.discord_io.text import inert, spoiler
from bot.domain.decision import Mode, Outcome
from bot.domain.policy import ActionKind
from bot.domain.records import (
    CLAIM_LASTS,
    ActionOutcome,
    ActionRecord,
    Appeal,
    CaseNote,
    CaseRecord,
    Review,
    ReviewKind,
    Undoing,
    versions_named,
)
from bot.domain.submission import NOBODY, Submission
from bot.domain.submission import message_link as message_link
from bot.domain.warning import LONGEST, default_template, fill
from bot.domain.withholding import NOT_SHOWN, as_shown

_COLOURS = {
    "escalate": discord.Colour(0x8E44AD),
    "act": discord.Colour(0xC0392B),
    "review": discord.Colour(0xD68910),
    "shadow": discord.Colour(0x5D6D7E),
}
_MARKS = {
    ActionOutcome.PLANNED: "…",
    ActionOutcome.ATTEMPTED: "…",
    ActionOutcome.DONE: "✅",
    ActionOutcome.FAILED: "⚠️",
    ActionOutcome.SKIPPED: "⏭️",
}

_NOTES_SHOWN = 3
_APPEAL_SHOWN = 700
_REPORTERS_SHOWN = 3
_WORDS_GONE = "(its words are no longer kept)"
_RETURNED_IN_TEXT = CONTENT - 100


def author_of(submission: Submission) -> str:
    """Who wrote a submission, as a mention; in words where they were forgotten."""
    return f"<@{submission.author_id}>" if submission.author_id != NOBODY else "Somebody whose records were erased"


def case_embed(case: CaseRecord, rule_text: str) -> discord.Embed:
    """The mod log's post of a case; `rule_text` is the words of the rule, empty where there is none."""
    case = as_shown(case)
    submission, verdict = case.submission, case.verdict
    embed = discord.Embed(
        title=clip(f"Case {case.number} · {_headline(case)}", EMBED_TITLE),
        colour=_colour(case),
        timestamp=case.created_at,
    )
    link = message_link(case.guild_id, submission.channel_id, submission.message_id)
    author = author_of(submission)
    if submission.author_name:
        author += f" ({inert(submission.author_name, 100)})"
    said = NOT_SHOWN if case.only_linked else spoiler(submission.text, 1_000)
    embed.description = clip(f"{author} in <#{submission.channel_id}> · [message]({link})\n{said}", EMBED_DESCRIPTION)
    if case.decision.rule is not None:
        _field(embed, f"Rule {case.decision.rule}", inert(rule_text, 500) or "(no longer in the policy)")
    if verdict is not None and verdict.rationale:
        _field(embed, "Reason", inert(verdict.rationale, EMBED_FIELD_VALUE))
    elif case.decision.reason:
        _field(embed, "Reason", inert(case.decision.reason, EMBED_FIELD_VALUE))
    if case.decision.stepped:
        _field(embed, "Ladder", inert(case.decision.stepped, 150))
    if verdict is not None and verdict.quote:
        _field(embed, "Quote", spoiler(verdict.quote, 400))
    if verdict is not None and case.decision.rule is not None:
        _field(embed, "Probability", f"{verdict.probabilities.get(case.decision.rule, 0.0):.0%}", inline=True)
    if case.policy_number is not None:
        _field(embed, "Policy", versions_named(case.policy_number, case.extends), inline=True)
    _field(embed, "Mode", case.mode.value, inline=True)
    if case.actions:
        _field(embed, "Actions", "\n".join(_action_line(action) for action in case.actions))
    if case.reporters:
        _field(embed, "Reported by", _reporters(case.reporters), inline=True)
    if (case.answer is None or case.appeal_waits) and case.claimed_by is not None and case.claimed_at is not None:
        until = case.claimed_at + CLAIM_LASTS
        _field(embed, "Claimed", f"by <@{case.claimed_by}> until {discord.utils.format_dt(until, 't')}")
    if case.answer is not None:
        _field(embed, "Answer", _answer_line(case.answer))
    if case.notes:
        _field(embed, "Notes", _latest_notes(case.notes))
    model = f"{clip(verdict.model, 100)} · {verdict.method}" if verdict else "not judged"
    embed.set_footer(text=clip(f"{model} · message {submission.message_id}", EMBED_FOOTER))
    if case.appeal is not None:
        room = EMBED_TOTAL - len(embed) - len("Appeal")
        _field(embed, "Appeal", appeal_line(case.appeal, min(room, _APPEAL_SHOWN)))
    return embed


def _field(embed: discord.Embed, name: str, value: str, *, inline: bool = False) -> None:
    embed.add_field(name=name, value=clip(value, EMBED_FIELD_VALUE), inline=inline)


def _colour(case: CaseRecord) -> discord.Colour:
    if any(action.action.kind == "escalate" for action in case.actions):
        return _COLOURS["escalate"]
    if case.mode is Mode.SHADOW:
        return _COLOURS["shadow"]
    return _COLOURS["act" if case.decision.outcome is Outcome.ACT else "review"]


def _headline(case: CaseRecord) -> str:
    if case.decision.outcome is Outcome.REVIEW and case.answer is None:
        return "needs a human"
    rule = "no rule" if case.decision.rule is None else f"rule {case.decision.rule}"
    done = [one for one in case.actions if one.outcome is ActionOutcome.DONE]
    if case.mode is Mode.SHADOW and all(one.asked_by is None for one in done):
        return f"{rule} · shadow: nothing was done"
    nothing = "nothing done yet" if case.answer is None else "nothing was done"
    return f"{rule} · {', '.join(_PAST[one.action.kind.value] for one in done) or nothing}"


_PAST = {
    "flag": "flagged",
    "delete": "deleted",
    "warn": "warned",
    "timeout": "timed out",
    "kick": "kicked",
    "ban": "banned",
    "escalate": "escalated",
    "help": "offered help",
    "link": "only linked",
}


_ANSWERED = {
    ReviewKind.CONFIRM: "✅ confirmed",
    ReviewKind.OVERTURN: "↩️ overturned",
    ReviewKind.OTHER: "🔨 answered with another action",
}
_UNDONE = {
    ActionOutcome.PLANNED: "… to be undone",
    ActionOutcome.ATTEMPTED: "… being undone",
    ActionOutcome.DONE: "↩️ undone",
    ActionOutcome.FAILED: "⚠️ not undone",
    ActionOutcome.SKIPPED: "⏭️ nothing undone",
}


def _action_line(record: ActionRecord) -> str:
    note = f": {inert(record.note, 100)}" if record.note else ""
    asked = f", asked for by <@{record.asked_by}>" if record.asked_by is not None else ""
    line = f"{_MARKS[record.outcome]} {record.action} {record.outcome.value}{asked}{note}"
    return f"{line} · {undoing_text(record.undoing)}" if record.undoing is not None else line


def undoing_text(undoing: Undoing) -> str:
    """What became of taking an action back, in a few words."""
    return _UNDONE[undoing.outcome] + (f": {inert(undoing.note, 120)}" if undoing.note else "")


def _answer_line(review: Review) -> str:
    note = f": {inert(review.note, 300)}" if review.note else ""
    return f"{_ANSWERED[review.kind]} by <@{review.reviewer_id}> {discord.utils.format_dt(review.at, 'f')}{note}"


def appeal_line(appeal: Appeal, most: int = EMBED_FIELD_VALUE) -> str:
    """An appeal and its answer in at most `most` characters, at least 400, for moderators."""
    when = discord.utils.format_dt(appeal.at, "f")
    rest = ""
    if appeal.answered_at is not None:
        shown = inert(appeal.answer, most // 4) or _WORDS_GONE
        rest = f"\nanswered by <@{appeal.answered_by}> {discord.utils.format_dt(appeal.answered_at, 'f')}: {shown}"
    if appeal.note:
        rest += f"\n⚠️ {inert(appeal.note, 120)}"
    return f"{when}: {spoiler(appeal.text, most - len(when) - len(rest) - 2) or _WORDS_GONE}{rest}"


def _reporters(reporters: Sequence[int]) -> str:
    shown = ", ".join(f"<@{one}>" for one in reporters[:_REPORTERS_SHOWN])
    more = len(reporters) - _REPORTERS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _latest_notes(notes: Sequence[CaseNote]) -> str:
    """The last few notes, the newest last, within 600 characters."""
    lines = [f"<@{note.author_id}>: {inert(note.text, 150)}" for note in notes[-_NOTES_SHOWN:]]
    if len(notes) > len(lines):
        lines.insert(0, f"({len(notes) - len(lines)} earlier: /case view)")
    return "\n".join(lines)


RETURNED_FILE = "your-message.txt"


def returned_text(guild_name: str, case_number: int, text: str) -> tuple[str, bool]:
    """The direct message that gives a deleted text back to its author, and whether it holds all of it.

    Where it does not, the text belongs in a file beside it, called `RETURNED_FILE`.
    """
    head = (
        f"The moderators of **{inert(guild_name, 100)}** looked at case {case_number} again: "
        "your message broke no rule, and should not have been deleted.\n"
    )
    shown = inert(text, CONTENT)
    quoted = "\n".join(f"> {line}" for line in shown.split("\n"))
    if shown.endswith("…") or len(head) + len(quoted) > _RETURNED_IN_TEXT:
        return f"{head}What you wrote is attached; you are welcome to post it again.", False
    return f"{head}You are welcome to post it again. You wrote:\n{quoted}", True


def warning_text(
    template: str | None,
    guild_name: str,
    rule_key: str,
    rule_text: str,
    case_number: int,
    deleted: bool,
    ladder: str = "",
) -> str:
    """The direct message a member gets, by the server's template or the default one, within Discord's limit.

    `ladder` is what they are told of the server's ladder, which stands below whatever the template says. The template's
    own words are shown as the server wrote them; names and the rule's words do nothing in it. Where the moderators act
    on no rule (`rule_key` is empty), there is nothing for a template to name.
    """
    what = "was removed" if deleted else "was noted"
    if not rule_key:
        return _message_to_author(guild_name, rule_key, rule_text, case_number, what)
    values = {
        "server": inert(guild_name, LONGEST["server"]),
        "rule": inert(rule_key, LONGEST["rule"]),
        "rule_text": inert(rule_text, LONGEST["rule_text"]),
        "case": str(case_number),
        "what": what,
    }
    return _with_ladder(fill(template or default_template(), values), ladder)


def _with_ladder(text: str, ladder: str) -> str:
    """A direct message with what is told of the ladder on a line of its own, which is not what is cut."""
    return clip(text, CONTENT - len(ladder) - 1) + f"\n{ladder}" if ladder else clip(text, CONTENT)


_FAREWELLS = {ActionKind.KICK: "gets you removed from the server", ActionKind.BAN: "gets you banned from the server"}


def farewell_text(
    guild_name: str, rule_key: str, rule_text: str, case_number: int, kind: ActionKind, ladder: str = ""
) -> str:
    """The direct message to a member who is about to be put out of the server by an action of this kind.

    `ladder` is what they are told of the server's ladder.
    """
    return _with_ladder(_message_to_author(guild_name, rule_key, rule_text, case_number, _FAREWELLS[kind]), ladder)


def _message_to_author(guild_name: str, rule_key: str, rule_text: str, case_number: int, what: str) -> str:
    """`rule_key` is empty where the moderators act on no rule."""
    because = f" because it breaks rule {inert(rule_key, 20)}:\n> {inert(rule_text, 800)}" if rule_key else "."
    return (
        f"Your message on **{inert(guild_name, 100)}** {what}{because}\n"
        f"If you think this is wrong, press **Appeal**, or write to the moderators and name case {case_number}."
    )
