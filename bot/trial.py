"""A trial: the whole product on the sandbox. The real bot, the real model, a server of one's own, nothing kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.domain.decision import Mode
from bot.domain.policy_text import parse_policy
from bot.domain.records import CaseRecord, Judgement
from bot.judge.models import ModelFile
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.permissions import MODERATOR
from bot.sandbox.server import SandboxServer
from bot.settings import Settings, load_settings
from bot.store import Store, schema

LOG_CHANNEL = "mod-log"
FIRST_CHANNEL = "general"


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
        self.settled: asyncio.Queue[Settled] = asyncio.Queue()
        self._model = model
        self._policy_source = policy_source
        self._folder = folder
        self._people: dict[str, User] = {}
        self._places: dict[str, Channel] = {}
        self._app: App | None = None
        world = self.server.world
        self.owner = world.add_user("owner")
        self.guild: Guild = world.add_guild("The Workshop", self.owner)
        self.application = world.add_application("Lawspeaker", owner=self.owner)
        self.moderators = world.add_role(self.guild, "Moderators", MODERATOR)
        self.moderator = self.person("moderator")
        world.join(self.guild, self.moderator, [self.moderators])
        world.invite(self.guild, self.application)
        self.log_channel = world.add_channel(self.guild, LOG_CHANNEL)

    @property
    def app(self) -> App:
        """The running bot; RuntimeError before `start`."""
        if self._app is None:
            raise RuntimeError("the trial has not started")
        return self._app

    async def start(self) -> None:
        """Return when the bot is ready and the policy's card is compiled: StartError, StoreError, JudgeError."""
        await self.server.start()
        self._app = App(self._settings(), self._model)
        await schema.upgrade(self._app.store.url)
        await self._set_up(self._app.store)
        self._app.pipeline.on_settled.append(self._hear)
        await self._app.start()
        await self._app.judge.prepare(parse_policy(self._policy_source))

    async def stop(self) -> None:
        """End bot, worker and server."""
        if self._app is not None:
            await self._app.stop()
        await self.server.stop()

    def person(self, name: str) -> User:
        """The member of this name, who is made and joins if need be, also after a kick."""
        user = self._people.get(name)
        if user is None:
            user = self._people[name] = self.server.world.add_user(name)
        self.server.world.join(self.guild, user)
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

    async def _set_up(self, store: Store) -> None:
        guild_id = self.guild.id
        await store.guilds.update(
            guild_id,
            mode=Mode.ENFORCE,
            log_channel_id=self.log_channel.id,
            escalation_role_id=self.moderators.id,
        )
        draft = await store.policies.save_draft(guild_id, self._policy_source, self.moderator.id)
        await store.policies.publish(guild_id, draft.digest, self.moderator.id)

    async def _hear(self, judgement: Judgement) -> None:
        case = None
        if judgement.case_number is not None:
            case = await self.app.store.cases.get(judgement.submission.guild_id, judgement.case_number)
        channel = self.guild.channels.get(judgement.submission.channel_id)
        self.settled.put_nowait(Settled(judgement, case, channel.name if channel else ""))
