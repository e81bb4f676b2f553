"""The showcase: four servers with whom one may be there, and what becomes of each message told as it happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.sandbox.exchange import Exchange
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Message
from bot.sandbox.permissions import VIEW_CHANNEL, in_channel
from tests.cogs.scripted_stage import held
from tests.conftest import hold_against
from tests.sandbox.openapi import OpenApi
from tests.showcased import CHAT, Shown, showing

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERVERS = ["The Workshop", "Embervale", "Second Opinion", "The Night Library"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Shown]:
    """One for all tests of this file; each posts messages of its own."""
    exchanges: list[Exchange] = []
    async with showing(tmp_path_factory.mktemp("showcase"), exchanges=exchanges) as made:
        yield made
    hold_against(description, exchanges)


async def marked(client: MemberClient, message: Message | int, tone: str) -> str:
    """The first mark of a message, or of the one with this id, in this tone."""
    number = str(message if isinstance(message, int) else message.id)
    data = await client.wait_for("SANDBOX_MARK", lambda mark: mark["message_id"] == number and mark["tone"] == tone)
    return unnumbered(data["text"])


def unnumbered(text: str) -> str:
    """The number of the case depends on the tests before."""
    return re.sub(r"case \d+", "case N", text)


def marks(client: MemberClient, message: Message) -> list[str]:
    """All that was said of a message so far."""
    return [
        unnumbered(data["text"])
        for name, data in client.events
        if name == "SANDBOX_MARK" and data["message_id"] == str(message.id)
    ]


async def test_there_is_a_server_for_each_example_with_somebody_to_be_of_every_sort(shown: Shown) -> None:
    assert [guild.name for guild in shown.server.world.guilds.values()] == SERVERS
    names = [account.user.name for account in shown.server.accounts]
    assert names[:3] == ["you", "moderator", "owner"]
    for guild in shown.server.world.guilds.values():
        inside = [one.user.name for one in shown.server.accounts if one.user.id in guild.members]
        assert len(inside) == 5
        (log,) = (one for one in guild.channels.values() if one.name == "mod-log")
        readers = [
            one.user.name
            for one in guild.members.values()
            if in_channel(log, one.user, shown.server.world.now()) & VIEW_CHANNEL
        ]
        assert readers == ["owner", "moderator", "Lawspeaker"]


async def test_what_becomes_of_a_message_is_told_from_when_it_came_in(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("you"))
    with held(shown.judge.may_judge):
        message = shown.server.post(shown.account("you"), shown.channel("general"), "good morning")
        assert await marked(client, message, "waiting") == "pending"
    assert await marked(client, message, "good") == "allowed"
    assert marks(client, message) == ["pending", "allowed"]


async def test_a_message_that_breaks_a_rule_is_told_with_rule_and_case_also_when_it_is_gone(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("moderator"))
    with held(shown.judge.may_explain):
        message = shown.server.post(shown.account("you"), shown.channel("general"), "rule 2 free gifts")
        await client.wait_for("MESSAGE_DELETE", lambda gone: gone["id"] == str(message.id))
    assert await marked(client, message, "bad") == "deleted, author warned: rule 2, case N"
    assert marks(client, message) == [
        "pending",
        "breaks rule 2: the case is being written",
        "deleted, author warned: rule 2, case N",
    ]


@pytest.mark.parametrize(
    ("button", "told"),
    [
        ("Confirm", "confirmed by a moderator: rule 2, case N"),
        ("Overturn", "overturned by a moderator: rule 2, case N"),
    ],
)
async def test_what_a_moderator_answers_is_told_below_the_message(shown: Shown, button: str, told: str) -> None:
    moderator = await shown.server.member_client(shown.account("moderator"))
    log = shown.channel("mod-log")
    message = shown.server.post(shown.account("you"), shown.channel("general"), f"rule 2 free gifts to {button}")
    post = await moderator.wait_for(
        "MESSAGE_CREATE", lambda one: one["channel_id"] == str(log.id) and str(message.id) in str(one["embeds"])
    )
    await marked(moderator, message, "bad")
    answer = await moderator.press(post, button)
    if answer.modal is not None:
        await moderator.submit(answer.modal, {})
    await moderator.wait_for("SANDBOX_MARK", lambda mark: unnumbered(mark["text"]) == told)
    assert marks(moderator, message)[-1] == told


async def test_an_edited_message_is_pending_again(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("you"))
    sent = await client.send(shown.channel("general").id, "good morning")
    message = shown.channel("general").messages.get(int(sent["id"]))
    assert message is not None
    await marked(client, message, "good")
    await client.edit(message.channel.id, message.id, "perhaps 3 come to my server")
    assert await marked(client, message, "warning") == "for a moderator: rule 3, case N"
    assert marks(client, message)[:3] == ["pending", "allowed", "pending"]


async def test_what_is_not_judged_says_why_and_what_nobody_wrote_has_no_mark(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("moderator"))
    moderators = shown.server.post(shown.account("moderator"), shown.channel("general"), "rule 2 by a moderator")
    embervale = shown.guild("Embervale")
    unwatched = shown.server.post(shown.account("you"), shown.channel("spoilers", embervale), "rule 4 the queen did it")
    own = shown.server.post(shown.trial.application.bot, shown.channel("mod-log"), "a note")
    owners = shown.server.post(shown.account("owner"), shown.channel("general"), "rule 2 by the owner")
    assert await marked(client, moderators, "quiet") == "not judged: moderators are exempt"
    assert await marked(client, unwatched, "quiet") == "not judged: the channel is not watched"
    assert await marked(client, owners, "quiet") == "not judged: moderators are exempt"
    assert marks(client, own) == []


async def test_a_message_that_is_left_out_since_it_came_in_is_not_said_to_be_judged(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("you"))
    store, guild = shown.trial.app.store, shown.trial.guild
    channel = await shown.trial.place("left-out")
    with held(shown.judge.may_judge):
        sent = await client.send(channel.id, "good morning")
        message = channel.messages.get(int(sent["id"]))
        assert message is not None
        assert await marked(client, message, "waiting") == "pending"
        await store.guilds.unwatch(guild.id, channel.id)
        await client.edit(channel.id, message.id, "good evening")
        assert await marked(client, message, "quiet") == "not judged: the channel is not watched"
    last = shown.server.post(shown.account("you"), shown.channel("general"), "good night")
    await marked(client, last, "good")
    assert marks(client, message) == ["pending", "not judged: the channel is not watched"]


async def test_the_first_servers_chat_is_the_one_that_was_given(shown: Shown) -> None:
    client = await shown.server.member_client(shown.account("moderator"))
    (scene, *_) = await client.request("GET", "/sandbox/scenes")
    assert (scene["name"], scene["lines"]) == ("workshop", len(CHAT))
    await client.request("POST", "/sandbox/scenes/workshop/replay")
    await client.wait_for("SANDBOX_SCENE", lambda one: one["state"] == "resting" and one["posted"] == len(CHAT))
    said = await client.wait_for("MESSAGE_CREATE", lambda one: one["channel_id"] == str(shown.channel("art").id))
    assert await marked(client, int(said["id"]), "bad") == "deleted, author timed out: rule 1, case N"


async def test_a_trial_ends_without_a_word_while_a_policy_is_compiled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with showing(tmp_path) as mine:
        client = await mine.server.member_client(mine.account("you"))
        mine.judge.may_compile.clear()
        await client.request("POST", "/sandbox/scenes/study/replay")
        await client.wait_for("SANDBOX_SCENE", lambda one: one["state"] == "preparing")
    assert "scene" not in "".join(capsys.readouterr())


async def test_a_policy_is_compiled_when_its_server_is_first_used_and_that_is_said(shown: Shown) -> None:
    assert set(shown.judge.compiled) == {"The Workshop"}
    client = await shown.server.member_client(shown.account("you"))
    guild = shown.guild("The Night Library")
    with held(shown.judge.may_compile):
        message = shown.server.post(shown.account("you"), shown.channel("maths", guild), "rule 1 do my homework")
        told = await client.wait_for("SANDBOX_SCENE", lambda one: one["state"] == "preparing")
        assert (told["guild_id"], told["note"]) == (str(guild.id), "compiling the policy")
    assert (await marked(client, message, "bad")).startswith("deleted, author warned: rule 1")
    await client.wait_for("SANDBOX_SCENE", lambda one: one["state"] == "resting")
    assert shown.judge.compiled.count("The Night Library") == 1
