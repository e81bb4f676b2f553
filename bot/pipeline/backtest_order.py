"""What a backtest is asked: the draft against the law on stored messages, by a command or on the console."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import discord

from bot.discord_io.places import channels_in, parents_in
from bot.discord_io.refusal import RefusedError
from bot.domain.backtest import Sample
from bot.domain.lawbook import Lawbook, Versions, Where
from bot.domain.records import PolicyVersion
from bot.domain.submission import Submission
from bot.language import tr
from bot.pipeline.backtest import Asked, Laws
from bot.pipeline.law import law_of, where_of
from bot.store import Store

MOST_MESSAGES = 1_000
MESSAGES = 200

Moved = tuple[Sample, Versions, Versions]
"""A stored message, what is in force where it stands, and what would be; that is never nothing."""


class Seeing(Protocol):
    """Which places of a server somebody sees, as `bot.discord_io.sight.Sight` has it."""

    @property
    def hidden(self) -> frozenset[int]:
        """Channels and threads to leave out, as far as they are known."""

    async def hides(self, found: Iterable[Submission]) -> bool:
        """Whether the place of any of these is not seen."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compared, and on which messages."""

    guild_id: int
    live: PolicyVersion | None
    draft: PolicyVersion
    asked: Sequence[Asked]


async def backtest_order(
    store: Store, guild: discord.Guild, place_id: int | None, messages: int, sight: Seeing
) -> Order:
    """Of the draft of the server's policy, or of that of a channel or category where one is given.

    RefusedError where there is nothing to compare; NoAnswerError where versions would not fit together.
    """
    policies = store.policies
    live, draft = await policies.live(guild.id, place_id), await policies.draft(guild.id, place_id)
    if draft is None:
        raise RefusedError(tr("There is no draft to try: write one with /policy edit."))
    if live is not None and live.digest == draft.digest:
        raise RefusedError(
            tr("The draft has the text of version {number}: change it first with /policy edit.", number=live.number)
        )
    samples = await _samples(store, guild, place_id, messages, sight)
    if not samples:
        raise RefusedError(tr("No message is stored that you can see: watch a channel, and try again in a while."))
    book = await policies.lawbook(guild.id)
    asked = await _asked(store, guild.id, judged_otherwise(guild, book, book.with_live(draft), samples))
    if not asked:
        raise RefusedError(tr("The draft changes nothing where the stored messages stand: /policy scope shows why."))
    if live is None and place_id is not None:  # what the draft is compared with is what is around it
        live = next(reversed(book.around(place_id, parents_in(guild))), None)
    return Order(guild.id, live, draft, asked)


def judged_otherwise(guild: discord.Guild, now: Lawbook, then: Lawbook, samples: Sequence[Sample]) -> list[Moved]:
    """The messages that are judged by other versions then than now."""
    found, parents = [], parents_in(guild)
    for sample in samples:
        where = where_of(sample.submission)
        # A channel may be in another category by now, and of older messages only the channel is known.
        where = Where(where.channel_id, parents.get(where.channel_id or 0, where.category_id))
        old, new = now.in_force(where), then.in_force(where)
        if old != new and new:
            found.append((sample, old, new))
    return found


async def _samples(
    store: Store, guild: discord.Guild, place_id: int | None, messages: int, sight: Seeing
) -> list[Sample]:
    """Reviewed cases, then the latest messages, each once, as far as they are seen."""
    within = channels_in(guild, place_id) if place_id is not None else None
    reviewed = await store.samples.reviewed(guild.id, sight.hidden, within)
    known = {sample.journal_id for sample in reviewed}
    latest = await store.samples.latest(guild.id, messages, sight.hidden, within)
    found = [*reviewed, *(sample for sample in latest if sample.journal_id not in known)]
    return [sample for sample in found if not await sight.hides([sample.submission])]


async def _asked(store: Store, guild_id: int, moved: Sequence[Moved]) -> list[Asked]:
    """Messages with what their versions come to; NoAnswerError where some would not fit together."""
    wanted = {versions for _, *both in moved for versions in both}
    laws = {versions: await law_of(store, guild_id, versions) for versions in wanted}
    found = {versions: law for versions, law in laws.items() if law is not None}
    return [Asked(sample, Laws(found.get(old), found[new])) for sample, old, new in moved]
