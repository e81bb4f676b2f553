"""What `/why` shows besides a case. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.discord_io.embeds import author_of, message_link
from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.discord_io.text import inert, spoiler
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.records import Judgement, versions_named
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.pipeline.scope import Facts, out_of_scope

_LIKELIEST = 3
REASONING_TITLE = "What the judge thought (for moderators only)"
_LEAST_REASONING = 200

UNKNOWN = (
    "Nothing is on record for that message: its channel may not be watched, its author may be exempt, the mode may be "
    "off, or it was posted while the bot was away. Its link says more than its id."
)
WAITING = "That message came in and waits to be judged: ask again in a moment."
PASSED_BY = (
    "Nothing is on record for that message, though it would be judged now: it was posted before its channel was "
    "watched, while the bot was away, or without any text."
)


def not_judged(reason: str) -> str:
    """The sentence for a message that was left alone."""
    return f"That message was not judged: {inert(reason, 400)}."


def reason_unjudged(settings: GuildSettings, facts: Facts) -> str | None:
    """Why a message is left alone as the settings stand; None where it would be judged."""
    is_watched = not {facts.channel_id, facts.parent_id}.isdisjoint(settings.watched)
    reason = out_of_scope(settings, facts)
    if reason is not None and is_watched and settings.mode_in(facts.channel_id, facts.parent_id) is Mode.OFF:
        return "the mode there is off"
    return reason


def allowed_embed(judgement: Judgement, rule_texts: Mapping[str, str]) -> discord.Embed:
    """A message that was judged and allowed: how likely it seemed to break which rule."""
    submission, verdict = judgement.submission, judgement.verdict
    assert verdict is not None
    link = message_link(submission.guild_id, submission.channel_id, submission.message_id)
    embed = discord.Embed(title="Allowed", timestamp=judgement.judged_at)
    embed.description = f"{author_of(submission)} in <#{submission.channel_id}> · [message]({link})\n" + spoiler(
        submission.text, 600
    )
    ranked = sorted(verdict.probabilities.items(), key=lambda item: item[1], reverse=True)
    lines = [
        f"{probability:.0%} · rule {inert(key, 20)}: {inert(rule_texts.get(key, ''), 200)}"
        for key, probability in ranked[:_LIKELIEST]
    ]
    embed.add_field(name="Likeliest rules", value="\n".join(lines) or "The policy has no rules.", inline=False)
    embed.add_field(name="Policy", value=versions_named(judgement.policy_number or 0, judgement.extends))
    embed.add_field(name="Mode", value=judgement.mode.value)
    embed.set_footer(text=f"{inert(verdict.model, 100)} · {verdict.method.value} · message {submission.message_id}")
    return embed


def reasoning_embed(verdict: Verdict | None, room: int) -> discord.Embed | None:
    """What the judge thought, for moderators only, in at most `room` characters; None where it is not one that reasons.

    It is shown as it came: a model's thoughts are not held to what its answers are.
    """
    if verdict is None or not verdict.reasoning or room < _LEAST_REASONING:
        return None
    embed = discord.Embed(title=REASONING_TITLE)
    embed.description = inert(verdict.reasoning, min(room - len(REASONING_TITLE), EMBED_DESCRIPTION))
    return embed


def revision_notes(submission: Submission, latest: int | None) -> str:
    """What else there is to know of the message: that it was edited, that an edit waits, that its text is cleared."""
    notes = []
    if submission.revision:
        edited = discord.utils.format_dt(submission.posted_at, "f")
        notes.append(f"This is about the message as edited {edited}; what it said before may be on record as well.")
    if latest is not None and latest > submission.revision:
        notes.append("A later edit of it waits to be judged.")
    if not submission.text:
        notes.append("Its text was cleared: it is no longer kept.")
    return " ".join(notes)
