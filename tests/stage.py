"""The whole bot on a sandbox with the tiny model, for tests: servers of their own to play a scene in.

The tiny model's judgements are no better than chance, so a scene sets thresholds under which a rule is broken by
every message, or by none. What is under test is what is made of a verdict, and that is then certain.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.domain.records import CaseRecord, Judgement
from bot.sandbox.exchange import Exchange
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.permissions import MANAGE_GUILD, MODERATOR
from bot.store import Store
from bot.trial.trial import Trial

POLICY = """# The house

## Rules
1. No spam. [delete]
2. No advertising. [flag]
3. No threats. [delete, warn, timeout 1h]
4. No cheating. [kick]
5. No scams. [warn, ban]
6. Somebody may hurt themselves: call a human. [escalate, delete]
"""
ALWAYS = Thresholds(0.0, 0.0)
NEVER = Thresholds(1.0, 1.0)
ASK = Thresholds(1.0, 0.0)
SECONDS = 90.0


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, looking at it time and again; TimeoutError where it never does."""
    async with asyncio.timeout(SECONDS):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in the database or in another process
            await asyncio.sleep(0.01)


def away_at_first(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, but for the first call, at which the database is away."""
    away = True

    async def tried(*arguments: Any) -> Any:
        nonlocal away
        if away:
            away = False
            raise OSError("the database is away")
        return await work(*arguments)

    return tried


class Stage:
    """A running trial; hears of everything that settles in any of its servers."""

    def __init__(self, trial: Trial, exchanges: list[Exchange]) -> None:
        self.trial = trial
        self.exchanges = exchanges
        self._judgements: list[Judgement] = []
        self._news = asyncio.Condition()
        trial.app.pipeline.on_settled.append(self._hear)

    async def _hear(self, judgement: Judgement) -> None:
        async with self._news:
            self._judgements.append(judgement)
            self._news.notify_all()

    async def settled(self, message: Message, *, edited: bool = False) -> Judgement:
        """What was made of a message as first posted, or of its edit."""
        async with asyncio.timeout(SECONDS), self._news:
            while True:
                for judgement in self.of(message):
                    if (judgement.submission.revision > 0) is edited:
                        return judgement
                await self._news.wait()

    def of(self, message: Message) -> list[Judgement]:
        """All that was settled of a message so far."""
        return [one for one in self._judgements if one.submission.message_id == message.id]

    async def scene(self, policy: str | None = POLICY, mode: Mode = Mode.ENFORCE, locale: str = "en-US") -> Scene:
        """A new server with the bot in it, a watched channel, a mod log, a member and moderators."""
        server, world = self.trial.server, self.trial.server.world
        owner = world.add_user("the-owner")
        guild = world.add_guild("A server", owner)
        guild.locale = locale
        moderators = world.add_role(guild, "Moderators", MODERATOR)
        moderators.mentionable = True
        managers = world.add_role(guild, "Managers", MODERATOR | MANAGE_GUILD)
        member, moderator, manager = (world.add_user(name) for name in ("a-member", "a-moderator", "a-manager"))
        world.join(guild, member)
        world.join(guild, moderator, [moderators])
        world.join(guild, manager, [managers])
        general, log = world.add_channel(guild, "general"), world.add_channel(guild, "mod-log")
        server.invite(guild, self.trial.application)
        scene = Scene(self, guild, general, log, owner, member, moderator, manager, moderators.id)
        store = self.trial.app.store
        await store.guilds.update(
            guild.id, mode=mode, log_channel_id=log.id, escalation_role_id=moderators.id, brake_actions=1_000
        )
        await store.guilds.watch(guild.id, general.id)
        if policy is not None:
            await scene.publish(policy)
        await scene.break_none()
        return scene


@dataclass(slots=True)
class Scene:
    """One server."""

    stage: Stage
    guild: Guild
    general: Channel
    log: Channel
    owner: User
    member: User
    moderator: User
    manager: User
    moderator_role_id: int

    @property
    def store(self) -> Store:
        return self.stage.trial.app.store

    @property
    def server(self) -> Any:
        return self.stage.trial.server

    @property
    def bot(self) -> User:
        return self.stage.trial.application.bot

    async def publish(self, policy: str) -> None:
        """Make a text the law of the server, as the shell would."""
        draft = await self.store.policies.save_draft(self.guild.id, policy, self.moderator.id)
        await self.store.policies.publish(self.guild.id, draft.digest, self.moderator.id)

    async def break_rule(self, key: str, thresholds: Thresholds = ALWAYS) -> None:
        """Let every message break this rule and no other."""
        await self._thresholds(ThresholdTable(NEVER, {key: thresholds}))

    async def break_none(self) -> None:
        """Let every message be fine."""
        await self._thresholds(ThresholdTable(NEVER))

    async def _thresholds(self, table: ThresholdTable) -> None:
        await self.store.guilds.update(self.guild.id, thresholds=table)

    def post(
        self, content: str = "", author: User | None = None, channel: Channel | None = None, **body: Any
    ) -> Message:
        """A message appears in the server."""
        message: Message = self.server.post(author or self.member, channel or self.general, content, **body)
        return message

    async def settled(self, message: Message, *, edited: bool = False) -> Judgement:
        return await self.stage.settled(message, edited=edited)

    async def case(self, message: Message, *, edited: bool = False) -> CaseRecord:
        """The settled case of a message as first posted, or of its edit."""
        judgement = await self.settled(message, edited=edited)
        assert judgement.case_number is not None
        case = await self.store.cases.get(self.guild.id, judgement.case_number)
        assert case is not None
        return case

    async def ignored(self, message: Message) -> bool:
        """Whether the bot passed a message over: a later one was settled, nothing waits, and it never was."""
        await self.settled(self.post("a later message"))

        async def nothing_waits() -> bool:
            return not (await self.store.journal.backlog()).get(self.guild.id)

        await until(nothing_waits)
        return not self.stage.of(message)

    async def queued(self, count: int) -> None:
        """Wait until so many submissions of this server are journalled and not decided on."""

        async def holds() -> bool:
            return (await self.store.journal.backlog()).get(self.guild.id, 0) >= count

        await until(holds)

    async def archived(self, thread: Channel) -> None:
        """Archive a thread, and wait until the bot's library has forgotten it."""
        self.server.places.change(thread, {"archived": True})

        async def forgotten() -> bool:
            return self.stage.trial.app.client.get_channel(thread.id) is None

        await until(forgotten)

    @contextmanager
    def judge_stopped(self) -> Iterator[None]:
        """The judge's real process, stopped so that messages queue up; afterwards it goes on."""
        pid = self.stage.trial.app.judge.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    async def case_held_up(self, content: str) -> Message:
        """Post a message whose case is open by now, while the bot has yet to read it again before it acts."""
        self.server.fail("GET", "/channels/{channel_id}/messages/{message_id}", 500, delay=0.3)
        message = self.post(content)
        await self.opened()
        return message

    async def opened(self) -> None:
        """Wait until the server has a case, settled or not."""

        async def holds() -> bool:
            return bool(await self.store.cases.list(self.guild.id))

        await until(holds)

    def gone(self, message: Message) -> bool:
        """Whether a message is no longer there."""
        return message.channel.messages.get(message.id) is None

    async def client(self, user: User) -> MemberClient:
        """A Discord client logged in as a user."""
        client: MemberClient = await self.server.member_client(user)
        return client
