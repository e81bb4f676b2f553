"""Scenes: a chat is replayed line by line, one at a time, and whoever is in its guild sees how far it is."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox.member import MemberClient
from bot.sandbox.model import Guild, User
from bot.sandbox.scenes import MOST_LINES, Line, Scene
from tests.sandbox.conftest import Place

CHAT = (
    Line("member", "general", "hello"),
    Line("somebody", "general", "hello yourself"),
    Line("somebody", "garden", "how the tulips grow"),
)


def put(place: Place, lines: tuple[Line, ...] = CHAT, **more: Any) -> Scene:
    place.server.scenes.line_seconds = 0.0
    scene = Scene("a-scene", place.guild, "What it is about.", lines, **more)
    place.server.scenes.add(scene)
    return scene


async def ask(place: Place, user: User, method: str, path: str) -> tuple[int, Any]:
    token = f"Bot {user.token}" if user.bot else user.token
    async with (
        aiohttp.ClientSession(headers={"Authorization": token}) as session,
        session.request(method, f"{place.server.api_base}/sandbox/scenes{path}") as response,
    ):
        return response.status, await response.json() if response.status != 204 else None


async def told(client: MemberClient, state: str, posted: int) -> dict[str, Any]:
    """Wait until a client heard, since this was asked last, that the scene is so far."""

    def holds(event: dict[str, Any]) -> bool:
        return bool(event["state"] == state and event["posted"] == posted)

    found = await client.wait_for("SANDBOX_SCENE", holds)
    client.events.clear()
    return found


def texts(guild: Guild, channel: str) -> list[str]:
    (found,) = (one for one in guild.channels.values() if one.name == channel)
    return [message.content for message in found.messages]


async def test_a_member_sees_the_scenes_of_their_guilds_and_nobody_elses(place: Place) -> None:
    put(place, tries=("Say hello.",))
    stranger = place.server.world.add_user("stranger")
    assert await ask(place, stranger, "GET", "") == (200, [])
    assert (await ask(place, stranger, "POST", "/a-scene/replay"))[0] == 404
    status, (shown,) = await ask(place, place.member, "GET", "")
    assert status == 200
    assert shown == {
        "name": "a-scene",
        "guild_id": str(place.guild.id),
        "about": "What it is about.",
        "tries": ["Say hello."],
        "lines": 3,
        "posted": 0,
        "channel_id": None,
        "state": "resting",
        "note": "",
    }


async def test_bots_are_told_nothing_of_scenes(place: Place) -> None:
    put(place)
    for method, path in (("GET", ""), ("POST", "/a-scene/replay"), ("DELETE", "/a-scene/replay")):
        assert (await ask(place, place.application.bot, method, path))[0] == 403


async def test_a_chat_is_posted_in_its_order_by_its_authors_in_its_channels(place: Place) -> None:
    put(place)
    client = await place.server.member_client(place.member)
    assert (await ask(place, place.member, "POST", "/a-scene/replay"))[0] == 202
    await told(client, "resting", 3)
    assert texts(place.guild, "general") == ["hello", "hello yourself"]
    assert texts(place.guild, "garden") == ["how the tulips grow"]
    authors = [message.author.name for message in place.general.messages]
    assert authors == ["member", "somebody"]
    assert next(iter(place.general.messages)).author is place.member


async def test_it_is_told_where_the_newest_line_is(place: Place) -> None:
    scene = put(place)
    client = await place.server.member_client(place.member)
    place.server.scenes.replay(scene)
    await client.wait_for("SANDBOX_SCENE", lambda one: one["state"] == "resting" and one["posted"] == 3)
    where = {one["posted"]: one["channel_id"] for name, one in client.events if name == "SANDBOX_SCENE"}
    named = {str(one.id): one.name for one in place.guild.channels.values()}
    assert where[0] is None
    assert [named[where[number]] for number in (1, 2, 3)] == [line.channel for line in CHAT]


async def test_who_was_removed_is_back_for_the_next_replay_under_the_same_account(place: Place) -> None:
    scene = put(place)
    client = await place.server.member_client(place.owner)
    place.server.scenes.replay(scene)
    await told(client, "resting", 3)
    (somebody,) = (one.user for one in place.guild.members.values() if one.user.name == "somebody")
    place.server.moderation.kick(place.guild, place.owner, place.guild.members[somebody.id], None)
    place.server.scenes.replay(scene)
    await told(client, "playing", 2)
    assert place.guild.members[somebody.id].user is somebody


async def test_only_one_is_replayed_at_a_time_and_it_can_be_stopped(place: Place) -> None:
    scene = put(place)
    place.server.scenes.line_seconds = 60.0
    client = await place.server.member_client(place.member)
    await ask(place, place.member, "POST", "/a-scene/replay")
    await told(client, "playing", 1)
    status, refusal = await ask(place, place.member, "POST", "/a-scene/replay")
    assert status == 409
    assert refusal["message"] == "A chat is being replayed in The Guild: stop it first."
    assert await ask(place, place.member, "DELETE", "/a-scene/replay") == (204, None)
    await told(client, "resting", 1)
    assert texts(place.guild, "general") == ["hello"]
    assert scene.state == "resting"
    assert await ask(place, place.member, "DELETE", "/a-scene/replay") == (204, None)


async def test_what_a_scene_needs_is_made_ready_once_and_before_its_first_line(place: Place) -> None:
    made, may_end = [], asyncio.Event()

    async def prepare() -> None:
        made.append(texts(place.guild, "general"))
        await may_end.wait()

    scene = put(place, prepare=prepare, preparing="tuning the instruments")
    client = await place.server.member_client(place.member)
    await ask(place, place.member, "POST", "/a-scene/replay")
    assert (await told(client, "preparing", 0))["note"] == "tuning the instruments"
    may_end.set()
    await told(client, "resting", 3)
    place.server.scenes.replay(scene)
    await told(client, "resting", 3)
    assert made == [[]]


async def test_what_could_not_be_made_ready_is_tried_again_at_the_next_replay(place: Place) -> None:
    tries = []

    async def prepare() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("out of strings")

    scene = put(place, prepare=prepare)
    client = await place.server.member_client(place.member)
    place.server.scenes.replay(scene)
    await told(client, "resting", 0)
    place.server.scenes.replay(scene)
    await told(client, "resting", 3)
    assert len(tries) == 2


async def test_a_server_ends_while_a_scene_is_played(place: Place) -> None:
    scene = put(place)
    place.server.scenes.line_seconds = 60.0
    place.server.scenes.replay(scene)
    await place.server.stop()
    assert scene.state == "resting"


def test_a_scene_of_too_many_lines_is_refused(place: Place) -> None:
    with pytest.raises(ValueError, match=f"at most {MOST_LINES}"):
        put(place, (Line("member", "general", "again"),) * (MOST_LINES + 1))
