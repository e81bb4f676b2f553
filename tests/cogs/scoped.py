"""A server with channels that have policies of their own, for tests of what is in force where."""

from __future__ import annotations

from typing import Any

from bot.sandbox.answer import Answer
from bot.sandbox.model import Channel, ChannelKind, Message
from tests.cogs.live import Hand
from tests.stage import Scene, until

SERVERS = "1. No ads. [delete]\n2. No spam. [delete]\n"


async def add_place(scene: Scene, name: str, *, parent: Channel | None = None, **body: Any) -> Channel:
    """A new channel, watched, or category, that the bot knows of with its category."""
    if parent is not None:
        body["parent_id"] = str(parent.id)
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, **body})
    await known(scene, channel)
    if channel.kind is not ChannelKind.CATEGORY:
        await scene.store.guilds.watch(scene.guild.id, channel.id)
    return channel


async def known(scene: Scene, channel: Channel) -> None:
    """Wait until the bot knows a channel as it is."""

    async def holds() -> bool:
        found = scene.stage.trial.app.client.get_channel(channel.id)
        return found is not None and getattr(found, "category_id", None) == channel.parent_id

    await until(holds)


async def own_policy(moderator: Hand, place: Channel, how: str, text: str) -> Answer:
    """Give a place a policy of its own as a moderator does; the answer to publishing it."""
    await moderator.slash("policy scope", where=place.id, how=how)
    await moderator.slash("policy import", file=("policy.md", text.encode()), where=place.id)
    return await moderator.slash("policy publish", where=place.id)


async def rule_of(scene: Scene, text: str, channel: Channel) -> str | None:
    """The rule that a message there breaks, None where it is allowed."""
    return (await scene.settled(said(scene, text, channel))).decision.rule


def said(scene: Scene, text: str, channel: Channel) -> Message:
    """A member writes something in a channel."""
    return scene.post(text, channel=channel)
