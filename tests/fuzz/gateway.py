"""Discord's events as the sandbox tells them, and what a client that is not connected makes of them."""

from __future__ import annotations

import asyncio
import marshal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import discord
import pytest

from bot.discord_io.client import LawspeakerClient
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.submission import Submission
from bot.pipeline import journal, patience
from bot.pipeline.intake import Intake
from bot.pipeline.journal import JournalWriter
from bot.pipeline.known import KnownServers
from bot.sandbox import serialise
from bot.sandbox.link import guild_create
from bot.sandbox.model import Overwrite
from bot.sandbox.options import RESOLVED
from bot.sandbox.posting import Upload
from bot.sandbox.server import SandboxServer
from bot.store import Store, tables

Event = tuple[str, dict[str, Any]]

EMBED = {
    "title": "a title",
    "description": "a description",
    "fields": [{"name": "a name", "value": "a value"}],
    "footer": {"text": "a footer"},
    "author": {"name": "an author"},
}
POLL = {"question": {"text": "a question"}, "answers": [{"poll_media": {"text": "an answer"}}]}
TYPED = {"type": 18, "component": {"type": 4, "custom_id": "0", "value": "what is typed"}}
INTERACTIONS: tuple[tuple[int, dict[str, Any]], ...] = (
    (2, {"id": "1", "type": 1, "name": "why", "options": [{"type": 3, "name": "message", "value": "1"}]}),
    (2, {"id": "1", "type": 3, "name": "Why?", "target_id": "1", RESOLVED: {"messages": {}, "users": {}}}),
    (3, {"component_type": 2, "custom_id": "lawspeaker:case:confirm:1"}),
    (4, {"id": "1", "type": 1, "name": "why", "options": [{"type": 3, "name": "m", "value": "", "focused": True}]}),
    (5, {"custom_id": "lawspeaker:settings:typed:warning_template", "components": [TYPED]}),
)
COMMANDS = "CommandTree-invoker"
FILE = Upload("notes.txt", b"words", "text/plain")


class Events:
    """A server on which much happens; `told` is what the bot is told of it, the server itself first."""

    def __init__(self) -> None:
        server = SandboxServer()
        world = server.world
        owner, member, other = (
            world.add_user(name, global_name=f"the {name}") for name in ("owner", "member", "other")
        )
        self.guild = world.add_guild("A server", owner)
        role = world.add_role(self.guild, "Members")
        for user in (member, other):
            world.join(self.guild, user, [role])
        application = world.add_application("bot")
        self.bot = application.bot
        world.invite(self.guild, application)
        self.general, other_place = (world.add_channel(self.guild, name) for name in ("general", "elsewhere"))
        session = server.hub.open(self.bot, intents=None)
        self._created = guild_create(self.guild, self.bot, world)

        first = server.post(member, self.general, "some words")
        self.plain = serialise.gateway_message(first)
        replied = {"message_id": str(first.id), "channel_id": str(self.general.id)}
        server.post(other, self.general, "an answer <@1>", message_reference=replied)
        server.post(member, self.general, "words", embeds=[EMBED], poll=POLL, files=[FILE])
        server.post(other, self.general, message_reference={"type": 1, **replied})
        server.posting.edit(first, {"content": "other words"})
        thread = server.places.open_thread(self.general, member, {"name": "talk"}, first)
        server.post(member, thread, "in the thread")
        server.places.change(thread, {"name": "talk again"})
        server.places.set_overwrite(other_place, Overwrite(role.id, 0, deny=1 << 10))
        server.moderation.create_role(self.guild, "later")
        server.posting.delete(first)
        server.places.remove(other_place)
        self.told: list[Event] = [("GUILD_CREATE", self._created), *((one["t"], one["d"]) for one in session.sent)]
        for kind, data in INTERACTIONS:
            opened = server.interactions.new(kind, application, member, self.general, data, None)
            self.told.append(("INTERACTION_CREATE", server.interactions._for_application(opened)))

    def created(self) -> dict[str, Any]:
        """The server as it was before anything happened."""
        return copied(self._created)


class Listening:
    """A client that is fed with events, and an intake behind it with a journal in memory."""

    def __init__(self, events: Events) -> None:
        """Not ready yet; see `running`."""
        self.events = events
        self.runner = asyncio.Runner()

    async def start(self) -> None:
        """Open the journal, and come to know the server."""
        # No command is there: what is made of one that can be read is tried in `test_fuzz_interactions.py`.
        self.store = Store("sqlite+aiosqlite:///:memory:")
        async with self.store._engine.begin() as connection:
            await connection.run_sync(tables.Base.metadata.create_all)
        guild_id = self.events.guild.id
        self.client = LawspeakerClient(_nothing)
        await self.client._async_setup_hook()
        self.heard: list[tuple[str, Any]] = []
        connection = self.client._connection
        connection.user = discord.ClientUser(state=connection, data=serialise.own_user(self.events.bot))
        connection.dispatch = lambda event, *about: self.heard.append((event, *about[:1]))
        self.writer = JournalWriter(self.store, lambda _: None)
        self.writer.start()
        self.intake = Intake(self.client, KnownServers(self.store), self.writer)
        await self.store.guilds.update(guild_id, mode=Mode.SHADOW, judge_bots=True, judge_moderators=True)
        await self.store.guilds.watch(guild_id, self.events.general.id)
        known = {one: await self.store.guilds.get(one) for one in (guild_id, 0)}

        async def get(one: int) -> GuildSettings:
            return known.get(one, known[0])

        # They stay as they are: reading them for each message takes longer than all that is tried here.
        self.store.guilds.get = get  # type: ignore[method-assign]

    async def stop(self) -> None:
        """Close the journal."""
        await self.writer.stop()
        await self.store.close()

    def parse(self, name: str, data: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """What the client tells its listeners of an event."""
        self.heard.clear()
        self.client._connection.parsers[name](data)
        return list(self.heard)

    def anew(self) -> None:
        """Know the server as it was at first, and nothing else."""
        self.client._connection.clear(views=False)
        self.client._connection.user = discord.ClientUser(
            state=self.client._connection, data=serialise.own_user(self.events.bot)
        )
        self.parse("GUILD_CREATE", self.events.created())

    async def take(self, events: Sequence[Event]) -> list[BaseException]:
        """Events on their way into the journal; what the intake raised, which the library would log.

        What the client raises comes back at once: it would end the connection.
        """
        heard = [about for event in events for about in self.parse(*event)]
        ended = await asyncio.gather(*map(self._listen, heard), return_exceptions=True)
        # Of a command that cannot be read the library hears in a task of its own.
        commands = [one for one in asyncio.all_tasks() if one.get_name() == COMMANDS]
        await asyncio.gather(*commands, return_exceptions=True)
        return [one for one in ended if one is not None]

    async def _listen(self, heard: tuple[str, Any]) -> None:
        match heard:
            case ("message", message):
                await self.intake.on_message(message)
            case ("raw_message_edit", payload):
                await self.intake.on_raw_edit(payload)

    async def kept(self) -> list[Submission]:
        """All that came into the journal since this was asked last."""
        return [entry.submission for entry in await self.store.journal.claim(1_000)]


def copied(data: Any) -> Any:
    """JSON of which nobody else has anything: the library changes what it reads."""
    return marshal.loads(marshal.dumps(data))


async def _nothing() -> None: ...


async def _words(_: discord.Attachment) -> bytes:
    return FILE.content


@contextmanager
def running(events: Events) -> Iterator[Listening]:
    """A client and its journal, which waits for nothing that is not there."""
    listening = Listening(events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "GATHER_SECONDS", 0.02)
        patch.setattr(patience, "RETRY_SECONDS", ())
        patch.setattr(discord.Attachment, "read", _words)
        listening.runner.run(listening.start())
        try:
            yield listening
        finally:
            listening.runner.run(listening.stop())
            listening.runner.close()
