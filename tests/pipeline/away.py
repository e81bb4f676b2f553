"""A bot that is away now and then: one life after another over one Discord and one database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from bot.app import App
from bot.domain.records import Judgement
from bot.sandbox.model import Application, Channel, Guild, Message, User
from bot.sandbox.server import SandboxServer
from bot.settings import Settings, load_settings
from bot.store import Store, tables
from tests.stage import until

JOINED = timedelta(days=1)
GONE = timedelta(hours=3)


class Lives:
    """`settled` is what was settled in all of the bot's lives, in turn. `store` looks in from outside."""

    def __init__(self, server: SandboxServer, application: Application, folder: Path) -> None:
        self.server = server
        self.application = application
        self.settled: list[Judgement] = []
        self._settings: Settings = load_settings(
            discord_token=application.token,
            discord_api_base=server.api_base,
            discord_gateway=server.gateway_url,
            data_dir=folder,
            database_url=f"sqlite+aiosqlite:///{folder / 'lives.sqlite3'}",
            chain_key_file=folder / "lives.chain-key",
            web_host="127.0.0.1",
            web_port=0,
        )
        self.store = Store(self._settings.database, self._settings.chain_key)
        self._app: App | None = None

    async def begin(self) -> App:
        """Return when the bot is ready."""
        self._app = app = App(self._settings, None)
        app.pipeline.on_settled.append(self._hear)
        await app.start()
        return app

    async def end(self) -> None:
        """Return when it is gone."""
        if self._app is not None:
            await self._app.stop()
            self._app = None

    async def heard(self, guild: Guild) -> None:
        """Wait until all that a server said so far came in, as the bot sees it."""
        now = datetime.now(UTC)

        async def holds() -> bool:
            kept = (await self.store.presence.of(guild.id)).until
            return kept is not None and kept > now and not await self.store.journal.backlog()

        await until(holds)

    async def judged(self, message: Message, times: int = 1) -> None:
        """Wait until something was settled of a message so often."""

        async def holds() -> bool:
            return len(self.of(message)) >= times

        await until(holds)

    def of(self, message: Message) -> list[Judgement]:
        """What was settled of a message."""
        return [one for one in self.settled if one.submission.message_id == message.id]

    async def gone_long(self, guild: Guild) -> None:
        """As if the bot had heard nothing of a server for GONE; its channels are watched for longer."""
        now = datetime.now(UTC)
        await self.store.presence.heard([guild.id], now - GONE)
        watched = tables.WatchedChannel
        async with self.store._engine.begin() as connection:
            await connection.execute(
                update(watched).where(watched.guild_id == guild.id).values(watched_at=now - JOINED)
            )

    def post(self, author: User, channel: Channel, content: str, minutes_ago: int = 0) -> Message:
        """A message that was posted some minutes ago."""
        world = self.server.world
        before = world.clock
        world.clock = lambda: datetime.now(UTC) - timedelta(minutes=minutes_ago)
        try:
            return self.server.post(author, channel, content)
        finally:
            world.clock = before

    async def _hear(self, judgement: Judgement) -> None:
        self.settled.append(judgement)
