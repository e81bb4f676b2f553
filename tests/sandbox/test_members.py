"""Members, bans, roles and the audit log of the sandbox, as the real discord.py client sees them."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from tests.sandbox.conftest import Client, Place


def guild_of(place: Place, client: Client) -> discord.Guild:
    guild = client.get_guild(place.guild.id)
    assert guild is not None
    return guild


async def test_a_timed_out_member_may_not_speak_until_it_ends(place: Place, client: Client) -> None:
    member = await guild_of(place, client).fetch_member(place.member.id)
    await member.timeout(timedelta(minutes=5), reason="case 2")
    speaker = await place.server.member_client(place.member)
    with pytest.raises(Exception, match="code 50013"):
        await speaker.send(place.general.id, "hi")
    await member.timeout(None)
    await speaker.send(place.general.id, "hi")
    actions = [entry.action async for entry in guild_of(place, client).audit_logs(limit=5)]
    assert actions == [discord.AuditLogAction.member_update] * 2


async def test_a_timeout_over_28_days_is_refused(place: Place, client: Client) -> None:
    member = await guild_of(place, client).fetch_member(place.member.id)
    with pytest.raises(discord.HTTPException) as refused:
        await member.edit(timed_out_until=discord.utils.utcnow() + timedelta(days=29))
    assert refused.value.code == 50035


async def test_whoever_ranks_as_high_as_the_bot_is_out_of_its_reach(place: Place, client: Client) -> None:
    high = place.server.world.add_role(place.guild, "high")
    place.guild.members[place.member.id].roles.add(high.id)
    member = await guild_of(place, client).fetch_member(place.member.id)
    for attempt in (member.kick(), member.ban(), member.timeout(timedelta(minutes=1))):
        with pytest.raises(discord.Forbidden) as refused:
            await attempt
        assert refused.value.code == 50013


async def test_a_ban_removes_the_member_and_their_last_messages_and_can_be_lifted(place: Place, client: Client) -> None:
    place.server.post(place.member, place.general, "spam")
    guild = guild_of(place, client)
    await guild.ban(discord.Object(place.member.id), reason="case 3", delete_message_seconds=60)
    assert place.member.id not in place.guild.members
    assert len(place.general.messages) == 0
    ban = await guild.fetch_ban(discord.Object(place.member.id))
    assert ban.reason == "case 3"
    await guild.unban(discord.Object(place.member.id))
    with pytest.raises(discord.NotFound) as refused:
        await guild.fetch_ban(discord.Object(place.member.id))
    assert refused.value.code == 10026


async def test_a_kick_removes_the_member_and_once_gone_they_are_unknown(place: Place, client: Client) -> None:
    guild = guild_of(place, client)
    await guild.kick(discord.Object(place.member.id), reason="case 4")
    with pytest.raises(discord.NotFound) as refused:
        await guild.kick(discord.Object(place.member.id))
    assert refused.value.code == 10007


async def test_roles_are_given_only_below_ones_own(place: Place, client: Client) -> None:
    world = place.server.world
    role_of_bot = next(one for one in place.guild.roles.values() if one.managed_by)
    role_of_bot.permissions |= permissions.MANAGE_ROLES
    low, high = world.add_role(place.guild, "low"), world.add_role(place.guild, "high")
    low.position, role_of_bot.position = 1, 2
    member = await guild_of(place, client).fetch_member(place.member.id)
    await member.add_roles(discord.Object(low.id))
    assert place.guild.members[place.member.id].roles == {low.id}
    with pytest.raises(discord.Forbidden):
        await member.add_roles(discord.Object(high.id))


async def test_overwrites_of_a_channel_hold(place: Place, client: Client) -> None:
    speaker = await place.server.member_client(place.member)
    place.server.places.set_overwrite(place.general, Overwrite(place.guild.id, 0, deny=permissions.SEND_MESSAGES))
    with pytest.raises(Exception, match="code 50013"):
        await speaker.send(place.general.id, "hi")
    allow = Overwrite(place.member.id, 1, allow=permissions.SEND_MESSAGES)
    place.server.places.set_overwrite(place.general, allow)
    await speaker.send(place.general.id, "hi")


async def test_members_are_answered_on_request_through_the_gateway(place: Place, client: Client) -> None:
    found = await guild_of(place, client).query_members(user_ids=[place.member.id], cache=False)
    assert [one.id for one in found] == [place.member.id]


async def test_threads_are_started_joined_spoken_in_and_archived(place: Place, client: Client) -> None:
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("a topic")
    thread = await message.create_thread(name="about it")
    assert thread.id == message.id
    speaker = await place.server.member_client(place.member)
    await speaker.send(thread.id, "in the thread")
    heard = await client.told("message")
    while not (isinstance(heard, discord.Message) and isinstance(heard.channel, discord.Thread)):
        heard = await client.told("message")
    assert heard.content == "in the thread"
    await thread.edit(archived=True, locked=False)
    await speaker.send(thread.id, "again")
    assert place.guild.channels[thread.id].thread is not None
    assert not place.guild.channels[thread.id].thread.archived  # type: ignore[union-attr]
