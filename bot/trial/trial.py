"""A trial: the whole product on the sandbox. The real bot, the real model, a server of one's own, nothing kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.domain.policy_text import parse_policy
from bot.domain.records import CaseRecord, Judgement
from bot.judge.models import ModelFile
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.server import SandboxServer
from bot.settings import Settings, load_settings
from bot.store import schema
from bot.trial.house import build, settle_in

FIRST_CHANNEL = "general"
MOST_UNHEARD = 10_000
"""Settled submissions that wait for somebody who asks for them; the oldest go."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A submission that is settled, its case if it has one, and the name of its channel."""

    judgement: Judgement
    case: CaseRecord | None
    channel: str


class Trial:
    """A sandbox server with one guild, the bot in it, and its policy published. Start it, post, hear what settles."""

    def __init__(
        self,
        model: ModelFile | None,
        policy_source: str,
        folder: Path,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """Keep the database in `folder`, which the caller makes and removes; nothing runs yet."""
        self.server = SandboxServer(on_exchange=on_exchange)
        self.settled: asyncio.Queue[Settled] = asyncio.Queue(MOST_UNHEARD)
        self._model = model
        self._policy_source = policy_source
        self._folder = folder
        self._people: dict[str, User] = {}
        self._places: dict[str, Channel] = {}
        self._app: App | None = None
        world = self.server.world
        self.owner = world.add_user("owner")
        self.moderator = self._people["moderator"] = world.add_user("moderator")
        self.application = world.add_application("Lawspeaker", owner=self.owner)
        self.house = build(world, "The Workshop", self.owner, self.moderator, self.application)
        self.guild: Guild = self.house.guild
        world.invite(self.guild, self.application)

    @property
    def app(self) -> App:
        """The running bot; RuntimeError before `start`."""
        if self._app is None:
            raise RuntimeError("the trial has not started")
        return self._app

    async def start(self, port: int = 0) -> None:
        """Return when the bot is ready and the policy's card is compiled: StartError, StoreError, JudgeError.

        OSError where the port is taken; 0 takes any free one.
        """
        await self.server.start(port=port)
        self._app = App(self._settings(), self._model)
        await schema.upgrade(self._app.store.url)
        await settle_in(self._app.store, self.house, self._policy_source, self.moderator)
        self._app.pipeline.on_settled.append(self._hear)
        await self._app.start()
        await self._app.judge.prepare(parse_policy(self._policy_source))

    async def stop(self) -> None:
        """End bot, worker and server."""
        # First, as a policy that is being compiled would fail with the judge.
        await self.server.scenes.close()
        if self._app is not None:
            await self._app.stop()
        await self.server.stop()

    def person(self, name: str) -> User:
        """The member of this name, who is made and joins if need be, also after a kick."""
        user = self._people.get(name)
        if user is None:
            user = self._people[name] = self.server.world.add_user(name)
        if user.id not in self.guild.members:
            self.server.moderation.join(self.guild, user)
        return user

    async def place(self, name: str) -> Channel:
        """The channel of this name, which is made and watched if need be."""
        channel = self._places.get(name)
        if channel is None:
            channel = self._places[name] = self.server.places.create(self.guild, {"name": name})
            await self.app.store.guilds.watch(self.guild.id, channel.id)
        return channel

    async def say(self, author: str, channel: str, content: str) -> Message:
        """Post a message as a member, whatever the bot did to them before."""
        return self.server.post(self.person(author), await self.place(channel), content)

    def _settings(self) -> Settings:
        """The user's own settings for the model, and a server, database and port of the trial's own."""
        return load_settings(
            discord_token=self.application.token,
            discord_api_base=self.server.api_base,
            discord_gateway=self.server.gateway_url,
            data_dir=self._folder,
            database_url=f"sqlite+aiosqlite:///{self._folder / 'trial.sqlite3'}",
            chain_key_file=self._folder / "trial.chain-key",
            web_host="127.0.0.1",
            web_port=0,
        )

    async def _hear(self, judgement: Judgement) -> None:
        case = None
        if judgement.case_number is not None:
            case = await self.app.store.cases.get(judgement.submission.guild_id, judgement.case_number)
        channel = self.guild.channels.get(judgement.submission.channel_id)
        if self.settled.full():
            self.settled.get_nowait()
        self.settled.put_nowait(Settled(judgement, case, channel.name if channel else ""))
