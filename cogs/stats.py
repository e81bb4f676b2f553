"""`/stats`: what was judged and done on a server, and how far its moderators agree."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.advice import Advice, advice_on
from bot.domain.calibration import Shifts, as_now
from bot.domain.figures import Day, Span, by_rule
from bot.domain.lawbook import rules_somewhere
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.language import mark
from bot.pipeline.calibrating import judged_then, shifts_somewhere
from bot.pipeline.written import written_then
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.permissions import member_of, require_use
from cogs.render_stats import Stats, stats_embeds
from cogs.stats_picture import picture_text, stats_picture
from cogs.where import lawbook_seen

MOST_DAYS = 90
PICTURE = "stats.png"


class StatsCog(commands.Cog):
    """For moderators, about their own server."""

    def __init__(self, store: Store) -> None:
        """Have `store` count."""
        self._store = store

    @app_commands.command(
        name="stats", description=mark("What was judged and done, and how far moderators agree with it.")
    )
    @app_commands.describe(days=mark("How many days to look back, at most 90; 30 unless given."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def stats(self, interaction: Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = 30) -> None:
        """Count the days up to now, and of the cases also as many days before them."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        span = _last(days)
        embeds = stats_embeds(await self._stats(member_of(interaction), span, days))
        by_day = await self._store.figures.days(guild.id, span)
        await answer(interaction, embeds=embeds, files=await _pictures(by_day))

    async def _stats(self, member: discord.Member, span: Span, days: int) -> Stats:
        guild_id = member.guild.id
        tallies = await self._store.figures.tallies(guild_id, span)
        earlier = await self._store.figures.tallies(guild_id, span.before())
        book = await lawbook_seen(member, self._store)
        live = parse_policy(book.live.source) if book.live is not None else None
        if live is not None:  # and the rules that single channels add
            live = replace(live, rules=rules_somewhere(book, {}))
        versions = await self._policies(guild_id, (tally.judged_by for tally in (*tallies, *earlier)))
        shifts = await shifts_somewhere(self._store, guild_id, book, {})
        return Stats(
            days=days,
            work=await self._store.figures.work(guild_id, span),
            queue=await self._store.figures.queue(guild_id),
            rules=live.rules if live is not None else (),
            now=by_rule(tallies, live, versions),
            before=by_rule(earlier, live, versions),
            advice=await self._advice(guild_id, span, live, shifts) if live is not None else (),
            shifts=shifts,
        )

    async def _advice(self, guild_id: int, span: Span, live: Policy, shifts: Shifts) -> Sequence[Advice]:
        """What is suggested for rules that moderators keep overturning; only they themselves act on it.

        Cases count as they would with the calibration there is now: else a threshold would make up for it once more.
        """
        settings = await self._store.guilds.get(guild_id)
        reviewed = await self._store.figures.reviewed(guild_id, span)
        judged = await judged_then(self._store, guild_id, reviewed)
        cases = as_now(reviewed, live, judged, shifts)
        return advice_on(cases, live, {numbers: one.policy for numbers, one in judged.items()}, settings.thresholds)

    async def _policies(self, guild_id: int, judged_by: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], Policy]:
        """What the versions with these numbers came to, where they are still there."""
        found = {}
        for numbers in {numbers for numbers in judged_by if numbers}:
            if policy := await written_then(self._store, guild_id, numbers[-1], numbers[:-1]):
                found[numbers] = policy
        return found


def _last(days: int) -> Span:
    now = discord.utils.utcnow()
    return Span(now - timedelta(days=days), now)


async def _pictures(days: Sequence[Day]) -> list[discord.File]:
    """The picture of these days; none of a single one, nor where nothing happened."""
    if len(days) < 2 or not any(day.judged or day.answers.cases for day in days):
        return []
    # Drawing takes a good part of a second: the gateway's heartbeats go on meanwhile.
    drawn = await asyncio.to_thread(stats_picture, days)
    return [discord.File(io.BytesIO(drawn), filename=PICTURE, description=picture_text(days))]
