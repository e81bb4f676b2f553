"""A new server and a manager who uses `/setup` there, for tests of it.

A test file imports the fixtures `fresh` and `manager` from here.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest_asyncio

from bot.domain.guild import GuildSettings
from bot.sandbox.answer import Answer, Json, walk
from bot.sandbox.model import Channel
from bot.sandbox.permissions import MANAGE_GUILD, MODERATOR
from cogs.setup import COMPILING
from tests.cogs.live import Hand, hand
from tests.stage import Scene, Stage, until

PREFIX = "lawspeaker:setup"
CHANNELS = 8
"""The type of a select of channels."""


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(stage: Stage) -> Scene:
    """A server that the bot has just come to: nothing was ever set."""
    server, world = stage.trial.server, stage.trial.server.world
    owner, member, moderator, manager = (world.add_user(name) for name in ("an-owner", "one", "two", "three"))
    guild = world.add_guild("A new server", owner)
    moderators = world.add_role(guild, "Moderators", MODERATOR)
    managers = world.add_role(guild, "Managers", MODERATOR | MANAGE_GUILD)
    world.join(guild, member)
    world.join(guild, moderator, [moderators])
    world.join(guild, manager, [managers])
    general, log = world.add_channel(guild, "general"), world.add_channel(guild, "mod-log")
    server.invite(guild, stage.trial.application)
    return Scene(stage, guild, general, log, owner, member, moderator, manager, moderators.id)


@pytest_asyncio.fixture(loop_scope="session")
async def manager(fresh: Scene) -> Hand:
    return await hand(fresh, fresh.manager)


async def watch(someone: Hand, shown: Answer, *channels: Channel) -> Answer:
    """Leave the select of channels with these picked."""
    return await someone.client.select(shown.shown, f"{PREFIX}:watch", ids(channels), component_type=CHANNELS)


async def log_in(someone: Hand, shown: Answer, *channels: Channel) -> Answer:
    return await someone.client.select(shown.shown, f"{PREFIX}:log", ids(channels), component_type=CHANNELS)


async def pick(someone: Hand, shown: Answer, does: str, *values: str) -> Answer:
    return await someone.client.select(shown.shown, f"{PREFIX}:{does}", list(values))


async def publish(someone: Hand, shown: Answer) -> Answer:
    """Press *Publish* and wait until it has come to an end."""
    since = len(someone.client.events)
    answer = await someone.client.press(shown.shown, "Publish")
    if answer.content == COMPILING:
        identity = shown.shown["id"]

        def is_over(name: str, data: Json) -> bool:
            return name == "MESSAGE_UPDATE" and data["id"] == identity and data["content"] != COMPILING

        answer.message = await someone.client.wait_until(is_over, 10, since)
    return answer


def ids(channels: Iterable[Channel]) -> list[str]:
    return [str(channel.id) for channel in channels]


def preset(answer: Answer, does: str) -> set[int]:
    """The channels that a select has picked already."""
    (select,) = [one for one in walk(answer.components) if one.get("custom_id") == f"{PREFIX}:{does}"]
    return {int(one["id"]) for one in select.get("default_values", ())}


def marks(answer: Answer) -> list[str]:
    """The marks of the four steps."""
    return [line.split(" ")[0] for line in answer.embeds[0]["description"].splitlines()[:4]]


async def settings_of(scene: Scene) -> GuildSettings:
    return await scene.store.guilds.get(scene.guild.id)


async def add_channel(scene: Scene, name: str, denied_to_bot: int = 0) -> Channel:
    overwrites = [{"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(denied_to_bot)}]
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, "permission_overwrites": overwrites})
    await until(lambda: knows(scene, channel, True))
    return channel


async def remove(scene: Scene, channel: Channel) -> None:
    scene.server.places.remove(channel)
    await until(lambda: knows(scene, channel, False))


async def knows(scene: Scene, channel: Channel, is_there: bool) -> bool:
    """Whether the bot knows a channel, or does not, as asked."""
    return (scene.stage.trial.app.client.get_channel(channel.id) is not None) is is_there
