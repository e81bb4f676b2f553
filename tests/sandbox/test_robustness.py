"""Whatever a body says, the sandbox answers it or refuses it; it never fails with a 500 of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import aiohttp
import pytest
import structlog

from bot.sandbox import permissions
from bot.sandbox.answer import MemberError
from bot.sandbox.ratelimit import Limit
from bot.sandbox.server import SandboxServer
from tests.fuzz.inputs import tried
from tests.odd import broken
from tests.sandbox.bodies import MODAL, REQUESTS, ROWS, Request
from tests.sandbox.conftest import Place


class Scene:
    """A running server with something of everything, and one HTTP session."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.ids: dict[str, Any] = {}

    def start(self) -> None:
        self.runner.run(self._start())

    def stop(self) -> None:
        self.runner.run(self._stop())
        self.runner.close()

    async def _start(self) -> None:
        self.server = SandboxServer(first_answer_seconds=1_000)
        world = self.server.world
        self.server.limits.default = self.server.limits.overall = Limit(10**9, 1.0)
        self.server.limits.invalid = Limit(10**9, 1.0)
        owner = world.add_user("owner")
        self.member, other = world.add_user("member"), world.add_user("other")
        self.guild = world.add_guild("Guild", owner)
        self.channel, log = world.add_channel(self.guild, "general"), world.add_channel(self.guild, "log")
        role = world.add_role(self.guild, "low")
        self.bot = world.add_application("bot")
        world.invite(self.guild, self.bot, permissions.ALL)
        for user in (self.member, other):
            world.join(self.guild, user)
        await self.server.start()
        self.session = aiohttp.ClientSession()
        self.tokens = {"bot": f"Bot {self.bot.token}", "member": self.member.token, "": ""}
        thread = self.server.places.open_thread(self.channel, owner, {"name": "thread", "type": 11})
        self.ids = {
            "guild_id": self.guild.id,
            "channel_id": self.channel.id,
            "log_id": log.id,
            "thread_id": thread.id,
            "role_id": role.id,
            "member_id": self.member.id,
            "other_id": other.id,
            "application_id": self.bot.id,
        }
        kinds = ((3, "a"), (4, "b"), (7, "c"), (11, "d"), (9, "e"), (10, "f"))
        options = [{"type": kind, "name": name, "description": "d"} for kind, name in kinds]
        options[0]["autocomplete"] = True
        self.command = {"name": "use", "description": "d", "options": options}

    async def _stop(self) -> None:
        await self.session.close()
        await self.server.stop()

    async def prepare(self) -> None:
        """What a request may use up is made anew: a message, a command, an interaction, answered or not."""
        message = self.server.post(self.bot.bot, self.channel, "text", components=ROWS)
        command, _ = self.server.commands.create((self.bot.id, self.guild.id), self.command)
        opened = self.server.interactions
        shown = {"type": 1, "id": command["id"], "options": [{"type": 3, "name": "a", "value": "", "focused": True}]}
        fresh, answered, typing = (
            opened.new(kind, self.bot, self.member, self.channel, shown, "n") for kind in (2, 2, 4)
        )
        fresh.message, fresh.modal = message, MODAL
        for one in (fresh, answered, typing):
            opened.open(one)
        opened.succeed(answered)
        answered.original = self.server.post(self.bot.bot, self.channel, "text", webhook_id=self.bot.id)
        self.ids |= {
            "message_id": message.id,
            "reply_id": answered.original.id,
            "typing_id": typing.id,
            "typing_token": typing.token,
            "command_id": command["id"],
            "version": command["version"],
            "interaction_id": fresh.id,
            "modal_id": fresh.id,
            "interaction_token": fresh.token,
            "answered_token": answered.token,
        }

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, identity in self.ids.items():
                value = value.replace("{" + name + "}", str(identity))
            return value
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return {key: self.filled(one) for key, one in value.items()} if isinstance(value, dict) else value

    async def request(self, who: str, method: str, path: str, body: Any) -> int:
        await self.prepare()
        url = self.server.api_base + self.filled(path)
        headers = {"Authorization": self.tokens[who]}
        async with self.session.request(method, url, json=self.filled(body), headers=headers) as response:
            await response.read()
            return response.status


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    scene = Scene()
    scene.start()
    yield scene
    scene.stop()


def odd(random: Random) -> Request:
    """A request whose body has something in it that does not belong there."""
    who, method, path, body = random.choice(REQUESTS)
    return who, method, path, broken(body, random)


# No bot stands behind it: a tenth of what others get is enough.
@tried(short=60 * len(REQUESTS), soak=10_000, asked=odd)
def test_no_body_makes_the_server_fail(scene: Scene, asked: Request) -> None:
    assert scene.runner.run(scene.request(*asked)) < 500


@pytest.mark.parametrize("request_of", REQUESTS, ids=lambda one: f"{one[1]} {one[2]}"[:60])
def test_the_bodies_that_are_broken_above_are_right_when_whole(scene: Scene, request_of: Request) -> None:
    """Else the test above would show nothing but that wrong bodies are refused early."""
    assert scene.runner.run(scene.request(*request_of)) in (200, 201, 204)


async def test_bodies_that_are_no_json_or_no_form_are_refused(place: Place) -> None:
    headers = {"Authorization": f"Bot {place.application.token}"}
    url = f"{place.server.api_base}/channels/{place.general.id}/messages"
    broken = {
        b"{": "application/json",
        b'{"content": NaN}': "application/json",
        b'{"content": 1e999}': "application/json",
        b"[" * 100_000: "application/json",
        b'{"content": "\xff"}': "application/json",
        b"no form": "multipart/form-data",
        b"--x\r\ncut off": "multipart/form-data; boundary=x",
    }
    async with aiohttp.ClientSession(headers=headers) as session:
        for body, kind in broken.items():
            async with session.post(url, data=body, headers={"Content-Type": kind}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (400, 50109), body[:20]
        for body in (b"[]", b'"text"', b"7"):
            async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (400, 50109), body


async def test_a_fault_of_the_servers_own_is_told_as_one_logged_without_words_and_survived(place: Place) -> None:
    headers = {"Authorization": f"Bot {place.application.token}"}

    def fail(*_: Any) -> None:
        raise RuntimeError("words of a member")

    place.server.posting.post = fail  # type: ignore[method-assign, assignment]
    url = f"{place.server.api_base}/channels/{place.general.id}"
    with structlog.testing.capture_logs() as logs:
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(f"{url}/messages", json={"content": "x"}) as answer:
                assert answer.status == 500
                assert answer.content_type == "application/json"
                assert (await answer.json())["code"] == 0
            async with session.get(url) as answer:
                assert answer.status == 200
    assert [one["error"] for one in logs] == ["RuntimeError"]
    assert "words of a member" not in str(logs)
    # Discord's description knows no such answer.
    place.exchanges.clear()


async def test_a_file_is_served_with_the_type_it_was_posted_with(place: Place) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({"attachments": [{"id": 3, "filename": "b.txt"}]}))
    form.add_field("files[3]", b"text", filename="a.txt", content_type="text/plain; charset=utf-8")
    headers = {"Authorization": f"Bot {place.application.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        url = f"{place.server.api_base}/channels/{place.general.id}/messages"
        async with session.post(url, data=form) as answer:
            attachment = (await answer.json())["attachments"][0]
        assert attachment["filename"] == "b.txt"
        async with session.get(attachment["url"]) as answer:
            assert (await answer.read(), answer.content_type) == (b"text", "text/plain")


async def test_a_message_that_names_a_file_that_did_not_come_is_empty(place: Place) -> None:
    member = await place.server.member_client(place.member)
    with pytest.raises(MemberError, match="50006"):
        await member.request(
            "POST", f"/channels/{place.general.id}/messages", {"attachments": [{"id": 0, "filename": "a.txt"}]}
        )
