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

from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import Sight
from bot.domain.backtest import Sample, findings
from bot.domain.lawbook import Lawbook, Versions, Where
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.pipeline.backtest import Asked, Backtest, Laws
from bot.pipeline.law import law_of, where_of
from bot.pipeline.tasks import end_all
from bot.store import Store
from cogs.answers import Interaction, think
from cogs.channels import GivenChannel
from cogs.errors import answer_failure
from cogs.permissions import member_of, require_use
from cogs.render_backtest import Extent, findings_embeds, findings_files, progress_line
from cogs.where import WHERE, GivenWhere, channels_in, parents_in, require_own

log = structlog.get_logger(__name__)

MOST_MESSAGES = 1_000
MESSAGES = 200
MOST_RUNNING = 2
PROGRESS_SECONDS = 3.0
_LAST_WORD_SECONDS = 2.0
_STOPPED = mark(
    "The bot is stopping, and the backtest with it: start it anew when the bot is back. Nothing was changed."
)
_DONE = mark(
    "Nothing was stored, and nothing was done to any message. The draft was calibrated as publishing it now would "
    "calibrate it."
)

Moved = tuple[Sample, Versions, Versions]
"""A stored message, what is in force where it stands, and what would be; that is never nothing."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be compared, and on which messages."""

    guild_id: int
    live: PolicyVersion | None
    draft: PolicyVersion
    asked: Sequence[Asked]


class Backtesting(commands.Cog):
    """Runs backtests in the background: one per server, a few in all; they end with the bot."""

    def __init__(self, store: Store, backtest: Backtest) -> None:
        """Read drafts and messages from `store`."""
        self._store = store
        self._backtest = backtest
        self._running: dict[int, asyncio.Task[None]] = {}

    async def cog_unload(self) -> None:
        """End all that run; each says so."""
        await end_all(self._running.values())

    async def begin(self, interaction: Interaction, messages: int, where: GivenChannel | None) -> None:
        """Start a backtest and return; its answer is edited until it is done. RefusedError where it cannot start.

        It is of the draft of the server's policy, or of that of a channel or category where one is given.
        """
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        order = await self._order(guild, place_id, messages, Sight(member_of(interaction)))
        # From here on nothing is waited for: of two who begin at once the second finds the first running.
        if guild.id in self._running:
            raise RefusedError(tr("A backtest is running on this server already: wait until it is done."))
        if len(self._running) >= MOST_RUNNING:
            raise RefusedError(tr("Backtests of other servers are running: try again in some minutes."))
        task = asyncio.create_task(self._run(interaction, order), name="backtest")
        self._running[guild.id] = task
        task.add_done_callback(lambda _: self._running.pop(guild.id, None))

    async def _order(self, guild: discord.Guild, place_id: int | None, messages: int, sight: Sight) -> _Order:
        policies = self._store.policies
        live, draft = await policies.live(guild.id, place_id), await policies.draft(guild.id, place_id)
        if draft is None:
            raise RefusedError(tr("There is no draft to try: write one with /policy edit."))
        if live is not None and live.digest == draft.digest:
            raise RefusedError(
                tr("The draft has the text of version {number}: change it first with /policy edit.", number=live.number)
            )
        within = channels_in(guild, place_id) if place_id is not None else None
        reviewed = await self._store.samples.reviewed(guild.id, sight.hidden, within)
        known = {sample.journal_id for sample in reviewed}
        latest = await self._store.samples.latest(guild.id, messages, sight.hidden, within)
        found = [*reviewed, *(sample for sample in latest if sample.journal_id not in known)]
        samples = [sample for sample in found if not await sight.hides([sample.submission])]
        if not samples:
            raise RefusedError(tr("No message is stored that you can see: watch a channel, and try again in a while."))
        book = await policies.lawbook(guild.id)
        asked = await self._asked(guild.id, judged_otherwise(guild, book, book.with_live(draft), samples))
        if not asked:
            raise RefusedError(
                tr("The draft changes nothing where the stored messages stand: /policy scope shows why.")
            )
        if live is None and place_id is not None:  # what the draft is compared with is what is around it
            live = next(reversed(book.around(place_id, parents_in(guild))), None)
        return _Order(guild.id, live, draft, asked)

    async def _asked(self, guild_id: int, moved: Sequence[Moved]) -> list[Asked]:
        """Messages with what their versions come to; NoAnswerError where some would not fit together."""
        wanted = {versions for _, *both in moved for versions in both}
        laws = {versions: await law_of(self._store, guild_id, versions) for versions in wanted}
        found = {versions: law for versions, law in laws.items() if law is not None}
        return [Asked(sample, Laws(found.get(old), found[new])) for sample, old, new in moved]

    async def _run(self, interaction: Interaction, order: _Order) -> None:
        try:
            await self._compare(interaction, order)
        except asyncio.CancelledError:
            with suppress(discord.HTTPException, TimeoutError):
                async with asyncio.timeout(_LAST_WORD_SECONDS):
                    await interaction.edit_original_response(content=tr(_STOPPED))
            raise
        except discord.HTTPException as error:
            log.warning("backtest_not_answered", status=error.status, code=error.code)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            await answer_failure(interaction, error)

    async def _compare(self, interaction: Interaction, order: _Order) -> None:
        bar = _Bar(interaction, len(order.asked))
        await bar.begin()
        ran = await self._backtest.run(order.guild_id, order.asked, bar.move)
        found = findings(ran.compared)
        extent = Extent(order.live, order.draft, len(order.asked), ran.failed)
        await interaction.edit_original_response(
            content=tr(_DONE),
            embeds=findings_embeds(found, extent),
            attachments=findings_files(found, extent),
            allowed_mentions=discord.AllowedMentions.none(),
        )


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


class _Bar:
    """The bar in the answer, moved every few seconds at most. That it cannot be moved stops nothing."""

    def __init__(self, interaction: Interaction, total: int) -> None:
        self._interaction = interaction
        self._total = total
        self._moved_at = 0.0

    async def begin(self) -> None:
        await self._show(progress_line(0, self._total) + "\n" + tr("The draft is compiled first."))

    async def move(self, done: int) -> None:
        if time.monotonic() - self._moved_at >= PROGRESS_SECONDS:
            await self._show(progress_line(done, self._total))

    async def _show(self, content: str) -> None:
        self._moved_at = time.monotonic()
        with suppress(discord.HTTPException):
            await self._interaction.edit_original_response(content=content)


class BacktestCommands(app_commands.Group, name="backtests", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, backtesting: Backtesting) -> None:
        """Begin through `backtesting`."""
        super().__init__()
        self._backtesting = backtesting

    @app_commands.command(name="backtest", description=mark("Try the draft on stored messages and reviewed cases."))
    @app_commands.describe(
        messages=mark("How many of the newest messages; 200 unless given. Reviewed cases come too."), where=WHERE
    )
    async def backtest(
        self,
        interaction: Interaction,
        messages: app_commands.Range[int, 1, MOST_MESSAGES] = MESSAGES,
        where: GivenWhere | None = None,
    ) -> None:
        """Start in the background."""
        await self._backtesting.begin(interaction, messages, where)
