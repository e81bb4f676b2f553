"""What the pictures' scenes are played on: the real bot on the sandbox, with servers and people of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.decision import Mode
from bot.domain.records import CaseRecord
from bot.sandbox import serialise
from bot.sandbox.answer import Answer, Modal, walk
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.permissions import MANAGE_GUILD, MODERATOR
from bot.store import Store
from bot.trial.trial import Settled, Trial
from docs.markup import Names
from docs.page import Opened, Sheet, Shown

Json = dict[str, Any]
SETTLE_SECONDS = 300.0
MODERATOR_NAME = "moderator"
"""Who moderates in the pictures; the authors of the example chat are all members."""
_CHANNELS = ("general", "engines", "art", "mod-log")
_MANY = 10_000


class SceneError(Exception):
    """A scene did not come to what its picture shows; the message says at what."""


class Stage:
    """A trial that is running, and the policy that it was started with, whose card is compiled by then."""

    def __init__(self, trial: Trial, policy: str) -> None:
        """On a trial that is started."""
        self.trial = trial
        self.policy = policy

    @property
    def store(self) -> Store:
        """The running bot's database."""
        return self.trial.app.store

    def new_server(self) -> Server:
        """A server that the bot has just come to: nothing was ever set."""
        world = self.trial.server.world
        moderator = world.add_user(MODERATOR_NAME)
        guild = world.add_guild("The Workshop", world.add_user("owner"))
        role = world.add_role(guild, "Moderators", MODERATOR | MANAGE_GUILD)
        world.join(guild, moderator, [role])
        channels = {name: world.add_channel(guild, name) for name in _CHANNELS}
        self.trial.server.invite(guild, self.trial.application)
        return Server(self, guild, channels, role.id, {MODERATOR_NAME: moderator})

    async def server(self) -> Server:
        """A server in which all is set, and the example policy is live and enforced."""
        made = self.new_server()
        guild_id, log_id = made.guild.id, made.channels["mod-log"].id
        draft = await self.store.policies.save_draft(guild_id, self.policy, made.people[MODERATOR_NAME].id)
        await self.store.policies.publish(guild_id, draft.digest, made.people[MODERATOR_NAME].id)
        for name in _CHANNELS[:-1]:
            await self.store.guilds.watch(guild_id, made.channels[name].id)
        await self.store.guilds.update(
            guild_id,
            mode=Mode.ENFORCE,
            log_channel_id=log_id,
            escalation_role_id=made.role_id,
            brake_actions=_MANY,
        )
        return made

    async def settled(self, message: Message) -> Settled:
        """What was made of a message; SceneError where nothing is within five minutes."""
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while True:
                    one = await self.trial.settled.get()
                    if one.judgement.submission.message_id == message.id:
                        return one
        except TimeoutError:
            raise SceneError(f"nothing was made of the message {message.content[:40]!r}") from None


@dataclass(slots=True)
class Server:
    """One server of a stage. `channels` and `people` are by name."""

    stage: Stage
    guild: Guild
    channels: dict[str, Channel]
    role_id: int
    people: dict[str, User]
    _hands: dict[str, Hand] = field(default_factory=dict)

    def person(self, name: str) -> User:
        """The member of this name, who is made and joins if need be, also after a kick."""
        world = self.stage.trial.server.world
        if name not in self.people:
            self.people[name] = world.add_user(name)
        if self.people[name].id not in self.guild.members:
            world.join(self.guild, self.people[name])
        return self.people[name]

    async def hand(self, name: str = MODERATOR_NAME) -> Hand:
        """A member logged in."""
        if name not in self._hands:
            client = await self.stage.trial.server.member_client(self.person(name))
            self._hands[name] = Hand(self, name, client)
        return self._hands[name]

    def post(self, author: str, content: str, channel: str = "general") -> Message:
        """A message appears."""
        return self.stage.trial.server.post(self.person(author), self.channels[channel], content)

    async def judged(self, author: str, content: str, channel: str = "general") -> Message:
        """Post a message and wait until it is settled."""
        message = self.post(author, content, channel)
        await self.stage.settled(message)
        return message

    async def case(self, author: str, content: str, channel: str = "general") -> CaseRecord:
        """Post a message and wait for its case; SceneError where it gets none."""
        found = await self.stage.settled(self.post(author, content, channel))
        if found.case is None:
            raise SceneError(f"no case came of the message {content[:40]!r}")
        return found.case

    def log_post(self, case: CaseRecord) -> Shown:
        """The post of a case in the mod log."""
        message = self.channels["mod-log"].messages.get(case.log_message_id or 0)
        if message is None:
            raise SceneError(f"case {case.number} was not posted in the mod log")
        return Shown(serialise.message(message))

    def sheet(self, parts: Sequence[Shown | Opened], place: str = "general", mark: str = "#") -> Sheet:
        """What is to be drawn, with what ids are called here."""
        world = self.stage.trial.server.world
        names = Names(
            users={number: user.name for number, user in world.users.items()},
            roles={number: role.name for number, role in self.guild.roles.items()},
            channels={number: channel.name for number, channel in self.guild.channels.items()},
            files={file.url: file.content for file in world.files.values()},
            now=world.now(),
        )
        return Sheet(mark, place, parts, names)


@dataclass(slots=True)
class Hand:
    """A member at their Discord app: does something, and gets what is then shown."""

    server: Server
    name: str
    client: MemberClient

    async def slash(self, path: str, **options: Any) -> Shown:
        """Use a slash command, in the mod log's channel."""
        return self._shown(await self._slash(path, options), f"/{path}")

    async def open(self, path: str, **options: Any) -> Modal:
        """Use a slash command that opens a modal."""
        return _modal(await self._slash(path, options), f"/{path}")

    async def menu(self, name: str, message: Message) -> Shown:
        """Use a command of a message's menu."""
        place = message.channel.id
        return self._shown(await self.client.menu(self.server.guild.id, place, name, message_id=message.id), name)

    async def submit(self, modal: Modal, used: str, **values: str) -> Shown:
        """Send a modal off that the command `used` opened."""
        return self._shown(await self.client.submit(modal, dict(values)), used)

    async def press(self, shown: Shown, label: str) -> Shown:
        """Press a button of a message."""
        answer = self._shown(await self.client.press(shown.message, label), label)
        # The message itself is changed, or another one comes, above which Discord names no command.
        return replace(answer, used=shown.used if answer.message["id"] == shown.message["id"] else "")

    async def press_for_modal(self, message: Json, label: str) -> Modal:
        """Press a button that opens a modal."""
        return _modal(await self.client.press(message, label), label)

    async def pick(self, shown: Shown, custom_id: str, *values: str) -> Shown:
        """Leave a select of a message with these values picked; channels and roles by their ids."""
        kinds = {one.get("custom_id"): one["type"] for one in walk(shown.message["components"])}
        if custom_id not in kinds:
            raise SceneError(f"{shown.used} shows no select {custom_id}")
        answer = await self.client.select(shown.message, custom_id, list(values), component_type=kinds[custom_id])
        return self._shown(answer, shown.used)

    async def letter(self) -> Json:
        """The newest direct message of the bot; SceneError where there is none."""
        channel = await self.client.dm_channel(self.server.stage.trial.application.bot.id)
        found = await self.client.messages(channel["id"], limit=1)
        if not found:
            raise SceneError(f"the bot wrote {self.name} no direct message")
        return found[0]

    async def _slash(self, path: str, options: Json) -> Answer:
        place = self.server.channels["mod-log"].id
        return await self.client.slash(self.server.guild.id, place, path, **options)

    def _shown(self, answer: Answer, used: str) -> Shown:
        if answer.message is None:
            raise SceneError(f"{used} was answered with no message: {answer.failure or 'a modal came'}")
        return Shown(answer.message, self.name, used)


def _modal(answer: Answer, used: str) -> Modal:
    if answer.modal is None:
        raise SceneError(f"{used} opened no modal: {answer.failure or answer.content}")
    return answer.modal
