"""`/exempt`: what it names is not judged from the next message on, `/why` says so, and nobody else is exempt by it."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.answer import Answer
from bot.sandbox.model import Channel, ChannelKind
from tests.cogs.live import Hand, hand, nothing_changes, opened_to_all
from tests.stage import Scene, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


async def known(scene: Scene, channel: Channel, parent_id: int | None = None) -> None:
    """Wait until the bot has heard of a channel, and of the category it is in."""

    async def holds() -> bool:
        found = scene.stage.trial.app.client.get_channel(channel.id)
        return found is not None and getattr(found, "category_id", None) == parent_id

    await until(holds)


async def add_channel(scene: Scene, name: str, **body: Any) -> Channel:
    """A new channel or category that the bot knows of; a channel is watched."""
    channel: Channel = scene.server.places.create(scene.guild, {"name": name, **body})
    await known(scene, channel, int(body["parent_id"]) if "parent_id" in body else None)
    if channel.kind is not ChannelKind.CATEGORY:
        await scene.store.guilds.watch(scene.guild.id, channel.id)
    return channel


async def add_category(scene: Scene) -> tuple[Channel, Channel]:
    """A category and a watched channel in it."""
    category = await add_channel(scene, "Quiet corner", type=4)
    return category, await add_channel(scene, "chat", parent_id=str(category.id))


async def why(scene: Scene, message: Any) -> Answer:
    return await (await hand(scene, scene.moderator)).why(message)


@pytest_asyncio.fixture(loop_scope="session")
async def manager(scene: Scene) -> Hand:
    return await hand(scene, scene.manager)


async def test_an_exempt_channel_and_its_threads_are_not_judged_and_why_says_so(scene: Scene, manager: Hand) -> None:
    channel = await add_channel(scene, "chat")
    thread = scene.server.places.open_thread(channel, scene.member, {"name": "talk", "type": 11})
    answer = await manager.slash("exempt add", channel=channel.id)
    assert answer.content == f"<#{channel.id}> is judged no longer, its threads included."
    for place in (channel, thread):
        message = scene.post("words", channel=place)
        assert await scene.ignored(message)
        assert (await why(scene, message)).content == "That message was not judged: the channel is exempt."
    assert (await scene.settled(scene.post("words"))).verdict is not None


async def test_an_exempt_category_takes_its_channels_and_their_threads_with_it(scene: Scene, manager: Hand) -> None:
    category, channel = await add_category(scene)
    thread = scene.server.places.open_thread(channel, scene.member, {"name": "talk", "type": 11})
    answer = await manager.slash("exempt add", channel=category.id)
    assert answer.content.startswith(f"<#{category.id}> is judged no longer: the 1 channel in it now")
    for place in (channel, thread):
        message = scene.post("words", channel=place)
        assert await scene.ignored(message)
        assert (await why(scene, message)).content == "That message was not judged: the channel's category is exempt."


async def test_a_channel_is_exempt_while_it_is_in_the_category(scene: Scene, manager: Hand) -> None:
    category, channel = await add_category(scene)
    await manager.slash("exempt add", channel=category.id)
    scene.server.places.change(channel, {"parent_id": None})
    await known(scene, channel)
    assert (await scene.settled(scene.post("words", channel=channel))).verdict is not None
    scene.server.places.change(channel, {"parent_id": str(category.id)})
    await known(scene, channel, category.id)
    assert await scene.ignored(scene.post("words", channel=channel))


async def test_an_edit_in_an_exempt_channel_is_not_judged_either(scene: Scene, manager: Hand) -> None:
    channel = await add_channel(scene, "chat")
    message = scene.post("first words", channel=channel)
    await scene.settled(message)
    await manager.slash("exempt add", channel=channel.id)
    scene.server.posting.edit(message, {"content": "other words"})
    await scene.settled(scene.post("a later message"))
    assert len(scene.stage.of(message)) == 1


async def test_a_role_and_a_member_are_exempt_and_judged_again_once_removed(scene: Scene, manager: Hand) -> None:
    role = scene.server.moderation.create_role(scene.guild, "Trusted")
    trusted = scene.server.world.add_user("trusted")
    scene.server.world.join(scene.guild, trusted, [role])
    for option, target_id in (("role", role.id), ("member", trusted.id)):
        assert (await manager.slash("exempt add", **{option: target_id})).content.endswith("is judged no longer.")
        assert await scene.ignored(scene.post("words", trusted))
        assert (await manager.slash("exempt remove", **{option: target_id})).content.endswith("is exempt no longer.")
        assert (await scene.settled(scene.post("words", trusted))).verdict is not None


async def test_everyone_cannot_be_exempt(scene: Scene, manager: Hand) -> None:
    async with nothing_changes(scene):
        answer = await manager.slash("exempt add", role=scene.guild.id)
    assert answer.content.startswith("Everyone has the role @everyone")
    assert answer.content.endswith("set the mode to off.")
    assert (await scene.settled(scene.post("words"))).verdict is not None


@pytest.mark.parametrize("path", ["exempt add", "exempt remove"])
async def test_none_or_two_at_once_are_refused(scene: Scene, manager: Hand, path: str) -> None:
    async with nothing_changes(scene):
        none = await manager.slash(path)
        two = await manager.slash(path, member=scene.member.id, channel=scene.general.id)
    assert none.content == two.content == "Name one: a role, a member, or a channel or category."


async def test_what_was_not_exempt_is_said(scene: Scene, manager: Hand) -> None:
    async with nothing_changes(scene):
        assert (await manager.slash("exempt remove", member=scene.member.id)).content.endswith("was not exempt.")
        unknown = await manager.slash("exempt remove", other="5")
    assert unknown.content == "Nothing with that id is exempt: /exempt list shows what is."


async def test_a_channel_removed_from_an_exempt_category_is_said_to_be_exempt_still(
    scene: Scene, manager: Hand
) -> None:
    category, channel = await add_category(scene)
    await manager.slash("exempt add", channel=category.id)
    await manager.slash("exempt add", channel=channel.id)
    answer = await manager.slash("exempt remove", channel=channel.id)
    assert answer.content.endswith(f"but its category <#{category.id}> still is.")


async def test_what_is_deleted_shows_as_gone_and_can_be_removed_by_its_id(scene: Scene, manager: Hand) -> None:
    role = scene.server.moderation.create_role(scene.guild, "Passing")
    channel = await add_channel(scene, "passing")
    await manager.slash("exempt add", role=role.id)
    await manager.slash("exempt add", channel=channel.id)
    scene.server.moderation.delete_role(scene.guild, role)
    scene.server.places.remove(channel)

    async def forgotten() -> bool:
        return scene.stage.trial.app.client.get_channel(channel.id) is None

    await until(forgotten)
    shown = (await manager.slash("exempt list")).text
    assert f"<@&{role.id}> · a role that is deleted · id {role.id}" in shown
    assert f"<#{channel.id}> · deleted, archived or hidden from the bot · id {channel.id}" in shown
    guild_id, channel_id = scene.guild.id, scene.general.id
    offered = await manager.client.autocomplete(guild_id, channel_id, "exempt remove", "other", other="gone")
    assert [one["value"] for one in offered] == [str(role.id), str(channel.id)]
    for one in offered:
        assert (await manager.slash("exempt remove", other=one["value"])).content.endswith("is exempt no longer.")
    settings = await scene.store.guilds.get(guild_id)
    assert (settings.exempt_role_ids, settings.exempt_channel_ids) == (frozenset(), frozenset())


async def test_what_is_exempt_is_suggested_to_managers_alone(scene: Scene, manager: Hand) -> None:
    await manager.slash("exempt add", member=scene.member.id)
    where = scene.guild.id, scene.general.id, "exempt remove", "other"
    with opened_to_all(scene):
        assert await (await hand(scene, scene.member)).client.autocomplete(*where) == []
        assert len(await manager.client.autocomplete(*where)) == 1


async def test_moderators_may_list_what_is_exempt(scene: Scene, manager: Hand) -> None:
    await manager.slash("exempt add", channel=scene.general.id)
    with opened_to_all(scene):
        shown = (await (await hand(scene, scene.moderator)).slash("exempt list")).text
    assert f"<#{scene.general.id}>" in shown


async def test_a_watched_channel_that_is_exempt_is_shown_as_such(scene: Scene, manager: Hand) -> None:
    category, channel = await add_category(scene)
    await manager.slash("exempt add", channel=category.id)
    assert f"<#{channel.id}> · enforce (the server's) · exempt" in (await manager.slash("watch list")).text
    added = await manager.slash("watch add", channel=channel.id)
    assert added.content.endswith("It is exempt, so nothing in it is judged: see /exempt list.")
