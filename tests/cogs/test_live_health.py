"""`/health`: judge, queue, permissions missing in each watched channel and in the log, and how to fix them."""

from __future__ import annotations

import pytest

from bot.domain.decision import Mode
from bot.sandbox.answer import MemberError
from bot.sandbox.model import Channel
from bot.sandbox.permissions import BAN_MEMBERS, EMBED_LINKS, MANAGE_MESSAGES, VIEW_CHANNEL
from tests.cogs.live import Hand, file_in, hand, nothing_changes, opened_to_all
from tests.stage import Scene, Stage, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

CALM = "1. No spam. [flag]\n"


async def denied(scene: Scene, name: str, permissions: int) -> Channel:
    """A new channel that denies the bot something, and that the bot has heard of unless it is not to see it."""
    overwrites = [{"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(permissions)}]
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, "permission_overwrites": overwrites})

    async def known() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is not None

    if not permissions & VIEW_CHANNEL:
        await until(known)
    return channel


async def health(someone: Hand) -> str:
    """All that the answer says."""
    return (await someone.slash("health")).text


async def test_where_all_is_well_it_says_so_with_judge_queue_policy_and_mode(scene: Scene) -> None:
    await scene.publish(CALM)
    lines = (await health(await hand(scene, scene.moderator))).splitlines()
    assert "✅ Nothing is amiss." in lines
    assert any(line.startswith("tiny · ready · ") for line in lines)
    assert "No message waits to be judged." in lines
    assert ("version 2" in lines, "enforce" in lines, f"<#{scene.log.id}>" in lines) == (True, True, True)


async def test_messages_that_wait_are_counted_with_the_oldest_ones_age_and_another_servers_are_not(
    scene: Scene,
) -> None:
    moderator, other = await hand(scene, scene.moderator), await scene.stage.scene()
    elsewhere = await hand(other, other.moderator)
    with scene.judge_stopped():
        messages = [scene.post(f"words {number}") for number in range(3)]
        await scene.queued(3)
        told, there = await health(moderator), await health(elsewhere)
    assert "3 messages wait; the oldest came in <t:" in told
    assert "No message waits to be judged." in there
    for message in messages:
        await scene.settled(message)
    assert "No message waits to be judged." in await health(moderator)


async def test_what_the_bot_lacks_in_a_watched_channel_is_told_with_its_remedy_and_once_granted_no_more(
    scene: Scene,
) -> None:
    await scene.publish(CALM)
    moderator = await hand(scene, scene.moderator)
    channel = await denied(scene, "chat", MANAGE_MESSAGES)
    await scene.store.guilds.watch(scene.guild.id, channel.id)
    told = await health(moderator)
    assert f"In <#{channel.id}> the bot lacks Manage Messages: in the settings of the channel" in told
    await scene.store.guilds.watch(scene.guild.id, channel.id, Mode.SHADOW)
    assert "lacks" not in await health(moderator)
    await scene.store.guilds.watch(scene.guild.id, channel.id, Mode.ENFORCE)
    scene.server.places.remove_overwrite(channel, scene.bot.id)

    async def granted() -> bool:
        return "lacks" not in await health(moderator)

    await until(granted)


async def test_a_hidden_channel_and_a_log_channel_the_bot_cannot_post_in_are_told(scene: Scene) -> None:
    hidden, log = await denied(scene, "hidden", VIEW_CHANNEL), await denied(scene, "log", EMBED_LINKS)
    await scene.store.guilds.watch(scene.guild.id, hidden.id)
    await scene.store.guilds.update(scene.guild.id, log_channel_id=log.id)
    told = await health(await hand(scene, scene.moderator))
    assert f"In <#{hidden.id}> the bot lacks View Channel, Read Message History and Manage Messages" in told
    assert f"In the log channel <#{log.id}> the bot lacks Embed Links" in told


async def test_an_archived_thread_is_a_log_channel_like_any_other(scene: Scene) -> None:
    await scene.publish(CALM)
    thread = scene.server.places.open_thread(scene.log, scene.owner, {"name": "cases", "type": 11})
    await scene.store.guilds.update(scene.guild.id, log_channel_id=thread.id)
    await scene.archived(thread)
    told = await health(await hand(scene, scene.moderator))
    assert "✅ Nothing is amiss." in told
    assert f"<#{thread.id}>" in told


async def test_a_deleted_log_channel_no_policy_and_no_watched_channel_are_told(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    await scene.store.guilds.update(scene.guild.id, log_channel_id=5)
    await scene.store.guilds.unwatch(scene.guild.id, scene.general.id)
    told = await health(await hand(scene, scene.moderator))
    for sentence in ("No policy is live", "No channel is watched", "The log channel <#5> is deleted or hidden"):
        assert sentence in told


async def test_a_rules_action_that_the_bots_role_may_not_take_is_told(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    role = next(one for one in scene.guild.roles.values() if one.managed_by is not None)
    role.permissions &= ~BAN_MEMBERS
    scene.server.moderation.tell_role(scene.guild, role, "UPDATE")

    async def taken() -> bool:
        return "A rule asks for `ban`, for which the bot lacks Ban Members" in await health(moderator)

    await until(taken)


async def test_a_role_that_nobody_may_ping_is_told_where_a_rule_escalates(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    assert "cannot ping" not in await health(moderator)
    quiet = scene.server.moderation.create_role(scene.guild, "On call")
    await scene.store.guilds.update(scene.guild.id, escalation_role_id=quiet.id)
    assert f"<@&{quiet.id}>, whom the bot cannot ping" in await health(moderator)
    await scene.store.guilds.update(scene.guild.id, escalation_role_id=None)
    assert "nobody is called" in await health(moderator)


async def test_hundreds_of_channels_fit_one_answer_with_all_of_them_in_a_file(scene: Scene) -> None:
    for number in range(200):
        await scene.store.guilds.watch(scene.guild.id, 10**17 + number)
    answer = await (await hand(scene, scene.moderator)).slash("health")
    assert "and 190 more (see the file)" in answer.text
    lines = file_in(scene, answer, "channels.txt").splitlines()
    assert len(lines) == 200
    assert f"{10**17 + 199}: not found" in lines


async def test_it_is_for_moderators_and_managers_and_changes_nothing(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    with pytest.raises(MemberError, match="50013"):
        await member.slash("health")
    async with nothing_changes(scene):
        with opened_to_all(scene):
            answer = await member.slash("health")
        assert answer.content.startswith("Only moderators may do this")
        assert answer.embeds == []
        assert "Judge" in await health(await hand(scene, scene.manager))
