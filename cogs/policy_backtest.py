"""`/policy backtest`: the draft tried on stored messages in the background, with a bar that moves."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.discord_io.sight import Sight
from bot.domain.backtest import findings
from bot.domain.backtest_words import Extent
from bot.language import mark, tr
from bot.pipeline.backtest import Backtest
from bot.pipeline.backtest_order import MESSAGES, MOST_MESSAGES, Order, backtest_order
from bot.pipeline.slots import Slots
from bot.pipeline.tasks import end_all
from bot.store import Store
from cogs.answers import Interaction, think
from cogs.channels import GivenChannel
from cogs.errors import answer_failure
from cogs.permissions import member_of, require_use
from cogs.render_backtest import findings_embeds, findings_files, progress_line
from cogs.where import WHERE, GivenWhere, require_own

log = structlog.get_logger(__name__)

PROGRESS_SECONDS = 3.0
_LAST_WORD_SECONDS = 2.0
_STOPPED = mark(
    "The bot is stopping, and the backtest with it: start it anew when the bot is back. Nothing was changed."
)
_DONE = mark(
    "Nothing was stored, and nothing was done to any message. The draft was calibrated as publishing it now would "
    "calibrate it."
)


class Backtesting(commands.Cog):
    """Runs backtests in the background: one per server, a few in all; they end with the bot."""

    def __init__(self, store: Store, backtest: Backtest, slots: Slots) -> None:
        """Read drafts and messages from `store`; run in one of `slots`."""
        self._store = store
        self._backtest = backtest
        self._slots = slots
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
        order = await backtest_order(self._store, guild, place_id, messages, Sight(member_of(interaction)))
        # From here on nothing is waited for: of two who begin at once the second finds the first running.
        self._slots.take(guild.id)
        task = asyncio.create_task(self._run(interaction, order), name="backtest")
        self._running[guild.id] = task
        task.add_done_callback(lambda _: self._ended(guild.id))

    def _ended(self, guild_id: int) -> None:
        self._slots.free(guild_id)
        self._running.pop(guild_id, None)

    async def _run(self, interaction: Interaction, order: Order) -> None:
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

    async def _compare(self, interaction: Interaction, order: Order) -> None:
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
