"""What `/why` shows besides a case. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.discord_io.embeds import author_of, message_link
from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL, clip
from bot.discord_io.text import inert, spoiler
from bot.discord_io.trial_text import would_do
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.records import Judgement, versions_named
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.domain.withholding import NOT_SHOWN, withheld_under
from bot.language import mark, tr
from bot.pipeline.rehearsal import Rehearsed, Said
from bot.pipeline.scope import Facts, out_of_scope

_LONGEST_LINE = 200
REASONING_TITLE = mark("What the judge thought (for moderators only)")
_LEAST_REASONING = 200

WAITING = mark("That message came in and waits to be judged: ask again in a moment.")
NO_CHANNEL = mark(
    "Nothing is on record for that message, and there is no channel here that I could find it in: give its link."
)
GONE = mark(
    "Nothing is on record for that message, and it is not in that channel: it was deleted, or its link says more than "
    "its id."
)
CLOSED = mark(
    "Nothing is on record for that message, and I may not read it: give me View Channel and Read Message History there."
)
AWAY = mark("Nothing is on record for that message, and Discord does not give it to me now: try again in a moment.")
PASSED_BY = mark(
    "Nothing is on record for that message, though it would be judged now: it was posted before its channel was "
    "watched, while the bot was away, or has gone from the records since."
)
_JUDGED_NOW = mark("Judged just now: nothing was kept and nothing was done")


def not_judged(reason: str) -> str:
    """The sentence for a message that was left alone."""
    return tr("That message was not judged: {reason}.", reason=inert(reason, 400))


def reason_unjudged(settings: GuildSettings, facts: Facts) -> str | None:
    """Why a message is left alone as the settings stand; None where it would be judged."""
    is_watched = not {facts.channel_id, facts.parent_id}.isdisjoint(settings.watched)
    reason = out_of_scope(settings, facts)
    if reason is not None and is_watched and settings.mode_in(facts.channel_id, facts.parent_id) is Mode.OFF:
        return tr("the mode there is off")
    return reason


def allowed_embed(judgement: Judgement, rule_texts: Mapping[str, str], instead: str = "") -> discord.Embed:
    """A message that was judged and allowed: how likely it seemed to break each rule.

    `instead` stands in place of its words where they may not be shown.
    """
    submission, verdict = judgement.submission, judgement.verdict
    assert verdict is not None
    link = message_link(submission.guild_id, submission.channel_id, submission.message_id)
    embed = discord.Embed(title=tr("Allowed"), timestamp=judgement.judged_at)
    where = _where(author_of(submission), submission.channel_id, link)
    embed.description = where + "\n" + (instead or spoiler(submission.text, 600))
    _add_rules(embed, verdict, rule_texts)
    embed.add_field(name=tr("Policy"), value=versions_named(judgement.policy_number or 0, judgement.extends))
    embed.add_field(name=tr("Mode"), value=judgement.mode.value)
    embed.set_footer(text=_footer(verdict, submission.message_id))
    return embed


def judged_now_embed(
    message: discord.Message, said: Said, made: Rehearsed, verdict: Verdict, mode: Mode, left_alone: str | None
) -> discord.Embed:
    """A message that was judged only because a moderator asked; `left_alone` is why it would not be, None if it would.

    `verdict` is that of `made`. Where the message's words may not be shown, nor may what the judge says of them.
    """
    hidden = withheld_under(made.law.policy, verdict, made.decision.rule)
    link = message_link(made.law.versions[-1].guild_id, message.channel.id, message.id)
    embed = discord.Embed(title=tr(_JUDGED_NOW), timestamp=discord.utils.utcnow())
    where = _where(f"<@{message.author.id}>", message.channel.id, link)
    embed.description = where + "\n" + (tr(NOT_SHOWN) if hidden else spoiler(said.text, 600))
    would = would_do(made.decision, mode)
    if left_alone:
        would = tr("nothing, as {reason}; if it were judged: {would}", reason=left_alone, would=would)
    embed.add_field(name=tr("Would be done"), value=would)
    _add_rules(embed, verdict, {rule.key: rule.text for rule in made.law.policy.rules})
    if verdict.rationale and not hidden:
        embed.add_field(name=tr("Reason"), value=inert(verdict.rationale, 600), inline=False)
    if verdict.quote and not hidden:
        embed.add_field(name=tr("Quote"), value=spoiler(verdict.quote, 300), inline=False)
    embed.add_field(name=tr("Policy"), value=versions_named(made.law.number, made.law.extends))
    embed.add_field(name=tr("Mode"), value=mode.value)
    embed.set_footer(text=_footer(verdict, message.id))
    return embed


def _where(author: str, channel_id: int, link: str) -> str:
    return tr("{author} in {channel} · [message]({link})", author=author, channel=f"<#{channel_id}>", link=link)


def _footer(verdict: Verdict, message_id: int) -> str:
    model = f"{inert(verdict.model, 100)} · {verdict.method.value}"
    return tr("{model} · message {message}", model=model, message=message_id)


def _add_rules(embed: discord.Embed, verdict: Verdict, rule_texts: Mapping[str, str]) -> None:
    """How likely the judge held each rule to be broken; the more rules, the less of each one's words."""
    ranked = sorted(verdict.probabilities.items(), key=lambda item: item[1], reverse=True)
    room = min(EMBED_FIELD_VALUE // max(len(ranked), 1) - 1, _LONGEST_LINE)
    lines = [_rule_line(key, probability, rule_texts.get(key, ""), room) for key, probability in ranked]
    value = "\n".join(lines) or tr("The policy has no rules.")
    embed.add_field(name=tr("Rules, the likeliest first"), value=clip(value, EMBED_FIELD_VALUE), inline=False)


def _rule_line(key: str, probability: float, text: str, room: int) -> str:
    head = tr("{share:.0%} · rule {rule}", share=probability, rule=inert(key, 20))
    left = room - len(head) - 2
    return f"{head}: {inert(text, left)}" if left > 1 else head


def reasoning_embed(verdict: Verdict | None, room: int) -> discord.Embed | None:
    """What the judge thought, for moderators only, in at most `room` characters; None where it is not one that reasons.

    It is shown as it came: a model's thoughts are not held to what its answers are.
    """
    if verdict is None or not verdict.reasoning or room < _LEAST_REASONING:
        return None
    embed = discord.Embed(title=tr(REASONING_TITLE))
    embed.description = inert(verdict.reasoning, min(room - len(tr(REASONING_TITLE)), EMBED_DESCRIPTION))
    return embed


def with_reasoning(embed: discord.Embed, verdict: Verdict | None) -> list[discord.Embed]:
    """An embed and, where the judge reasoned, what it thought, within what Discord takes in one message."""
    reasoning = reasoning_embed(verdict, EMBED_TOTAL - len(embed))
    return [embed, reasoning] if reasoning else [embed]


def revision_notes(submission: Submission, latest: int | None) -> str:
    """What else there is to know of the message: that it was edited, that an edit waits, that its text is cleared."""
    notes = []
    if submission.revision:
        edited = discord.utils.format_dt(submission.posted_at, "f")
        notes.append(
            tr("This is about the message as edited {when}; what it said before may be on record as well.", when=edited)
        )
    if latest is not None and latest > submission.revision:
        notes.append(tr("A later edit of it waits to be judged."))
    if not submission.text:
        notes.append(tr("Its text was cleared: it is no longer kept."))
    return " ".join(notes)
