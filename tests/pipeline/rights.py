"""What a bot may do on a server, taken away and given back; and what moderators are told of it."""

from __future__ import annotations

from datetime import datetime

from bot.discord_io.lack_text import notice_head
from bot.pipeline.lack_notices import LackNotices
from bot.pipeline.lacks import Lacks
from bot.sandbox.model import Channel, Message, Role, User
from tests.stage import Scene, until

POLICY = """1. No spam. [delete]
2. No advertising. [flag]
3. No threats. [timeout 1h]
4. No cheating. [kick]
5. No scams. [ban]
6. Somebody may hurt themselves. [escalate]
"""


async def breaking(scene: Scene, rule: str) -> None:
    """From here on every message breaks this rule."""
    await scene.publish(POLICY)
    await scene.break_rule(rule)
    scene.server.faults.clear()
    scene.stage.exchanges.clear()


def asked(scene: Scene, route: tuple[str, str]) -> int:
    """How often the bot used a route of a server."""
    return sum((one.method, one.template) == route for one in scene.stage.exchanges if one.by_bot)


def role_of(scene: Scene) -> Role:
    """The role that came with the bot."""
    (role,) = (one for one in scene.guild.roles.values() if one.managed_by == scene.bot.id)
    return role


async def withdraw(scene: Scene, bits: int) -> None:
    """Take permissions from the bot's role and from everyone, and wait until it has heard of that."""
    scene.guild.everyone.permissions &= ~bits
    scene.server.moderation.tell_role(scene.guild, scene.guild.everyone, "UPDATE")
    await _set(scene, role_of(scene).permissions & ~bits)


async def give_back(scene: Scene, bits: int) -> None:
    """Give them back to its role."""
    await _set(scene, role_of(scene).permissions | bits)


def withdraw_unheard(scene: Scene, bits: int) -> None:
    """Take them away while the bot has yet to hear of it."""
    role_of(scene).permissions &= ~bits


def tell_rights(scene: Scene) -> None:
    """Now it hears."""
    scene.server.moderation.tell_role(scene.guild, role_of(scene), "UPDATE")


async def _set(scene: Scene, bits: int) -> None:
    role_of(scene).permissions = bits
    tell_rights(scene)

    async def is_heard() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        role = guild.get_role(role_of(scene).id) if guild is not None else None
        return role is not None and role.permissions.value == bits

    await until(is_heard)


async def forgotten(scene: Scene, channel: Channel) -> None:
    """Delete a channel, and wait until the bot has heard of that."""
    scene.server.places.remove(channel)

    async def is_heard() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is None

    await until(is_heard)


async def timed_out(scene: Scene, end: datetime | None) -> None:
    """Time the bot itself out, or let it speak again."""
    member = scene.guild.members[scene.bot.id]
    scene.server.moderation.time_out(scene.guild, scene.owner, member, end, None)

    async def is_heard() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        return guild is not None and guild.me.is_timed_out() is (end is not None)

    await until(is_heard)


# -- what moderators are told ------------------------------------------------------------------------------------


def notices_in(channel: Channel) -> list[Message]:
    """The notices that the bot posted there, mended ones too."""
    assert channel.guild is not None
    heads = notice_head(channel.guild.name), "✅ Mended"
    return [one for one in channel.messages if one.content.startswith(heads)]


def cases_in(channel: Channel) -> list[Message]:
    """The posts of cases."""
    return [one for one in channel.messages if one.embeds]


def letters_to(scene: Scene, user: User) -> list[str]:
    """What the bot has written to somebody."""
    return [one.content for one in scene.server.world.dm(scene.bot, user).messages]


async def notice_in(scene: Scene, channel: Channel) -> Message:
    """The one notice there, once it stands there and is on record."""
    await told(scene)
    (notice,) = notices_in(channel)
    return notice


async def told(scene: Scene) -> None:
    """Wait until all that is lacked is on record and moderators were told of it."""

    async def is_told() -> bool:
        rows = await scene.store.lacks.of(scene.guild.id)
        return bool(rows) and all(row.message_id is not None for row in rows)

    await until(is_told)


async def mended(scene: Scene) -> None:
    """Look now, as the bot does every minute, and wait until nothing is lacked any more."""
    await notices(scene).look([scene.guild.id])

    async def is_mended() -> bool:
        return not await scene.store.lacks.of(scene.guild.id)

    await until(is_mended)


def notices(scene: Scene) -> LackNotices:
    """What tells moderators in the running bot."""
    found: LackNotices = scene.stage.trial.app.pipeline.lack_notices
    return found


async def next_process(scene: Scene) -> LackNotices:
    """What would tell them in the process after this one, with all that it finds on record."""
    found = LackNotices(scene.stage.trial.app.client, scene.store, Lacks())
    await found._recall()
    return found
