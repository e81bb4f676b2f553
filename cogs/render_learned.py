"""What is shown of examples learned from moderators' answers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord

from bot.discord_io.text import inert, spoiler
from bot.domain.learned import MOST_ADDED, MOST_CHARACTERS, LearnedExample, Lesson
from bot.pipeline.teaching import Learned

PAGE = 5
"""Examples on a page: a button each fits one row."""
_NOTHING = (
    "Nothing was learned yet. Confirm or overturn a case and press **Learn from this**, or answer what the bot asks "
    "after a policy is published."
)
_UNSEEN = "(from a channel that you cannot see)"


def taken_for(lesson: Lesson) -> str:
    """What texts like an example are taken for: `break rule 2`."""
    return f"break rule {inert(lesson.rule, 40)}" if lesson.breaks else "be fine"


def offer_embed(lesson: Lesson) -> discord.Embed:
    """What the button under it does."""
    return discord.Embed(
        description=f"**Learn from this**: from the next message on, texts like it are taken to {taken_for(lesson)}. "
        "Nothing is learned unless you press it; `/policy learned` shows and removes what was."
    )


def learned_text(example: LearnedExample, *, in_use: bool) -> str:
    """That something was learned, and what comes of it."""
    if in_use:
        return (
            f"Learned as example {example.id}: from the next message on, texts like it are taken to "
            f"{taken_for(example.lesson)}. `/policy learned` shows and removes it."
        )
    return f"Learned as example {example.id}, but not used at present: {_unused()}. See `/policy learned`."


def removed_text(example: LearnedExample) -> str:
    """That an example is gone."""
    return f"Example {example.id} was removed: the judge goes without it from the next message on."


def page_embed(learned: Learned, page: int, pages: int, hidden: Collection[int]) -> discord.Embed:
    """A page, counted from 0; of texts from the channels `hidden` nothing is shown but that they are there."""
    embed = discord.Embed(title="Learned examples")
    shown = on_page(learned.examples, page)
    lines = [_entry(one, is_used=one.id in learned.used, is_seen=one.channel_id not in hidden) for one in shown]
    embed.description = "\n".join(lines) or _NOTHING
    if learned.examples:
        count = len(learned.examples)
        noun = "example" if count == 1 else "examples"
        embed.set_footer(text=f"{count} {noun}, {len(learned.used)} in use · page {page + 1} of {pages}")
    if len(learned.used) < len(learned.examples):
        embed.add_field(name="Why some are not in use", value=f"{_unused().capitalize()}.", inline=False)
    return embed


def on_page(examples: Sequence[LearnedExample], page: int) -> Sequence[LearnedExample]:
    """The examples of a page."""
    return examples[page * PAGE : (page + 1) * PAGE]


def _entry(one: LearnedExample, *, is_used: bool, is_seen: bool) -> str:
    rule = inert(one.lesson.rule, 40)
    said = f"breaks rule {rule}" if one.lesson.breaks else f"is fine beside rule {rule}"
    use = "" if is_used else " · not in use"
    if one.case_number is not None:
        origin = f"case {one.case_number}"
    elif one.channel_id is None:
        origin = "a pack"
    else:
        origin = f"a message in <#{one.channel_id}>" if is_seen else "a message"
    text = spoiler(one.text, 2 * MOST_CHARACTERS) if is_seen else _UNSEEN
    when = discord.utils.format_dt(one.at, "d")
    return f"**{one.id}** {said}{use} · from {origin}, by <@{one.moderator_id}> {when}\n{text}"


def _unused() -> str:
    return (
        f"a policy takes {MOST_ADDED} at most, the newest first, and about as many that break a rule as are fine "
        "beside it; none of a rule that has other words by now, and none that the policy itself gives"
    )
