"""`/policy backtest`: the draft tried on stored messages in the background, with a bar that moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.domain.backtest import Sample, findings
from bot.domain.records import PolicyVersion
from bot.pipeline.backtest import Backtest, Policies
from bot.pipeline.law import law_of
from bot.store import Store
from cogs.answers import Interaction, think
from cogs.errors import RefusedError, answer_failure
from cogs.permissions import hidden_from, member_of, require_moderator
from cogs.render_backtest import Extent, findings_embeds, findings_files, progress_line

log = structlog.get_logger(__name__)

MOST_MESSAGES = 1_000
MESSAGES = 200
MOST_RUNNING = 2
PROGRESS_SECONDS = 3.0
_LAST_WORD_SECONDS = 2.0
_STOPPED = "The bot is stopping, and the backtest with it: start it anew when the bot is back. Nothing was changed."


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be compared, and on which messages."""

    guild_id: int
    live: PolicyVersion | None
    draft: PolicyVersion
    samples: Sequence[Sample]


class Backtesting(commands.Cog):
    """Runs backtests in the background: one per server, a few in all; they end with the bot."""

    def __init__(self, store: Store, backtest: Backtest) -> None:
        """Read drafts and messages from `store`."""
        self._store = store
        self._backtest = backtest
        self._running: dict[int, asyncio.Task[None]] = {}

    async def cog_unload(self) -> None:
        """End all that run; each says so."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, interaction: Interaction, messages: int) -> None:
        """Start a backtest and return; its answer is edited until it is done. RefusedError where it cannot start."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        order = await self._order(guild.id, messages, hidden_from(member_of(interaction)))
        # From here on nothing is waited for: of two who begin at once the second finds the first running.
        if guild.id in self._running:
            raise RefusedError("A backtest is running on this server already: wait until it is done.")
        if len(self._running) >= MOST_RUNNING:
            raise RefusedError("Backtests of other servers are running: try again in some minutes.")
        task = asyncio.create_task(self._run(interaction, order), name="backtest")
        self._running[guild.id] = task
        task.add_done_callback(lambda _: self._running.pop(guild.id, None))

    async def _order(self, guild_id: int, messages: int, hidden: frozenset[int]) -> _Order:
        live, draft = await self._store.policies.live(guild_id), await self._store.policies.draft(guild_id)
        if draft is None:
            raise RefusedError("There is no draft to try: write one with /policy edit.")
        if live is not None and live.digest == draft.digest:
            raise RefusedError(f"The draft has the text of version {live.number}: change it first with /policy edit.")
        reviewed = await self._store.samples.reviewed(guild_id, hidden)
        known = {sample.journal_id for sample in reviewed}
        latest = await self._store.samples.latest(guild_id, messages, hidden)
        samples = [*reviewed, *(sample for sample in latest if sample.journal_id not in known)]
        if not samples:
            raise RefusedError("No message is stored that you can see: watch a channel, and try again in a while.")
        return _Order(guild_id, live, draft, samples)

    async def _run(self, interaction: Interaction, order: _Order) -> None:
        try:
            await self._compare(interaction, order)
        except asyncio.CancelledError:
            with suppress(discord.HTTPException, TimeoutError):
                async with asyncio.timeout(_LAST_WORD_SECONDS):
                    await interaction.edit_original_response(content=_STOPPED)
            raise
        except discord.HTTPException as error:
            log.warning("backtest_not_answered", status=error.status, code=error.code)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            await answer_failure(interaction, error)

    async def _compare(self, interaction: Interaction, order: _Order) -> None:
        bar = _Bar(interaction, len(order.samples))
        await bar.begin()
        live = (await law_of(self._store, order.live)).policy if order.live else None
        policies = Policies(live, (await law_of(self._store, order.draft)).policy)
        ran = await self._backtest.run(order.guild_id, policies, order.samples, bar.move)
        found = findings(ran.compared)
        extent = Extent(order.live, order.draft, len(order.samples), ran.failed)
        await interaction.edit_original_response(
            content="Nothing was stored, and nothing was done to any message.",
            embeds=findings_embeds(found, extent),
            attachments=findings_files(found, extent),
            allowed_mentions=discord.AllowedMentions.none(),
        )


class _Bar:
    """The bar in the answer, moved every few seconds at most. That it cannot be moved stops nothing."""

    def __init__(self, interaction: Interaction, total: int) -> None:
        self._interaction = interaction
        self._total = total
        self._moved_at = 0.0

    async def begin(self) -> None:
        await self._show(f"{progress_line(0, self._total)}\nThe draft is compiled first.")

    async def move(self, done: int) -> None:
        if time.monotonic() - self._moved_at >= PROGRESS_SECONDS:
            await self._show(progress_line(done, self._total))

    async def _show(self, content: str) -> None:
        self._moved_at = time.monotonic()
        with suppress(discord.HTTPException):
            await self._interaction.edit_original_response(content=content)


class BacktestCommands(app_commands.Group, name="backtests", description="A part of /policy."):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, backtesting: Backtesting) -> None:
        """Begin through `backtesting`."""
        super().__init__()
        self._backtesting = backtesting

    @app_commands.command(name="backtest", description="Try the draft on stored messages and reviewed cases.")
    @app_commands.describe(
        messages=f"How many of the newest messages; {MESSAGES} unless given. Reviewed cases come too."
    )
    async def backtest(
        self, interaction: Interaction, messages: app_commands.Range[int, 1, MOST_MESSAGES] = MESSAGES
    ) -> None:
        """Start in the background."""
        await self._backtesting.begin(interaction, messages)
