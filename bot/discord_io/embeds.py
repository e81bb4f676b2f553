"""Embeds the bot posts. Pure: a record in, an embed within Discord's limits out."""

from __future__ import annotations

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_FOOTER, EMBED_TITLE, clip
from bot.discord_io.text import inert, spoiler
from bot.domain.decision import Mode, Outcome
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.domain.submission import NOBODY, Submission

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


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """Discord's link to a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def author_of(submission: Submission) -> str:
    """Who wrote a submission, as a mention; in words where they were forgotten."""
    return f"<@{submission.author_id}>" if submission.author_id != NOBODY else "Somebody whose records were erased"


def case_embed(case: CaseRecord, rule_text: str) -> discord.Embed:
    """The mod log's post of a case; `rule_text` is the words of the rule, empty where there is none."""
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
    embed.description = clip(
        f"{author} in <#{submission.channel_id}> · [message]({link})\n" + spoiler(submission.text, 1_000),
        EMBED_DESCRIPTION,
    )
    if case.decision.rule is not None:
        _field(embed, f"Rule {case.decision.rule}", inert(rule_text, 500) or "(no longer in the policy)")
    if verdict is not None and verdict.rationale:
        _field(embed, "Reason", inert(verdict.rationale, EMBED_FIELD_VALUE))
    elif case.decision.reason:
        _field(embed, "Reason", inert(case.decision.reason, EMBED_FIELD_VALUE))
    if verdict is not None and verdict.quote:
        _field(embed, "Quote", spoiler(verdict.quote, 400))
    if verdict is not None and case.decision.rule is not None:
        _field(embed, "Probability", f"{verdict.probabilities.get(case.decision.rule, 0.0):.0%}", inline=True)
    if case.policy_number is not None:
        _field(embed, "Policy", f"version {case.policy_number}", inline=True)
    _field(embed, "Mode", case.mode.value, inline=True)
    if case.actions:
        _field(embed, "Actions", "\n".join(_action_line(action) for action in case.actions))
    model = f"{verdict.model} · {verdict.method}" if verdict else "not judged"
    embed.set_footer(text=clip(f"{model} · message {submission.message_id}", EMBED_FOOTER))
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
    if case.decision.outcome is Outcome.REVIEW:
        return "needs a human"
    done = [action.action.kind.value for action in case.actions if action.outcome is ActionOutcome.DONE]
    if case.mode is Mode.SHADOW:
        return f"rule {case.decision.rule} · shadow: nothing was done"
    return f"rule {case.decision.rule} · {', '.join(_PAST[kind] for kind in done) or 'nothing done yet'}"


_PAST = {
    "flag": "flagged",
    "delete": "deleted",
    "warn": "warned",
    "timeout": "timed out",
    "kick": "kicked",
    "ban": "banned",
    "escalate": "escalated",
}


def _action_line(record: ActionRecord) -> str:
    note = f": {inert(record.note, 160)}" if record.note else ""
    return f"{_MARKS[record.outcome]} {record.action} {record.outcome.value}{note}"


def warning_text(guild_name: str, rule_key: str, rule_text: str, case_number: int, deleted: bool) -> str:
    """The direct message a member gets; says what happened, by which rule, and what can be done."""
    what = "was removed because it" if deleted else "was noted because it"
    return (
        f"Your message on **{inert(guild_name, 100)}** {what} breaks rule {inert(rule_key, 20)}:\n"
        f"> {inert(rule_text, 800)}\n"
        f"If you think this is wrong, write to the moderators and name case {case_number}."
    )
