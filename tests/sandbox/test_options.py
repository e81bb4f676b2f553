"""Commands of the sandbox: every type of option held against the command, who may use it, and an answer's times."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox import permissions
from bot.sandbox.answer import Answer, MemberError
from bot.sandbox.member import MemberClient
from bot.sandbox.model import ChannelKind, Overwrite
from tests.sandbox.conftest import Client, Place

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(3, 11)
ATTACHMENT = 11
PATH = "do group sub"


@pytest.fixture
async def member(place: Place, client: Client) -> MemberClient:
    """A member of whose commands the client says what it got."""

    @client.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(embed=discord.Embed(description=json.dumps(interaction.data)))

    async def nothing(*_: object) -> None:
        """The tree knows no such command, and need not say so."""

    client.tree.on_error = nothing  # type: ignore[method-assign]
    return await place.server.member_client(place.member)


def register(place: Place, *options: dict[str, Any], **more: Any) -> str:
    """Register /do group sub with options, and give its id."""
    named = [{"name": f"o{index}", "description": "d", **one} for index, one in enumerate(options)]
    sub = {"type": 1, "name": "sub", "description": "d", "options": named}
    group = {"type": 2, "name": "group", "description": "d", "options": [sub]}
    body = {"name": "do", "description": "d", "options": [group], **more}
    command, _ = place.server.commands.create((place.application.id, place.guild.id), body)
    return str(command["id"])


async def use(place: Place, member: MemberClient, **values: Any) -> dict[str, Any]:
    """What the client got of a use of the command."""
    answer = await member.slash(place.guild.id, place.general.id, PATH, **values)
    return said(answer)


def said(answer: Answer) -> dict[str, Any]:
    """What the client got, which it says in an embed."""
    found: dict[str, Any] = json.loads(answer.embeds[0]["description"])
    return found


async def refused(place: Place, member: MemberClient, **values: Any) -> bool:
    with pytest.raises(MemberError) as error:
        await use(place, member, **values)
    return error.value.code == 50035


@pytest.mark.parametrize(
    ("option", "right", "wrong"),
    [
        ({"type": STRING}, ["text"], ["", 7, None, []]),
        ({"type": STRING, "min_length": 2, "max_length": 3}, ["ab", "abc"], ["a", "abcd"]),
        ({"type": STRING, "choices": [{"name": "A", "value": "a"}]}, ["a"], ["b", "A"]),
        ({"type": INTEGER, "min_value": 1, "max_value": 3}, [1, 3], [0, 4, 1.5, "1", True]),
        ({"type": INTEGER}, [2**53], [2**53 + 1]),
        ({"type": INTEGER, "choices": [{"name": "one", "value": 1}]}, [1], [2]),
        ({"type": NUMBER, "min_value": 0.5, "max_value": 1.5}, [0.5, 1], [0.4, 2, "1", True]),
        ({"type": BOOLEAN}, [True, False], [1, "true", None]),
    ],
)
async def test_a_value_is_held_against_its_options_type_bounds_and_choices(
    place: Place, member: MemberClient, option: dict[str, Any], right: list[Any], wrong: list[Any]
) -> None:
    register(place, option)
    for value in right:
        group = (await use(place, member, o0=value))["options"][0]
        assert (group["name"], group["options"][0]["name"]) == ("group", "sub")
        assert group["options"][0]["options"][0]["value"] == value
    for value in wrong:
        assert await refused(place, member, o0=value), value


async def test_users_roles_channels_mentionables_and_files_are_resolved(place: Place, member: MemberClient) -> None:
    role = place.server.world.add_role(place.guild, "role")
    kinds = (USER, ROLE, MENTIONABLE, CHANNEL, ATTACHMENT)
    register(place, *({"type": kind} for kind in kinds))
    values = {"o0": place.owner.id, "o1": role.id, "o2": role.id, "o3": place.log.id, "o4": ("a.txt", b"text")}
    resolved = (await use(place, member, **values))["resolved"]
    assert list(resolved["users"]) == list(resolved["members"]) == [str(place.owner.id)]
    assert list(resolved["roles"]) == [str(role.id)]
    assert resolved["channels"][str(place.log.id)]["name"] == "log"
    assert [one["filename"] for one in resolved["attachments"].values()] == ["a.txt"]
    for name in ("o0", "o1", "o2", "o3"):
        assert await refused(place, member, **{name: 12345}), name
        assert await refused(place, member, **{name: "9" * 5_000}), name


async def test_a_channel_is_of_a_type_asked_for_and_one_the_member_sees(place: Place, member: MemberClient) -> None:
    voice = place.server.world.add_channel(place.guild, "voice", ChannelKind.VOICE)
    register(place, {"type": CHANNEL, "channel_types": [0]})
    assert await use(place, member, o0=place.log.id)
    assert await refused(place, member, o0=voice.id)
    hide = Overwrite(place.guild.id, 0, deny=permissions.VIEW_CHANNEL)
    place.server.places.set_overwrite(place.log, hide)
    assert await refused(place, member, o0=place.log.id)


async def test_options_are_the_commands_own_each_once_and_none_that_is_required_missing(
    place: Place, member: MemberClient
) -> None:
    command_id = register(place, {"type": STRING, "required": True}, {"type": STRING})
    assert await refused(place, member, o1="x")
    command = place.server.commands.get((place.application.id, place.guild.id), int(command_id))
    one = {"type": STRING, "name": "o0", "value": "x"}
    wrong: list[list[Any]] = [[one, one], [one, {**one, "name": "o9"}], [{**one, "type": INTEGER}], ["x"]]
    for options in wrong:
        sub = {"type": 1, "name": "sub", "options": options}
        data = {"id": command_id, "version": command["version"], "type": 1, "name": "do"}
        with pytest.raises(MemberError, match="50035"):
            await member.request(
                "POST",
                "/interactions",
                {
                    "type": 2,
                    "application_id": str(place.application.id),
                    "channel_id": str(place.general.id),
                    "data": {**data, "options": [{"type": 2, "name": "group", "options": [sub]}]},
                },
            )


async def test_who_is_timed_out_uses_no_commands(place: Place, member: MemberClient) -> None:
    register(place, {"type": STRING})
    place.guild.members[place.member.id].timed_out_until = place.server.world.now() + timedelta(minutes=1)
    with pytest.raises(MemberError, match="50013"):
        await use(place, member, o0="x")


async def test_a_servers_own_permissions_of_a_command_hold_and_are_read_by_the_bot(
    place: Place, member: MemberClient, client: Client
) -> None:
    command_id = int(register(place, {"type": STRING}, default_member_permissions="8"))
    with pytest.raises(MemberError, match="50013"):
        await use(place, member, o0="x")
    place.server.commands.permit(place.guild, command_id, [{"id": str(place.member.id), "type": 2, "permission": True}])
    assert await use(place, member, o0="x")
    commands = await client.tree.fetch_commands(guild=discord.Object(place.guild.id))
    set_here = await commands[0].fetch_permissions(discord.Object(place.guild.id))
    assert [(one.id, one.permission) for one in set_here.permissions] == [(place.member.id, True)]
    barred = [{"id": str(place.general.id), "type": 3, "permission": False}]
    place.server.commands.permit(place.guild, command_id, barred)
    with pytest.raises(MemberError, match="50013"):
        await use(place, member, o0="x")


async def test_the_commands_of_a_bot_that_left_are_gone(place: Place, member: MemberClient) -> None:
    register(place, {"type": STRING})
    place.server.moderation.leave(place.guild, place.application.bot)
    with pytest.raises(MemberError, match="10063"):
        await use(place, member, o0="x")


async def test_a_command_for_everywhere_is_used_in_direct_messages_with_its_bot(
    place: Place, member: MemberClient
) -> None:
    body = {"name": "hello", "description": "d", "contexts": [1]}
    place.server.commands.create((place.application.id, None), body)
    dm = await member.dm_channel(place.application.bot.id)
    assert said(await member.slash(None, dm["id"], "hello"))["name"] == "hello"
    with pytest.raises(MemberError, match="10063"):
        await member.slash(place.guild.id, place.general.id, "hello")
    dm = await member.dm_channel(place.owner.id)
    with pytest.raises(MemberError, match="10063"):
        await member.slash(None, dm["id"], "hello")


async def answered(place: Place, path: str, body: dict[str, Any] | None, method: str = "POST") -> tuple[int, int]:
    """Status and code of a request that a token opens."""
    url = place.server.api_base + path
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
        found = await answer.json(content_type=None) if answer.status != 204 else {}
        return answer.status, found.get("code", 0)


async def test_a_token_is_good_for_one_first_answer_and_a_quarter_of_an_hour(place: Place) -> None:
    server, message = place.server, {"content": "hi"}
    opened = server.interactions.new(2, place.application, place.member, place.general, {"type": 1}, "n")
    server.interactions.open(opened)
    hook = f"/webhooks/{place.application.id}/{opened.token}"
    callback = f"/interactions/{opened.id}/{opened.token}/callback"
    assert await answered(place, hook, message) == (404, 10015), "nothing follows before the first answer"
    assert await answered(place, f"/interactions/{opened.id}/wrong/callback", {"type": 4}) == (404, 10062)
    assert await answered(place, callback, {"type": 4, "data": message}) == (204, 0)
    assert await answered(place, callback, {"type": 4, "data": message}) == (400, 40060)
    assert await answered(place, hook, message) == (200, 0)
    assert await answered(place, f"{hook}/messages/@original", None, "DELETE") == (204, 0)
    assert await answered(place, f"{hook}/messages/@original", message, "PATCH") == (404, 10008)
    later = server.world.now() + timedelta(minutes=16)
    server.world.clock = lambda: later
    assert await answered(place, hook, message) == (401, 50027)


async def test_nothing_is_answered_into_a_channel_that_is_gone(place: Place) -> None:
    opened = place.server.interactions.new(2, place.application, place.member, place.general, {"type": 1}, "n")
    place.server.interactions.open(opened)
    place.server.places.remove(place.general)
    callback = f"/interactions/{opened.id}/{opened.token}/callback"
    assert await answered(place, callback, {"type": 4, "data": {"content": "hi"}}) == (404, 10003)
