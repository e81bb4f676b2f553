"""All commands and controls of the bot on a client that is not connected: what it is sent, and what it answers.

Discord at the far end answers at once, and knows nothing of what it is asked for: a message, a member, a ban.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest
import structlog
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.discord_io.client import LawspeakerClient
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.pipeline import patience
from bot.pipeline.pipeline import Pipeline
from bot.sandbox import serialise
from bot.sandbox.link import guild_create
from bot.sandbox.options import Resolver
from bot.sandbox.posting import Upload
from bot.sandbox.server import SandboxServer
from bot.store import Store, schema
from cogs import add_cogs
from tests.cogs.cases.conftest import EvenJudge
from tests.fuzz.gateway import copied

Json = dict[str, Any]
ACT = Decision(Outcome.ACT, "1", (Action(ActionKind.DELETE),))
POLICY = "1. No insults. [delete]\n2. No spam. [flag]\n"
FIRST_ANSWER = "/callback"
NO_ANSWER = "no answer"


class Gone:
    """An answer of 404, as far as the library looks at one."""

    status, reason = 404, "Not Found"


class Pressing:
    """A server with a policy, its owner, a member with two cases, and the bot."""

    def __init__(self, folder: Path) -> None:
        """Not started yet; see `pressed`."""
        self.runner = asyncio.Runner()
        server = SandboxServer()
        self.world = server.world
        self.owner = self.world.add_user("owner")
        self.guild = self.world.add_guild("A server", self.owner)
        self.member = self.world.add_user("member")
        self.world.join(self.guild, self.member)
        self.general = self.world.add_channel(self.guild, "general")
        self.role = self.world.add_role(self.guild, "Members")
        self.application = self.world.add_application("bot")
        self.world.invite(self.guild, self.application)
        self.message = server.post(self.application.bot, self.general, "shown")
        self.said = server.post(self.owner, self.general, "some words")
        self.server = server
        self.file = server.posting.store_file(self.general, Upload("policy.md", POLICY.encode(), "text/plain"))
        resolver = Resolver(self.world, self.guild, [self.file])
        assert resolver.user(self.owner.id)
        assert resolver.role(self.role.id)
        assert resolver.role(self.guild.id)
        assert resolver.channel(self.general.id, self.owner)
        assert resolver.file("0")
        resolver.message(self.said)
        self.resolved = resolver.found
        self.store = Store(f"sqlite+aiosqlite:///{folder / 'pressing.sqlite3'}")
        self.answers: list[str] = []
        self.faults: list[str] = []

    async def start(self) -> None:
        """Open the database and add all that can be pressed."""
        await schema.upgrade(self.store.url)
        await self._seed()
        self.client = LawspeakerClient(self._nothing)
        await self.client._async_setup_hook()
        connection = self.client._connection
        connection.user = discord.ClientUser(state=connection, data=serialise.own_user(self.application.bot))
        connection.application_id = self.client._application_id = self.application.id
        judge = EvenJudge()
        pipeline = Pipeline(self.client, self.store, judge)
        await add_cogs(self.client, self.store, judge, pipeline.intake, pipeline.reviews, pipeline.reporting)
        connection.parsers["GUILD_CREATE"](copied(guild_create(self.guild, self.application.bot, self.world)))
        self.commands = [one.to_dict(self.client.tree) for one in self.client.tree.get_commands()]

    async def stop(self) -> None:
        """End what the commands began, and close the database."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await self.store.close()

    async def _nothing(self) -> None: ...

    async def _seed(self) -> None:
        guild_id = self.guild.id
        await self.store.guilds.update(guild_id, mode=Mode.ENFORCE, log_channel_id=None)
        await self.store.guilds.watch(guild_id, self.general.id)
        draft = await self.store.policies.save_draft(guild_id, POLICY, self.owner.id)
        await self.store.policies.publish(guild_id, draft.digest, self.owner.id)
        now = datetime.now(UTC)
        for message_id in (self.said.id, 2):
            said = Submission(
                guild_id, self.general.id, message_id, 0, self.member.id, "member", "words", "words", (), now
            )
            (journal_id,) = await self.store.journal.append([said])
            verdict = Verdict("1", {"1": 0.9, "2": 0.1}, draft.digest, "m", "e" * 64)
            await self.store.journal.claim(1)
            await self.store.journal.open_case(journal_id, verdict, ACT, Mode.ENFORCE, 1, ACT.actions, now)
            await self.store.journal.settled(journal_id)

    def event(self, kind: int, data: Mapping[str, Any]) -> Json:
        """An interaction of the owner's, as Discord tells of it."""
        opened = self.server.interactions.new(kind, self.application, self.owner, self.general, dict(data), None)
        opened.message = self.message if kind in (3, 5) else None
        made: Json = copied(self.server.interactions._for_application(opened))
        return made

    async def press(self, event: Json) -> Sequence[str]:
        """What went wrong with an interaction; that the bot gave it no first answer is one of it."""
        self.answers.clear()
        self.faults.clear()
        before = asyncio.all_tasks()
        self.client._connection.parsers["INTERACTION_CREATE"](event)
        while begun := {one for one in asyncio.all_tasks() - before if not _outlasts(one)}:
            await asyncio.wait(begun)
        if not any(path.endswith(FIRST_ANSWER) for path in self.answers):
            self.faults.append(NO_ANSWER)
        return self.faults

    # The far end

    async def answered(self, route: Any, *_: Any, **__: Any) -> Json:
        """What comes back for an answer to an interaction."""
        self.answers.append(route.url)
        message = copied(serialise.message(self.message))
        if not route.url.split("?")[0].endswith(FIRST_ANSWER):
            return message
        return {"interaction": {"id": "1", "type": 2}, "resource": {"type": 4, "message": message}}

    async def file_read(self, _: str) -> bytes:
        """What stands in any file."""
        return POLICY.encode()

    async def asked(self, *_: Any, **__: Any) -> Any:
        """What comes back for any other request."""
        raise discord.NotFound(Gone(), {"code": 10008, "message": "Unknown"})  # type: ignore[arg-type]


def _outlasts(task: asyncio.Task[Any]) -> bool:
    """Whether a task only waits until a view or a modal is forgotten."""
    return "timeout" in task.get_coro().__qualname__


class Faults(logging.Handler):
    """What the library logs as gone wrong."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        """Take it in, with its error."""
        self._found.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


@contextmanager
def pressed(folder: Path) -> Iterator[Pressing]:
    """The bot, which hears nothing but what it is handed."""
    pressing = Pressing(folder)
    handler = Faults(pressing.faults)

    def told(_: Any, level: str, event: dict[str, Any]) -> dict[str, Any]:
        if level in ("error", "critical"):
            pressing.faults.append(str(event))
        raise structlog.DropEvent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "RETRY_SECONDS", ())
        patch.setattr(AsyncWebhookAdapter, "request", lambda _, *given, **more: pressing.answered(*given, **more))
        logging.getLogger("discord").addHandler(handler)
        kept = structlog.get_config()["processors"]
        structlog.configure(processors=[told])
        try:
            pressing.runner.run(pressing.start())
            patch.setattr(pressing.client.http, "request", pressing.asked)
            patch.setattr(pressing.client.http, "get_from_cdn", pressing.file_read)
            yield pressing
        finally:
            pressing.runner.run(pressing.stop())
            pressing.runner.close()
            structlog.configure(processors=kept)
            logging.getLogger("discord").removeHandler(handler)
