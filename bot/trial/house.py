"""A guild of a trial: owner, moderators, a log that only they see, and the bot's settings for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.decision import Mode
from bot.sandbox.model import Application, Channel, Guild, Overwrite, Role, User
from bot.sandbox.permissions import MODERATOR, VIEW_CHANNEL
from bot.sandbox.world import World
from bot.store import Store

LOG_CHANNEL = "mod-log"
MODERATORS_COLOUR = 0x3BA55D
_LAST = 1_000
"""The log stands below the channels that come later."""


@dataclass(frozen=True, slots=True)
class House:
    """A guild, its moderators' role and its log."""

    guild: Guild
    moderators: Role
    log_channel: Channel


def build(world: World, name: str, owner: User, moderator: User, application: Application) -> House:
    """A guild with a moderator in it, not yet with the bot, which sees the log once it is invited."""
    guild = world.add_guild(name, owner)
    moderators = world.add_role(guild, "Moderators", MODERATOR, color=MODERATORS_COLOUR)
    moderators.mentionable = True
    world.join(guild, moderator, [moderators])
    hidden = (
        Overwrite(guild.id, 0, deny=VIEW_CHANNEL),
        Overwrite(moderators.id, 0, allow=VIEW_CHANNEL),
        Overwrite(application.bot.id, 1, allow=VIEW_CHANNEL),
    )
    log_channel = world.add_channel(guild, LOG_CHANNEL, overwrites=hidden, topic="Cases, for moderators")
    log_channel.position = _LAST
    return House(guild, moderators, log_channel)


async def settle_in(store: Store, house: House, policy_source: str, publisher: User) -> None:
    """Enforce a policy in a guild and post its cases to its log."""
    guild_id = house.guild.id
    await store.guilds.update(
        guild_id,
        mode=Mode.ENFORCE,
        log_channel_id=house.log_channel.id,
        escalation_role_id=house.moderators.id,
    )
    draft = await store.policies.save_draft(guild_id, policy_source, publisher.id)
    await store.policies.publish(guild_id, draft.digest, publisher.id)
