"""What is shown of examples learned from moderators' answers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord

from bot.discord_io.text import inert, spoiler
from bot.domain.learned import MOST_ADDED, MOST_CHARACTERS, LearnedExample, Lesson
from bot.domain.moderators import moderator_mention
from bot.language import mark, tr, trn
from bot.pipeline.teaching import Learned

PAGE = 5
"""Examples on a page: a button each fits one row."""
_NOTHING = mark(
    "Nothing was learned yet. Confirm or overturn a case and press **Learn from this**, or answer what the bot asks "
    "after a policy is published."
)
_OFFER = {
    True: mark(
        "**Learn from this**: from the next message on, texts like it are taken to break rule {rule}. Nothing is "
        "learned unless you press it; `/policy learned` shows and removes what was."
    ),
    False: mark(
        "**Learn from this**: from the next message on, texts like it are taken to be fine. Nothing is learned unless "
        "you press it; `/policy learned` shows and removes what was."
    ),
}
_LEARNED = {
    True: mark(
        "Learned as example {number}: from the next message on, texts like it are taken to break rule {rule}. "
        "`/policy learned` shows and removes it."
    ),
    False: mark(
        "Learned as example {number}: from the next message on, texts like it are taken to be fine. "
        "`/policy learned` shows and removes it."
    ),
}
"""By whether texts like an example break its rule."""


def offer_embed(lesson: Lesson) -> discord.Embed:
    """What the button under it does."""
    return discord.Embed(description=tr(_OFFER[lesson.breaks], rule=inert(lesson.rule, 40)))


def learned_text(example: LearnedExample, *, in_use: bool) -> str:
    """That something was learned, and what comes of it."""
    if in_use:
        return tr(_LEARNED[example.lesson.breaks], number=example.id, rule=inert(example.lesson.rule, 40))
    return tr(
        "Learned as example {number}, but not used at present: {why}. See `/policy learned`.",
        number=example.id,
        why=_unused(),
    )


def removed_text(example: LearnedExample) -> str:
    """That an example is gone."""
    return tr("Example {number} was removed: the judge goes without it from the next message on.", number=example.id)


def page_embed(learned: Learned, page: int, pages: int, seen: Collection[int]) -> discord.Embed:
    """A page, counted from 0; of examples that are not in `seen`, by id, nothing is shown but that they are there."""
    embed = discord.Embed(title=tr("Learned examples"))
    shown = on_page(learned.examples, page)
    lines = [_entry(one, is_used=one.id in learned.used, is_seen=one.id in seen) for one in shown]
    embed.description = "\n".join(lines) or tr(_NOTHING)
    if learned.examples:
        footer = trn(
            "{n} example, {used} in use · page {page} of {pages}",
            "{n} examples, {used} in use · page {page} of {pages}",
            len(learned.examples),
            used=len(learned.used),
            page=page + 1,
            pages=pages,
        )
        embed.set_footer(text=footer)
    if len(learned.used) < len(learned.examples):
        why = _unused()
        embed.add_field(name=tr("Why some are not in use"), value=f"{why[:1].upper()}{why[1:]}.", inline=False)
    return embed


def on_page(examples: Sequence[LearnedExample], page: int) -> Sequence[LearnedExample]:
    """The examples of a page."""
    return examples[page * PAGE : (page + 1) * PAGE]


def _entry(one: LearnedExample, *, is_used: bool, is_seen: bool) -> str:
    rule = inert(one.lesson.rule, 40)
    if one.lesson.breaks:
        said = tr("**{number}** breaks rule {rule}", number=one.id, rule=rule)
    else:
        said = tr("**{number}** is fine beside rule {rule}", number=one.id, rule=rule)
    use = "" if is_used else " · " + tr("not in use")
    text = spoiler(one.text, 2 * MOST_CHARACTERS) if is_seen else tr("(from a channel that you cannot see)")
    return f"{said}{use} · {_origin(one, is_seen=is_seen)}\n{text}"


def _origin(one: LearnedExample, *, is_seen: bool) -> str:
    """Where an example comes from, who taught it and when."""
    by, when = moderator_mention(one.moderator_id), discord.utils.format_dt(one.at, "d")
    if one.case_number is not None:
        return tr("from case {number}, by {member} {date}", number=one.case_number, member=by, date=when)
    if one.channel_id is None:
        return tr("from a pack, by {member} {date}", member=by, date=when)
    if is_seen:
        channel = f"<#{one.channel_id}>"
        return tr("from a message in {channel}, by {member} {date}", channel=channel, member=by, date=when)
    return tr("from a message, by {member} {date}", member=by, date=when)


def _unused() -> str:
    """Why examples are not used, as what follows a colon."""
    return tr(
        "a policy takes {most} at most, the newest first, and about as many that break a rule as are fine "
        "beside it; none of a rule that has other words by now, and none that the policy itself gives",
        most=MOST_ADDED,
    )
