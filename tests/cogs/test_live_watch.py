"""`/watch` and `/mode`: set by Manage Server, in force for the next message, what the bot lacks named at once."""

from __future__ import annotations

import pytest

from bot.domain.decision import Mode
from bot.sandbox.model import Channel
from bot.sandbox.permissions import MANAGE_MESSAGES, SEND_MESSAGES, VIEW_CHANNEL
from tests.cogs.live import hand, nothing_changes
from tests.stage import Scene, Stage, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


async def add_channel(scene: Scene, name: str, denied_to_bot: int = 0) -> Channel:
    """A new channel that the bot knows of, unless it must not see it."""
    overwrites = [{"id": str(scene.bot.id), "type": 1, "allow": "0", "deny": str(denied_to_bot)}]
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, "permission_overwrites": overwrites})

    async def known() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is not None

    if not denied_to_bot & VIEW_CHANNEL:
        await until(known)
    return channel


async def test_a_channel_that_is_added_is_judged_from_the_next_message_on(scene: Scene) -> None:
    channel = await add_channel(scene, "chat")
    answer = await (await hand(scene, scene.manager)).slash("watch add", channel=channel.id)
    assert answer.content == f"<#{channel.id}> is watched: **enforce**, the server's mode."
    assert (await scene.settled(scene.post("words", channel=channel))).verdict is not None


async def test_a_channel_that_is_removed_is_judged_no_longer(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    channel = await add_channel(scene, "chat")
    await manager.slash("watch add", channel=channel.id)
    answer = await manager.slash("watch remove", channel=channel.id)
    assert answer.content == f"<#{channel.id}> is watched no longer."
    assert await scene.ignored(scene.post("words", channel=channel))
    again = await manager.slash("watch remove", channel=channel.id)
    assert again.content == f"<#{channel.id}> was not watched."


async def test_what_the_bot_lacks_in_a_channel_is_named_at_once_and_once_granted_it_works(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    channel = await add_channel(scene, "chat", MANAGE_MESSAGES)
    lacking = await manager.slash("watch add", channel=channel.id)
    assert lacking.content.endswith(f"the bot lacks Manage Messages in <#{channel.id}>: grant it to the bot's role.")
    shadow = await manager.slash("watch add", channel=channel.id, mode="shadow")
    assert shadow.content == f"<#{channel.id}> is watched: **shadow**."
    enforced = await manager.slash("mode", mode="enforce", channel=channel.id)
    assert "lacks Manage Messages" in enforced.content
    scene.server.places.remove_overwrite(channel, scene.bot.id)
    await scene.break_rule("1")
    message = scene.post("spam", channel=channel)
    await scene.settled(message)
    assert scene.gone(message)
    assert "lacks" not in (await manager.slash("watch list")).text


async def test_a_channel_the_bot_cannot_see_is_named_as_such(scene: Scene) -> None:
    channel = await add_channel(scene, "hidden", VIEW_CHANNEL)
    manager = await hand(scene, scene.manager)
    added = await manager.slash("watch add", channel=channel.id)
    assert "the bot lacks View Channel, Read Message History and Manage Messages" in added.content
    listed = (await manager.slash("watch list")).text
    assert f"<#{channel.id}> · enforce (the server's) · the bot lacks View Channel, Read Message History" in listed


async def test_the_list_shows_channels_modes_the_log_and_what_is_missing(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    channel = await add_channel(scene, "chat", MANAGE_MESSAGES)
    await manager.slash("watch add", channel=channel.id, mode="enforce")
    lines = (await manager.slash("watch list")).text.splitlines()
    assert f"<#{scene.general.id}> · enforce (the server's)" in lines
    assert f"<#{channel.id}> · enforce · the bot lacks Manage Messages" in lines
    assert f"<#{scene.log.id}> · calls <@&{scene.moderator_role_id}>" in lines


async def test_before_a_policy_is_published_a_channel_that_is_added_says_what_to_do(stage: Stage) -> None:
    scene = await stage.scene(policy=None)
    answer = await (await hand(scene, scene.manager)).slash("watch add", channel=scene.general.id)
    assert answer.content.endswith("Nothing is judged before a policy is published: write one with /policy edit.")


async def test_a_log_channel_that_is_set_gets_the_next_case(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    channel = await add_channel(scene, "new-log")
    assert (await manager.slash("watch log", channel=channel.id)).content == f"Cases are posted in <#{channel.id}>."
    await scene.break_rule("2")
    await scene.settled(scene.post("come to my shop"))
    assert (len(channel.messages), len(scene.log.messages)) == (1, 0)


async def test_the_role_named_with_the_log_is_called_when_a_rule_escalates(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    role = scene.server.moderation.create_role(scene.guild, "On call")
    where = {"channel": scene.log.id, "call": role.id}
    answer = await manager.slash("watch log", **where)
    assert f"<@&{role.id}> is called when a rule escalates; but let anyone mention that role" in answer.content
    role.mentionable = True
    await scene.break_rule("6")
    await scene.case(scene.post("I cannot go on"))
    (post,) = scene.log.messages
    assert post.mention_roles == [role.id]
    assert f"calls <@&{role.id}>" in (await manager.slash("watch list")).text


async def test_a_log_channel_the_bot_cannot_post_in_is_refused_and_the_old_one_kept(scene: Scene) -> None:
    channel = await add_channel(scene, "closed", SEND_MESSAGES)
    manager = await hand(scene, scene.manager)
    async with nothing_changes(scene):
        answer = await manager.slash("watch log", channel=channel.id)
    assert "the bot lacks Send Messages" in answer.content
    assert f"in <#{channel.id}>: grant it to the bot's role and try again." in answer.content


async def test_without_a_log_channel_cases_are_kept_and_not_posted(scene: Scene) -> None:
    answer = await (await hand(scene, scene.manager)).slash("watch log")
    assert answer.content == "Cases are posted no longer; they are still kept."
    await scene.break_rule("2")
    assert (await scene.case(scene.post("come to my shop"))).number == 1
    assert len(scene.log.messages) == 0


async def test_the_servers_mode_holds_for_the_next_message(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    await scene.break_rule("1")
    assert (await manager.slash("mode", mode="shadow")).content == "The server's mode is **shadow**."
    looked_at = scene.post("spam")
    assert (await scene.case(looked_at)).mode is Mode.SHADOW
    assert not scene.gone(looked_at)
    await manager.slash("mode", mode="enforce")
    removed = scene.post("spam")
    assert (await scene.case(removed)).mode is Mode.ENFORCE
    assert scene.gone(removed)


async def test_a_channels_own_mode_holds_there_alone_and_outlasts_the_servers(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    channel = await add_channel(scene, "chat")
    await manager.slash("watch add", channel=channel.id)
    answer = await manager.slash("mode", mode="shadow", channel=channel.id)
    assert answer.content == f"<#{channel.id}> is watched: **shadow**."
    whole = await manager.slash("mode", mode="off")
    assert whole.content == "The server's mode is **off**. One watched channel keeps its own mode."
    passed_over = scene.post("words")
    assert (await scene.settled(scene.post("words", channel=channel))).mode is Mode.SHADOW
    assert not scene.stage.of(passed_over)


async def test_a_mode_for_a_channel_that_is_not_watched_is_refused(scene: Scene) -> None:
    channel = await add_channel(scene, "chat")
    manager = await hand(scene, scene.manager)
    async with nothing_changes(scene):
        answer = await manager.slash("mode", mode="off", channel=channel.id)
    assert answer.content == f"<#{channel.id}> is not watched: add it with /watch add."
