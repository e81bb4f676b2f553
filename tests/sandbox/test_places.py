"""Servers, roles, permissions, overwrites, channels and threads of the sandbox, as the real client meets them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import discord
import pytest

from bot.sandbox import permissions
from bot.sandbox.answer import MemberError
from bot.sandbox.model import Channel, ChannelKind, Overwrite
from tests.sandbox.conftest import Client, Place
from tests.sandbox.test_members import guild_of


def allow(place: Place, *bits: int) -> None:
    """Give the bot's own role more permissions."""
    role = next(one for one in place.guild.roles.values() if one.managed_by == place.application.id)
    for bit in bits:
        role.permissions |= bit


def text_channel(client: Client, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def refusal(call: Awaitable[Any]) -> int:
    """The code with which the server refuses a call."""
    try:
        await call
    except (discord.HTTPException, MemberError) as error:
        return error.code
    pytest.fail("not refused")


async def test_servers_are_read_with_their_owner_roles_and_members_and_left(place: Place, client: Client) -> None:
    guild = await client.fetch_guild(place.guild.id)
    assert (guild.name, guild.owner_id, guild.approximate_member_count) == ("The Guild", place.owner.id, 3)
    assert {one.id async for one in guild.fetch_members()} == set(place.guild.members)
    await guild_of(place, client).leave()
    assert await client.told("guild_remove")
    assert place.application.bot.id not in place.guild.members
    assert [one.name for one in place.guild.roles.values()] == ["@everyone"], "the bot's own role goes with it"
    assert await refusal(client.fetch_guild(place.guild.id)) == 50001


async def test_roles_are_made_changed_and_deleted_below_ones_own_and_with_permissions_one_has(
    place: Place, client: Client
) -> None:
    guild = guild_of(place, client)
    assert await refusal(guild.create_role(name="low")) == 50013
    allow(place, permissions.MANAGE_ROLES)
    low = await guild.create_role(name="low", colour=0x123456)
    assert (low.position, low < guild.me.top_role) == (1, True)
    await low.edit(name="lower", mentionable=True)
    assert isinstance(await client.told("guild_role_update"), discord.Role)
    assert place.guild.roles[low.id].name == "lower"
    assert await refusal(low.edit(permissions=discord.Permissions(administrator=True))) == 50013
    assert await refusal(guild.me.top_role.edit(name="mine")) == 50013
    high = place.server.moderation.create_role(place.guild, "high")
    assert await refusal(client.http.delete_role(guild.id, high.id)) == 50013
    place.server.world.join(place.guild, place.member, [place.guild.roles[low.id]])
    await low.delete()
    assert place.guild.members[place.member.id].roles == set()


async def test_overwrites_are_set_by_who_holds_what_they_change_and_stand_in_the_audit_log(
    place: Place, client: Client
) -> None:
    channel, guild = text_channel(client, place.general), guild_of(place, client)
    assert await refusal(channel.set_permissions(guild.default_role, send_messages=False)) == 50013
    allow(place, permissions.MANAGE_ROLES)
    await channel.set_permissions(guild.default_role, send_messages=False)
    speaker = await place.server.member_client(place.member)
    assert await refusal(speaker.send(place.general.id, "hi")) == 50013
    assert await refusal(channel.set_permissions(guild.default_role, manage_guild=True)) == 50013
    await channel.set_permissions(guild.default_role, overwrite=None)
    await speaker.send(place.general.id, "hi")
    done = [one.action async for one in guild.audit_logs(limit=2)]
    assert done == [discord.AuditLogAction.overwrite_delete, discord.AuditLogAction.overwrite_create]


async def test_a_members_overwrite_beats_the_roles_and_a_roles_beats_everyones(place: Place) -> None:
    world, now = place.server.world, place.server.world.now()
    role, other = world.add_role(place.guild, "role"), world.add_role(place.guild, "other")
    world.join(place.guild, place.member, [role, other])

    def may_send() -> bool:
        return bool(permissions.in_channel(place.general, place.member, now) & permissions.SEND_MESSAGES)

    steps = [
        (Overwrite(place.guild.id, 0, deny=permissions.SEND_MESSAGES), False),
        (Overwrite(role.id, 0, allow=permissions.SEND_MESSAGES), True),
        (Overwrite(other.id, 0, deny=permissions.SEND_MESSAGES), True),
        (Overwrite(place.member.id, 1, deny=permissions.SEND_MESSAGES), False),
    ]
    for overwrite, expected in steps:
        place.general.overwrites[overwrite.id] = overwrite
        assert may_send() is expected
    role.permissions |= permissions.ADMINISTRATOR
    assert may_send()


async def test_channels_are_made_changed_and_deleted_by_who_manages_them(place: Place, client: Client) -> None:
    guild = guild_of(place, client)
    assert await refusal(guild.create_text_channel("new")) == 50013
    allow(place, permissions.MANAGE_CHANNELS)
    category = await guild.create_category("Area")
    made = await guild.create_text_channel("New Place", topic="t", category=category, slowmode_delay=5)
    assert (made.name, made.category_id, made.slowmode_delay) == ("new-place", category.id, 5)
    await made.edit(name="other", topic="u")
    assert place.guild.channels[made.id].topic == "u"
    assert await refusal(client.http.edit_channel(made.id, parent_id=place.general.id)) == 50035
    await category.delete()
    assert place.guild.channels[made.id].parent_id is None
    await made.delete()
    assert await refusal(client.fetch_channel(made.id)) == 10003


async def test_a_hidden_channel_is_known_to_the_client_but_closed_to_it(place: Place, client: Client) -> None:
    place.server.places.set_overwrite(place.log, Overwrite(place.application.id, 1, deny=permissions.VIEW_CHANNEL))
    await client.told("guild_channel_update")
    hidden = text_channel(client, place.log)
    assert not hidden.permissions_for(hidden.guild.me).view_channel
    assert await refusal(hidden.send("hi")) == 50001
    assert await refusal(client.fetch_channel(place.log.id)) == 50001


async def test_private_threads_show_to_their_members_and_managers_alone(place: Place, client: Client) -> None:
    other = place.server.world.add_user("other")
    place.server.world.join(place.guild, other)
    thread = place.server.places.open_thread(place.general, place.owner, {"name": "secret", "type": 12})
    stranger = await place.server.member_client(other)
    assert await refusal(stranger.send(thread.id, "hi")) == 50001
    found = client.get_channel(thread.id)
    assert isinstance(found, discord.Thread), "the bot manages threads"
    await found.add_user(discord.Object(other.id))
    assert (await stranger.wait_for("THREAD_CREATE", lambda one: True))["id"] == str(thread.id)
    await stranger.send(thread.id, "hi")
    assert sorted(one.id for one in await found.fetch_members()) == sorted((place.owner.id, other.id))
    assert (await found.fetch_member(other.id)).thread_id == thread.id
    await found.remove_user(discord.Object(other.id))
    assert await refusal(found.fetch_member(other.id)) == 10007
    assert await refusal(stranger.send(thread.id, "hi")) == 50001


async def test_who_leaves_the_server_leaves_its_threads(place: Place) -> None:
    thread = place.server.places.open_thread(place.general, place.member, {"name": "mine", "type": 12})
    place.server.moderation.leave(place.guild, place.member)
    assert thread.thread is not None
    assert thread.thread.members == {}
    assert not permissions.may_see(thread, place.member, place.server.world.now())


async def test_threads_are_locked_by_managers_alone_and_listed_once_archived(place: Place, client: Client) -> None:
    thread = place.server.places.open_thread(place.general, place.member, {"name": "talk", "type": 11})
    opener = await place.server.member_client(place.member)
    path = f"/channels/{thread.id}"
    assert await refusal(opener.request("PATCH", path, {"locked": True})) == 50013
    assert await refusal(opener.request("DELETE", path)) == 50013
    await opener.request("PATCH", path, {"name": "talks"})
    found = client.get_channel(thread.id)
    assert isinstance(found, discord.Thread)
    await found.edit(locked=True)
    assert await refusal(opener.send(thread.id, "hi")) == 160005
    await found.edit(archived=True)
    assert await refusal(opener.send(thread.id, "hi")) == 50083
    assert await refusal(opener.request("PATCH", path, {"archived": False})) == 50013
    assert [one.id async for one in text_channel(client, place.general).archived_threads()] == [thread.id]
    assert place.guild.channels[thread.id].name == "talks"


async def test_a_channels_threads_go_with_it(place: Place) -> None:
    thread = place.server.places.open_thread(place.general, place.member, {"name": "talk", "type": 11})
    place.server.places.remove(place.general)
    assert {place.general.id, thread.id}.isdisjoint(place.server.world.channels)
    assert not permissions.may_see(thread, place.member, place.server.world.now())


async def test_a_forums_posts_are_threads_with_a_first_message(place: Place, client: Client) -> None:
    forum = place.server.places.create(place.guild, {"name": "forum", "type": int(ChannelKind.FORUM)})
    await client.told("guild_channel_create")
    author = await place.server.member_client(place.member)
    body = {"name": "question", "message": {"content": "how?"}}
    made = await author.request("POST", f"/channels/{forum.id}/threads", body)
    assert made["message"]["id"] == made["id"]
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert (message.content, message.channel.id) == ("how?", int(made["id"]))
    assert await refusal(author.send(forum.id, "hi")) == 50008
