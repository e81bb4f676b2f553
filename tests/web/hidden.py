"""Channels that the scene's moderator does not see."""

from __future__ import annotations

from bot.sandbox.model import Channel, Overwrite
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.stage import Scene, until


async def hide(scene: Scene, channel: Channel) -> None:
    """Hide a channel from the scene's moderator, and wait until the bot has heard of it."""
    scene.server.places.set_overwrite(channel, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))

    async def is_hidden() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        assert guild is not None
        known, member = guild.get_channel(channel.id), await guild.fetch_member(scene.moderator.id)
        return known is not None and not known.permissions_for(member).view_channel

    await until(is_hidden)


async def secret_channel(scene: Scene) -> Channel:
    """A watched channel that moderators do not see, as the bot knows it by then."""
    unseen = {"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
    made: Channel = scene.server.places.create(scene.guild, {"name": "secret", "permission_overwrites": [unseen]})
    await scene.store.guilds.watch(scene.guild.id, made.id)

    async def known() -> bool:
        return scene.stage.trial.app.client.get_channel(made.id) is not None

    await until(known)
    return made
