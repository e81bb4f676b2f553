"""The application: built from settings, started and stopped, in one place."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import discord
import structlog

from bot.discord_io.api import use_api
from bot.discord_io.client import LawspeakerClient
from bot.judge.build import build_judge
from bot.judge.interface import JudgeError
from bot.judge.models import ModelFile
from bot.pipeline.heads import HeadPosts
from bot.pipeline.law import laws_somewhere
from bot.pipeline.pipeline import Pipeline
from bot.pipeline.recent import Recent
from bot.pipeline.slots import Slots
from bot.settings import Settings
from bot.store import Store, StoreError, schema
from bot.store.engine import sqlite_file
from bot.store.lock import InstanceLock
from bot.web.console.audit import Audit
from bot.web.console.build import build_console
from bot.web.console.case_sections import case_sections
from bot.web.console.names import People
from bot.web.console.next_case import NextCase
from bot.web.console.now import Now
from bot.web.console.policy.section import PolicySection
from bot.web.health import Health
from bot.web.metrics import PrometheusMetrics
from bot.web.server import Part, WebError, WebServer
from cogs import add_cogs
from cogs.returning import ReturnListener
from cogs.rights import RightsListener

log = structlog.get_logger(__name__)

READY_SECONDS = 60.0
RETENTION_SECONDS = 3_600.0
HEAD_SECONDS = 3_600.0
POLICIES_WARMED = 32


class StartError(ValueError):
    """The bot cannot run; the message is one sentence that says what to do."""


class App:
    """The bot with everything it needs. Start it once; stop it however far it came."""

    def __init__(self, settings: Settings, model: ModelFile | None) -> None:
        """Build the parts; nothing runs and nothing is opened yet. Raises StartError, StoreError.

        `model` is the local one, None where a remote server judges alone.
        """
        if settings.discord_token is None:
            raise StartError("No token is set: put the bot's token into LAWSPEAKER_DISCORD_TOKEN.")
        self._token = settings.discord_token.get_secret_value()
        self._settings = settings
        use_api(*(str(url) if url else None for url in (settings.discord_api_base, settings.discord_gateway)))
        self.store = Store(settings.database, settings.chain_key, settings.content_key_file)
        self._lock = InstanceLock(settings.database)
        self.judge = build_judge(settings, model)
        self.client = LawspeakerClient(self._add_cogs)
        self.metrics = PrometheusMetrics(self.store.journal.backlog, self.judge.info)
        self.pipeline = Pipeline(self.client, self.store, self.judge, self.metrics)
        self.recent = Recent()
        self.pipeline.on_settled.append(self.recent.settled)
        self._heads = HeadPosts(self.client, self.store, self.pipeline.lacks)
        self._slots = Slots()
        self._people = People()
        self._policy = PolicySection(self.store, self.judge, self._slots, self._people)
        self.web = WebServer(settings.web_host, settings.web_port, *self._web_parts())
        self._serving = False
        self._connection: asyncio.Task[None] | None = None
        self._chores: list[asyncio.Task[None]] = []

    def missing(self) -> list[str]:
        """What is not ready, in words; empty when all is."""
        parts = {
            "discord": self.client.is_connected(),
            "judge": self.judge.info().ready,
            "pipeline": self._serving,
            "database": self.store.condition.trouble is None,
        }
        return [name for name, ready in parts.items() if not ready]

    async def start(self) -> None:
        """Return when the bot is ready; StartError or StoreError where it cannot be."""
        try:
            await self.web.start()
            await self._open_database()
            await self._start_judge()
        except (WebError, JudgeError) as error:
            raise StartError(str(error)) from error
        await self._connect()
        await self.pipeline.start()
        self._serving = True
        self._chores = [
            asyncio.create_task(self._warm(), name="warm-cards"),
            asyncio.create_task(self._retain(), name="retention"),
            asyncio.create_task(self._post_heads(), name="chain-heads"),
        ]
        log.info("ready", servers=len(self.client.guilds), model=self.judge.info().model)

    async def wait_stopped(self) -> None:
        """Return when the connection has ended for good; StartError with what ended it.

        StoreError where another bot works on the database by now.
        """
        if self._connection is None:
            return
        holding = asyncio.create_task(self._lock.hold(), name="instance-lock")
        try:
            await asyncio.wait({self._connection, holding}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            holding.cancel()
        if holding.done():
            holding.result()
        self._raise_failure(self._connection)

    async def stop(self) -> None:
        """End everything that was started; what was not settled goes on at the next start."""
        self._serving = False
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self._policy.stop()
        await self.pipeline.stop()
        await self.client.close()
        if self._connection is not None:
            self._connection.cancel()  # it may wait for room in what was just stopped
            with suppress(asyncio.CancelledError, Exception):
                await self._connection
        await self.judge.stop()
        await self.web.stop()
        await self.store.close()
        await self._lock.release()

    def _web_parts(self) -> list[Part]:
        """What is served: health, and the console, as the settings open it."""
        health = Health(self.metrics, self.missing)
        queue = NextCase(self.store, self.pipeline.reviews)
        sections = (
            Now(self.store, self.judge, self.recent, queue),
            *case_sections(self.store, self.judge, self.pipeline.reviews, queue, self._people),
            self._policy,
            Audit(self.store, self._people),
        )
        console = build_console(self._settings, self.client, self.store, sections, lambda: self.web.port)
        return [health] if console is None else [health, console]

    # -- starting ----------------------------------------------------------------------------------------

    async def _open_database(self) -> None:
        await self._lock.take()
        if sqlite_file(self.store.url) is not None:
            if kept := await schema.upgrade(self.store.url):
                log.info("database_migrated", backup=str(kept))
        else:
            await self.store.check_schema()
        key = self.store.chain_key.key()
        if not await self.store.chain.ends_with(key):
            log.warning("chain_key_is_another", key=key.id.hex(), file=str(self.store.chain_key.path))

    async def _start_judge(self) -> None:
        """Load the model; meanwhile each row is looked at for words whose key is missing, and cases are indexed."""
        loading = asyncio.create_task(self.judge.start(), name="judge-start")
        try:
            await self.store.sealing.check()
            await self._index_cases()
            await loading
        finally:
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)

    async def _index_cases(self) -> None:
        """Without it cases are judged and answered all the same; some are not found by their words."""
        try:
            if indexed := await self.store.indexing.index_all(lambda _: None):
                log.info("cases_indexed", cases=indexed)
        except Exception:
            log.exception("cases_not_indexed")

    async def _add_cogs(self) -> None:
        pipeline = self.pipeline
        await add_cogs(
            self.client,
            self.store,
            self.judge,
            pipeline.intake,
            pipeline.reviews,
            pipeline.reporting,
            self._slots,
        )
        await self.client.add_cog(ReturnListener(self.pipeline.backfill))
        await self.client.add_cog(RightsListener(self.pipeline.lack_notices))

    async def _connect(self) -> None:
        try:
            await self.client.login(self._token)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise StartError(_advice(error)) from error
        self._connection = asyncio.create_task(self.client.connect(), name="gateway")
        ready = asyncio.create_task(self.client.wait_until_ready())
        await asyncio.wait({self._connection, ready}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            self._raise_failure(self._connection)
            raise StartError("Discord's gateway did not answer in time: check the network and try again.")

    @staticmethod
    def _raise_failure(connection: asyncio.Task[None]) -> None:
        if connection.done() and not connection.cancelled() and (error := connection.exception()) is not None:
            raise StartError(_advice(error)) from error

    # -- chores ------------------------------------------------------------------------------------------

    async def _warm(self) -> None:
        """Compile the cards of policies in force, so that the first message after a start need not wait for it."""
        for guild in self.client.guilds[:POLICIES_WARMED]:
            parents = {channel.id: channel.category_id for channel in guild.channels}
            for law in await laws_somewhere(self.store, guild.id, parents):
                with suppress(JudgeError):
                    await self.judge.prepare(law.policy)

    async def _retain(self) -> None:
        while True:
            try:
                if cleared := await self.store.retention.clear(datetime.now(UTC)):
                    log.info("content_cleared", submissions=cleared)
                for guild_id in await self.store.departures.remove_due(datetime.now(UTC)):
                    log.info("server_removed", guild_id=guild_id)
            except Exception:
                log.exception("retention_failed")
            await asyncio.sleep(RETENTION_SECONDS)

    async def _post_heads(self) -> None:
        while True:
            try:
                if posted := await self._heads.post_due(datetime.now(UTC)):
                    log.info("chain_heads_posted", servers=posted)
            except Exception:
                log.exception("chain_heads_failed")
            await asyncio.sleep(HEAD_SECONDS)


def _advice(error: BaseException) -> str:
    """What to do about a connection that cannot be made."""
    match error:
        case discord.LoginFailure() | discord.ConnectionClosed(code=4004):
            return (
                "Discord refuses the token: copy it anew from the application's Bot page to LAWSPEAKER_DISCORD_TOKEN."
            )
        case discord.PrivilegedIntentsRequired():
            return "The Message Content intent is off: switch it on on the application's Bot page, then start again."
        case discord.HTTPException():
            return f"Discord refuses the bot ({error.status}, code {error.code}): check the token and the application."
        case aiohttp.ClientError() | OSError():
            cause = type(error).__name__
            return f"Discord cannot be reached ({cause}): check the network and LAWSPEAKER_DISCORD_API_BASE."
        case discord.ConnectionClosed():
            return f"The gateway closed the connection (code {error.code}): see the log and start again."
        case _:
            return f"The connection to Discord failed ({type(error).__name__}): see the log."


__all__ = ["App", "StartError", "StoreError"]
