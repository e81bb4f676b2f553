"""The try-out box: what would come of a text in a channel, under the law there and under the draft. Nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord
from aiohttp import web

from bot.discord_io.places import where_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.trial_text import would_do
from bot.domain.decision import Mode, Outcome, ThresholdTable
from bot.domain.guild import GuildSettings
from bot.domain.lawbook import THE_SERVER
from bot.domain.normalise import normalise
from bot.domain.records import versions_named
from bot.domain.withholding import withheld_under
from bot.judge.interface import Judge
from bot.language import tr
from bot.pipeline.rehearsal import Rehearsal, Rehearsed, Said
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.placed import TRIAL, Places

LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A rule with its probability and thresholds, all from 0 to 1; `is_decided` where the decision rests on it."""

    key: str
    words: str
    share: float
    act_at: float
    review_at: float
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Column:
    """What one law makes of a text."""

    name: str
    is_draft: bool
    outcome: Outcome
    done: str
    bars: tuple[Bar, ...]
    rationale: str
    quote: str
    problem: str


class Trying:
    """Tries a text."""

    def __init__(self, store: Store, places: Places, judge: Judge) -> None:
        """Read settings from `store`; ask `judge` through a rehearsal."""
        self._rehearsal = Rehearsal(store, judge)
        self._places = places
        self._judge = judge

    def pages(self) -> Sequence[Page]:
        """The box, and what is said of a text in it."""
        return [
            Page("GET", "policy/try", TRIAL, self._show),
            Page("POST", "policy/try", TRIAL, self._try, only_looks=True),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        channels = _channels(asked.entry.guild, asked.entry.sight.hidden)
        watched = asked.entry.settings.watched
        chosen = asked.query.get("channel") or str(next((one.id for one in channels if one.id in watched), ""))
        return here.page(
            "policy/try", "policy/try.html", channels=channels, chosen=chosen, watched=watched, most=LONGEST
        )

    async def _try(self, asked: Asked) -> web.StreamResponse:
        here, text = await self._places.named(asked), asked.form.get("text", "").replace("\r\n", "\n")
        if not text.strip():
            raise RefusedError(tr("Give a text to try: a message without one is never judged."))
        if len(text) > LONGEST:
            raise RefusedError(tr("Give at most {most:,} characters, as a message has.", most=LONGEST))
        guild, settings = asked.entry.guild, asked.entry.settings
        channel = _channel(asked, asked.form.get("channel", ""))
        said = Said(text, normalise(text))
        where = where_in(guild, channel.id) if channel is not None else THE_SERVER
        tried = await self._rehearsal.under_each(guild.id, said, where)
        if not tried:
            raise RefusedError(tr("There is no policy yet: write one first."))
        if any(withheld_under(one.law.policy, one.verdict, one.decision.rule) for one in tried):
            tried = [_wordless(one) for one in tried]
        mode = _mode(channel, settings)
        return here.fragment(
            "policy/tried.html",
            columns=[_column(one, settings.thresholds, mode) for one in tried],
            said=said,
            model=next((one.verdict.model for one in tried if one.verdict is not None), self._judge.info().model),
            mode=mode,
        )


def _channels(guild: discord.Guild, hidden: frozenset[int]) -> list[discord.abc.GuildChannel]:
    """Where members may write, as far as they are seen, as Discord lists them."""
    found = [one for one in guild.channels if isinstance(one, discord.abc.Messageable | discord.ForumChannel)]
    seen = [one for one in found if one.id not in hidden]
    return sorted(seen, key=lambda one: (one.category.position if one.category else -1, one.position, one.id))


def _channel(asked: Asked, given: str) -> discord.abc.GuildChannel | None:
    """The channel that is named; RefusedError where the visitor sees none of that id."""
    if not given:
        return None
    for one in _channels(asked.entry.guild, asked.entry.sight.hidden):
        if str(one.id) == given:
            return one
    raise RefusedError(tr("There is no such channel, or you cannot see it."))


def _mode(channel: discord.abc.GuildChannel | None, settings: GuildSettings) -> Mode:
    """The mode that holds there; the server's where it is not watched."""
    is_watched = channel is not None and channel.id in settings.watched
    return settings.mode_in(channel.id) if channel is not None and is_watched else settings.mode


def _wordless(one: Rehearsed) -> Rehearsed:
    """The same without what may repeat the text."""
    return replace(one, verdict=one.verdict and replace(one.verdict, rationale="", quote=""))


def _column(one: Rehearsed, thresholds: ThresholdTable, mode: Mode) -> Column:
    named = versions_named(one.law.number, one.law.extends)
    verdict, is_draft = one.verdict, not all(one.law.numbers)
    name = named[:1].upper() + named[1:] if is_draft else tr("Live: {versions}", versions=named)
    if verdict is None:
        return Column(name, is_draft, one.decision.outcome, "", (), "", "", one.decision.reason)
    ranked = sorted(verdict.probabilities.items(), key=lambda item: -item[1])
    bars = tuple(
        Bar(
            key,
            one.law.policy.rule(key).text,
            share,
            thresholds.of(key).act_at,
            thresholds.of(key).review_at,
            key == one.decision.rule,
        )
        for key, share in ranked
    )
    done = would_do(one.decision, mode)
    return Column(name, is_draft, one.decision.outcome, done, bars, verdict.rationale, verdict.quote, "")
