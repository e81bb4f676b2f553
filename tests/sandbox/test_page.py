"""The page as it is served: to whom, with which headers, what it is told that Discord's clients are not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

import bot.sandbox.page as page_module
from bot.sandbox.answer import MemberError
from bot.sandbox.marks import KEPT_PER_CHANNEL, LONGEST
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import READ_MESSAGE_HISTORY, VIEW_CHANNEL
from bot.sandbox.posting import Upload
from tests.sandbox.conftest import Client, Place

FOLDER = Path(page_module.__file__).with_name("page")
FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def origin(place: Place) -> str:
    return place.server.page_url.removesuffix("/app/")


# Serving


async def test_who_opens_the_bare_address_in_a_browser_comes_to_the_page(
    place: Place, web: aiohttp.ClientSession
) -> None:
    async with web.get(f"{origin(place)}/") as answer:
        assert (str(answer.url), answer.status) == (place.server.page_url, 200)
        assert "<title>Sandbox</title>" in await answer.text()
    async with web.get(f"{origin(place)}/app") as answer:
        assert str(answer.url) == place.server.page_url


async def test_a_socket_at_the_bare_address_still_is_the_gateway(place: Place) -> None:
    client = await place.server.member_client(place.member)
    assert client.user["id"] == str(place.member.id)


@pytest.mark.parametrize("name", FILES)
async def test_each_file_of_the_page_has_its_type_and_says_what_the_browser_may_do(
    place: Place, web: aiohttp.ClientSession, name: str
) -> None:
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    async with web.get(place.server.page_url + name) as answer:
        assert answer.status == 200
        assert answer.content_type == kinds[name.rsplit(".", 1)[1]]
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "connect-src": f"'self' ws://{origin(place).removeprefix('http://')}",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["nothing.js", "../server.py", "%2e%2e/server.py", "..%2fserver.py", "%2fetc/passwd", "page.py", "a%00.js"]
)
async def test_nothing_but_the_pages_files_is_served(place: Place, web: aiohttp.ClientSession, path: str) -> None:
    async with web.get(URL(place.server.page_url + path, encoded=True)) as answer:
        assert answer.status in (400, 404)
        assert "SandboxServer" not in await answer.text()


@pytest.mark.parametrize("name", [one for one in FILES if one.endswith((".js", ".html"))])
def test_the_page_never_reads_markup_out_of_a_text(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=[\"']|\sstyle=", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


# Who may ask


@pytest.mark.parametrize("path", ["/app/", "/app/main.js", "/api/v10/sandbox/accounts"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.1:1"])
async def test_a_name_that_was_made_to_lead_here_gets_neither_the_page_nor_a_token(
    place: Place, web: aiohttp.ClientSession, path: str, host: str
) -> None:
    place.server.offer(place.member, "a member")
    async with web.get(origin(place) + path, headers={"Host": host}) as answer:
        assert answer.status == 403
        assert place.member.token not in await answer.text()


async def test_the_names_of_loopback_are_the_servers_own(place: Place, web: aiohttp.ClientSession) -> None:
    port = origin(place).rsplit(":", 1)[1]
    for name in ("localhost", "127.0.0.1", "[::1]", "LOCALHOST"):
        async with web.get(place.server.page_url, headers={"Host": f"{name}:{port}"}) as answer:
            assert answer.status == 200, name


async def test_a_posted_file_that_is_opened_by_itself_runs_nothing(place: Place, web: aiohttp.ClientSession) -> None:
    page = Upload("page.html", b"<script>fetch('/api/v10/sandbox/accounts')</script>", "text/html")
    message = place.server.post(place.member, place.general, "look", files=[page])
    async with web.get(message.attachments[0].url) as answer:
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# Accounts


async def test_only_who_was_offered_can_be_chosen(place: Place, web: aiohttp.ClientSession) -> None:
    address = f"{place.server.api_base}/sandbox/accounts"
    async with web.get(address) as answer:
        assert await answer.json() == []
    place.server.offer(place.member, "a member")
    async with web.get(address) as answer:
        (account,) = await answer.json()
    assert account["token"] == place.member.token
    assert account["user"]["username"] == "member"
    assert account["about"] == "a member"
    assert account["guild_ids"] == [str(place.guild.id)]


# Marks


async def test_people_who_see_a_message_are_told_of_its_mark(place: Place) -> None:
    member = await place.server.member_client(place.member)
    message = place.server.post(place.owner, place.general, "hello")
    place.server.mark(message, "Pending", "waiting")
    told = await member.wait_for("SANDBOX_MARK", lambda mark: mark["tone"] == "waiting")
    place.server.mark(message, "Allowed", "good")
    later = await member.wait_for("SANDBOX_MARK", lambda mark: mark["tone"] == "good")
    names = {"channel_id": str(place.general.id), "message_id": str(message.id)}
    assert told == {**names, "text": "Pending", "tone": "waiting"}
    assert later == {**names, "text": "Allowed", "tone": "good"}
    assert await member.request("GET", f"/channels/{place.general.id}/sandbox-marks") == [later]


async def test_bots_are_never_told_of_marks(place: Place, client: Client) -> None:
    message = place.server.post(place.owner, place.general, "hello")
    place.server.mark(message, "Pending", "waiting")
    place.server.post(place.owner, place.general, "and more")
    await client.told("message")
    await client.told("message")
    (session,) = place.server.hub.of(place.application.bot)
    names = [frame["t"] for frame in session.sent]
    assert names.count("MESSAGE_CREATE") == 2
    assert "SANDBOX_MARK" not in names


async def test_a_bot_may_not_ask_for_marks(place: Place, web: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bot {place.application.token}"}
    async with web.get(f"{place.server.api_base}/channels/{place.general.id}/sandbox-marks", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, 20001)


async def test_who_does_not_see_a_channel_learns_nothing_of_its_marks(place: Place) -> None:
    member = await place.server.member_client(place.member)
    place.server.places.set_overwrite(place.log, Overwrite(place.guild.id, 0, 0, VIEW_CHANNEL))
    place.server.mark(place.server.post(place.owner, place.log, "a secret"), "Secret", "bad")
    open_one = place.server.post(place.owner, place.general, "hello")
    place.server.mark(open_one, "Allowed", "good")
    await member.wait_for("SANDBOX_MARK", lambda mark: mark["message_id"] == str(open_one.id))
    assert [data["text"] for name, data in member.events if name == "SANDBOX_MARK"] == ["Allowed"]
    with pytest.raises(MemberError) as refused:
        await member.request("GET", f"/channels/{place.log.id}/sandbox-marks")
    assert refused.value.code == 50001


async def test_marks_need_the_right_to_read_what_was_said_before(place: Place) -> None:
    place.server.places.set_overwrite(place.general, Overwrite(place.guild.id, 0, 0, READ_MESSAGE_HISTORY))
    member = await place.server.member_client(place.member)
    with pytest.raises(MemberError) as refused:
        await member.request("GET", f"/channels/{place.general.id}/sandbox-marks")
    assert refused.value.code == 50013


async def test_a_message_that_was_deleted_can_still_be_marked(place: Place) -> None:
    member = await place.server.member_client(place.member)
    message = place.server.post(place.owner, place.general, "hello")
    place.server.posting.delete(message)
    place.server.mark(message, "Deleted", "bad")
    assert (await member.wait_for("SANDBOX_MARK", lambda _: True))["text"] == "Deleted"


async def test_of_a_channels_marks_the_newest_are_kept(place: Place) -> None:
    member = await place.server.member_client(place.member)
    messages = [place.server.post(place.owner, place.general, str(index)) for index in range(KEPT_PER_CHANNEL + 5)]
    for message in messages:
        place.server.mark(message, "Allowed", "good")
    kept = await member.request("GET", f"/channels/{place.general.id}/sandbox-marks")
    assert [one["message_id"] for one in kept] == [str(one.id) for one in messages[5:]]


@pytest.mark.parametrize(("text", "tone"), [("", "good"), ("x" * (LONGEST + 1), "good"), ("Fine", "purple")])
async def test_a_mark_that_cannot_be_shown_is_refused(place: Place, text: str, tone: str) -> None:
    message = place.server.post(place.owner, place.general, "hello")
    with pytest.raises(ValueError, match="a mark has a tone"):
        place.server.mark(message, text, tone)  # type: ignore[arg-type]


# What a user's app is told at the beginning


async def test_a_user_is_told_of_their_direct_messages_and_a_bot_of_none(place: Place, client: Client) -> None:
    channel = place.server.world.dm(place.member, place.application.bot)
    member = await place.server.member_client(place.member)
    ready = await member.wait_for("READY", lambda _: True)
    assert [(one["id"], one["recipients"][0]["username"]) for one in ready["private_channels"]] == [
        (str(channel.id), "testbot")
    ]
    (session,) = place.server.hub.of(place.application.bot)
    assert "private_channels" not in next(frame["d"] for frame in session.sent if frame["t"] == "READY")
