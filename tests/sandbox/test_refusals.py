"""What Discord refuses of messages, members and requests in general, and what it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from bot.sandbox.ratelimit import Limit
from tests.sandbox.conftest import Client, Place
from tests.sandbox.test_members import guild_of
from tests.sandbox.test_places import allow, refusal

HEADERS = {f"X-RateLimit-{name}" for name in ("Bucket", "Limit", "Remaining", "Reset", "Reset-After")}


async def test_a_refused_change_of_a_member_changes_nothing(place: Place, client: Client) -> None:
    member = await guild_of(place, client).fetch_member(place.member.id)
    until = discord.utils.utcnow() + timedelta(minutes=5)
    assert await refusal(member.edit(timed_out_until=until, nick="x")) == 50013, "it may time out, but not rename"
    held = place.guild.members[place.member.id]
    assert (held.timed_out_until, held.nick) == (None, None)
    assert place.guild.audit_log == []


@pytest.mark.parametrize(
    "body",
    [
        {"communication_disabled_until": "soon"},
        {"communication_disabled_until": 7},
        {"nick": "x" * 33},
        {"roles": "all"},
        {"roles": ["x"]},
    ],
)
async def test_an_unusable_change_of_a_member_is_refused(place: Place, body: dict[str, Any]) -> None:
    owner = await place.server.member_client(place.owner)
    path = f"/guilds/{place.guild.id}/members/{place.member.id}"
    assert await refusal(owner.request("PATCH", path, body)) == 50035


async def test_nobody_acts_on_the_owner_on_administrators_or_on_bots_roles(place: Place, client: Client) -> None:
    guild, now = guild_of(place, client), discord.utils.utcnow() + timedelta(minutes=1)
    owner = await guild.fetch_member(place.owner.id)
    for attempt in (owner.kick(), owner.ban(), owner.timeout(now)):
        assert await refusal(attempt) == 50013
    place.guild.everyone.permissions |= permissions.ADMINISTRATOR
    assert await refusal((await guild.fetch_member(place.member.id)).timeout(now)) == 50013
    allow(place, permissions.MANAGE_ROLES)
    member = await guild.fetch_member(place.member.id)
    other = place.server.world.add_role(place.guild, "other bot", managed_by=place.server.world.add_user("b", bot=True))
    other.position = 0
    assert await refusal(member.add_roles(discord.Object(other.id))) == 50013
    assert await refusal(member.add_roles(guild.default_role)) == 50028


async def test_bans_and_the_audit_log_are_read_in_pages(place: Place, client: Client) -> None:
    guild = guild_of(place, client)
    users = [place.server.world.add_user(f"u{number}") for number in range(3)]
    for user in users:
        await guild.ban(discord.Object(user.id), reason=user.name)
    after = discord.Object(users[0].id)
    assert [one.user.id async for one in guild.bans(after=after)] == [one.id for one in users[1:]]
    newest = [one async for one in guild.audit_logs(limit=2, action=discord.AuditLogAction.ban)]
    assert [one.reason for one in newest] == ["u2", "u1"]
    older = [one async for one in guild.audit_logs(before=newest[-1], user=guild.me)]
    assert [one.reason for one in older] == ["u0"]
    assert [one.reason async for one in guild.audit_logs(after=older[0], oldest_first=True)] == ["u1", "u2"]


async def test_members_are_listed_only_for_an_application_with_the_intent(place: Place, client: Client) -> None:
    place.application.intents &= ~permissions.MEMBERS_INTENT
    assert await refusal(client.http.get_members(place.guild.id, 10, None)) == 50001


async def test_without_the_intent_content_is_not_read_over_rest_either(place: Place, client: Client) -> None:
    said = place.server.post(place.member, place.general, "secret")
    mentioned = place.server.post(place.member, place.general, f"<@{place.application.id}> hi")
    place.application.intents &= ~permissions.CONTENT_INTENT
    found = {int(one["id"]): one["content"] for one in await client.http.logs_from(place.general.id, 10)}
    assert found == {said.id: "", mentioned.id: mentioned.content}


async def test_bulk_delete_takes_ids_of_messages_each_once_and_only_in_servers(place: Place, client: Client) -> None:
    path, dm = f"/channels/{place.general.id}", await client.create_dm(discord.Object(place.member.id))
    owner = await place.server.member_client(place.owner)
    unusable: list[Any] = [["x", "y"], ["1"], "12", [str(dm.id)] * 2, [{}, []], [1 << 70, 1]]
    for ids in unusable:
        assert await refusal(owner.request("POST", f"{path}/messages/bulk-delete", {"messages": ids})) == 50035, ids
    assert await refusal(client.http.delete_messages(dm.id, [1, 2])) == 50003


async def test_slowmode_holds_members_back_but_not_bots_or_managers(place: Place, client: Client) -> None:
    place.general.slowmode_seconds = 60
    deny = permissions.MANAGE_MESSAGES | permissions.MANAGE_CHANNELS | permissions.BYPASS_SLOWMODE
    place.general.overwrites[place.application.id] = Overwrite(place.application.id, 1, deny=deny)
    async with aiohttp.ClientSession() as session:
        url = f"{place.server.api_base}/channels/{place.general.id}/messages"
        member, owner, bot = place.member.token, place.owner.token, f"Bot {place.application.token}"
        for token, expected in ((member, [200, 429]), (owner, [200, 200]), (bot, [200, 200])):
            answers = [await session.post(url, json={"content": "x"}, headers={"Authorization": token}) for _ in "ab"]
            assert [one.status for one in answers] == expected
            if 429 in expected:
                told = await answers[1].json()
                assert told["code"] == 20016
                assert 0 < told["retry_after"] <= 60


async def test_answers_need_the_history_and_stay_in_their_channel(place: Place) -> None:
    message = place.server.post(place.owner, place.log, "there")
    speaker = await place.server.member_client(place.member)
    path, reference = f"/channels/{place.general.id}/messages", {"message_id": message.id, "channel_id": place.log.id}
    body = {"content": "x", "message_reference": {key: str(value) for key, value in reference.items()}}
    assert await refusal(speaker.request("POST", path, body)) == 50035
    deny = Overwrite(place.guild.id, 0, deny=permissions.READ_MESSAGE_HISTORY)
    place.server.places.set_overwrite(place.log, deny)
    assert await refusal(speaker.send(place.log.id, "x", reply_to=message.id)) == 160002


async def test_an_edit_that_leaves_nothing_and_one_of_anothers_message_are_refused(place: Place) -> None:
    speaker, owner = await place.server.member_client(place.member), await place.server.member_client(place.owner)
    sent = await speaker.send(place.general.id, "mine")
    assert await refusal(speaker.edit(place.general.id, sent["id"], "")) == 50006
    assert await refusal(owner.edit(place.general.id, sent["id"], "yours")) == 50005


async def test_every_answer_says_what_is_left_of_its_bucket_and_all_requests_together_are_limited(place: Place) -> None:
    place.server.limits.overall = Limit(3, 60.0)
    headers = {"Authorization": f"Bot {place.application.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        base = place.server.api_base
        left = []
        for path in (f"/channels/{place.general.id}", f"/channels/{place.general.id}", "/channels/1"):
            async with session.get(base + path) as answer:
                assert set(answer.headers) >= HEADERS, answer.status
                left.append(int(answer.headers["X-RateLimit-Remaining"]))
        assert left[0] == left[1] + 1
        async with session.get(f"{base}/users/@me") as answer:
            assert answer.status == 429
            assert answer.headers["Via"]
            assert answer.headers["X-RateLimit-Global"] == "true"
            assert (await answer.json())["global"] is True


async def test_answers_to_interactions_are_counted_each_by_its_own_token(place: Place) -> None:
    place.server.limits.default = Limit(1, 60.0)
    async with aiohttp.ClientSession() as session:
        for token in ("a", "b"):
            url = f"{place.server.api_base}/interactions/1/{token}/callback"
            statuses = [(await session.post(url, json={"type": 5})).status for _ in "ab"]
            assert statuses == [404, 429]


async def test_too_many_refused_requests_shut_an_address_out(place: Place) -> None:
    place.server.limits.invalid = Limit(2, 60.0)
    async with aiohttp.ClientSession() as session:
        answers = [await session.get(f"{place.server.api_base}/users/@me") for _ in range(3)]
        assert [one.status for one in answers] == [401, 401, 429]
        assert "Via" not in answers[-1].headers, "by this the client knows that it is not Discord's own limit"
