"""`/why` and the menu *Why?*: for moderators, about messages of their own server, seen by nobody else."""

from __future__ import annotations

import pytest

from bot.discord_io.embeds import message_link
from bot.sandbox.model import Message
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.cogs.live import hand
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.stage import ASK, Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "words that stay here"


def link(message: Message) -> str:
    assert message.channel.guild is not None
    return message_link(message.channel.guild.id, message.channel.id, message.id)


async def test_a_message_with_a_case_is_told_with_rule_reason_quote_probability_version_and_number(
    scene: Scene,
) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    message = scene.post("come to my shop today")
    case = await scene.case(message)
    assert case.verdict is not None
    for answer in (
        await moderator.slash("why", message=link(message)),
        await moderator.slash("why", message=str(message.id)),
        await moderator.slash("why", message=f"{message.channel.id}-{message.id}"),
        await moderator.slash("why", message=f"case {case.number}"),
        await moderator.why(message),
    ):
        text = answer.text.replace("\\", "")
        for part in (
            f"Case {case.number}",
            "No advertising",
            case.verdict.rationale,
            case.verdict.quote,
            f"{case.verdict.probabilities['2']:.0%}",
            "version 1",
        ):
            assert part in text, part


async def test_a_deleted_message_is_still_told(scene: Scene) -> None:
    await scene.break_rule("1")
    message = scene.post("spam")
    await scene.settled(message)
    assert scene.gone(message)
    text = (await (await hand(scene, scene.moderator)).slash("why", message=link(message))).text
    assert "deleted" in text
    assert "spam" in text


async def test_an_allowed_message_is_told_with_its_likeliest_rules_and_the_version(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    message = scene.post("hello there")
    judgement = await scene.settled(message)
    assert judgement.verdict is not None
    likeliest = max(judgement.verdict.probabilities.values())
    for answer in (await moderator.slash("why", message=str(message.id)), await moderator.why(message)):
        assert answer.embeds[0]["title"] == "Allowed"
        assert f"{likeliest:.0%} · rule" in answer.text
        assert "version 1" in answer.text
        assert "hello there" in answer.text


async def test_an_edited_message_is_told_as_it_was_edited(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    message = scene.post("first words")
    await scene.settled(message)
    scene.server.posting.edit(message, {"content": "other words"})
    await scene.settled(message, edited=True)
    text = (await moderator.why(message)).text
    assert "other words" in text
    assert "as edited" in text


async def test_a_message_that_waits_to_be_judged_is_told_so(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    with held(judge_of(scene).may_classify):
        message = scene.post("words")
        await scene.queued(1)
        answer = await moderator.why(message)
    assert answer.content == "That message came in and waits to be judged: ask again in a moment."
    await scene.settled(message)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("what", "Give a message's link, its id, or a case's number."),
        ("7", "There is no case 7 on this server."),
        ("9" * 20, "That is no message of Discord's: copy its link or id again."),
        ("123456789012345678", "Nothing is on record for that message, and it is not in that channel: "),
    ],
)
async def test_what_is_no_message_gets_a_sentence(scene: Scene, given: str, sentence: str) -> None:
    answer = await (await hand(scene, scene.moderator)).slash("why", message=given)
    assert answer.content.startswith(sentence)
    assert answer.embeds == []


async def test_another_servers_messages_are_not_told_by_link_id_or_number(scene: Scene) -> None:
    other = await scene.stage.scene()
    await other.break_rule("2")
    message = other.post(SECRET)
    case = await other.case(message)
    moderator = await hand(scene, scene.moderator)
    disguised = message_link(scene.guild.id, message.channel.id, message.id)
    for given in (link(message), disguised, str(message.id), f"{message.channel.id}-{message.id}", f"{case.number}"):
        answer = await moderator.slash("why", message=given)
        assert SECRET not in answer.text
        assert answer.embeds == []
    assert (
        await moderator.slash("why", message=link(message))
    ).content == "That message is on another server: ask there."


async def test_a_channel_hidden_from_a_moderator_stays_hidden(scene: Scene) -> None:
    hidden = [{"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    channel = scene.server.places.create(scene.guild, {"name": "council", "permission_overwrites": hidden})
    await scene.store.guilds.watch(scene.guild.id, channel.id)
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post(SECRET, channel=channel))
    await scene.break_none()
    allowed = scene.post(SECRET, channel=channel)
    await scene.settled(allowed)
    moderator, owner = await hand(scene, scene.moderator), await hand(scene, scene.owner)
    for given in (str(case.number), link(allowed), str(allowed.id)):
        refused = await moderator.slash("why", message=given)
        assert refused.content == "That message is in a channel you cannot see."
        assert SECRET in (await owner.slash("why", message=given)).text


async def test_what_members_wrote_pings_formats_and_links_nothing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    hostile = f"**@everyone** <@{scene.owner.id}> [free](https://gift.example) ||`"
    allowed = scene.post(hostile)
    await scene.settled(allowed)
    await scene.break_rule("2", ASK)
    cased = scene.post(hostile)
    await scene.case(cased)
    for answer in (await moderator.why(allowed), await moderator.why(cased)):
        shown = answer.text
        for active in ("@everyone", f"<@{scene.owner.id}>", "[free]", "](https://gift", "**@"):
            assert active not in shown
        assert answer.shown["mentions"] == []
        assert not answer.shown["mention_everyone"]
