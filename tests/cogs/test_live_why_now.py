"""`/why` and *Why?* on a message that was never judged: it is judged now, and nothing is kept and nothing done."""

from __future__ import annotations

from typing import Any

import pytest

from bot.discord_io.embeds import message_link
from bot.sandbox.answer import Answer
from bot.sandbox.model import Message, User
from bot.sandbox.permissions import MANAGE_THREADS, READ_MESSAGE_HISTORY, VIEW_CHANNEL
from tests.cogs.by_words import ByWords, judging_by_words
from tests.cogs.live import hand, nothing_changes
from tests.cogs.scripted_stage import running_stage
from tests.stage import ALWAYS, Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

TITLE = "Judged just now: nothing was kept and nothing was done"


@pytest.fixture
def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> ByWords:
    return judging_by_words(scene, monkeypatch)


def link(message: Message) -> str:
    assert message.channel.guild is not None
    return message_link(message.channel.guild.id, message.channel.id, message.id)


def elsewhere(scene: Scene, name: str = "elsewhere", **body: Any) -> Any:
    """A channel that is not watched."""
    return scene.server.places.create(scene.guild, {"name": name, **body})


def field(answer: Answer, name: str) -> str:
    (embed,) = answer.embeds
    return next(str(one["value"]) for one in embed["fields"] if one["name"] == name)


async def asked(scene: Scene, message: Message, by: User | None = None) -> tuple[Answer, Answer]:
    """What a moderator is told by the command and by the menu."""
    moderator = await hand(scene, by or scene.moderator)
    return await moderator.slash("why", message=link(message)), await moderator.why(message)


async def untouched(scene: Scene, message: Message) -> bool:
    """Whether a message stands, and nothing in the database tells that anybody asked about it."""
    journal, cases = scene.store.journal, scene.store.cases
    return (
        not scene.gone(message)
        and await journal.judgement(scene.guild.id, message.id) is None
        and await journal.latest_revision(message.id) is None
        and await cases.list(scene.guild.id) == []
        and not scene.log.messages
    )


async def test_a_message_of_a_channel_that_is_not_watched_is_judged_now_rule_by_rule_and_nothing_is_done(
    scene: Scene, judge: ByWords
) -> None:
    await scene.break_rule("1", ALWAYS)
    message = scene.post("this is spam", channel=elsewhere(scene))
    async with nothing_changes(scene):
        answers = await asked(scene, message)
    for answer in answers:
        assert answer.content == "That message was not judged: the channel is not watched."
        assert answer.embeds[0]["title"] == TITLE
        would = field(answer, "Would be done")
        assert would == "nothing, as the channel is not watched; if it were judged: delete"
        rules = field(answer, "Rules, the likeliest first").splitlines()
        assert rules[0] == "97% · rule 1: No spam."
        assert [line.split(" · ")[1].split(":")[0] for line in rules] == [f"rule {key}" for key in "123456"]
        assert field(answer, "Policy") == "version 1"
        assert field(answer, "Reason") == "It says what rule 1 forbids."
        assert "this is spam" in answer.text
    assert await untouched(scene, message)


async def test_an_exempt_authors_message_is_judged_now_and_the_exemption_is_named(scene: Scene, judge: ByWords) -> None:
    await scene.break_rule("1", ALWAYS)
    message = scene.post("this is spam", author=scene.manager)
    for answer in await asked(scene, message):
        assert answer.content == "That message was not judged: moderators are exempt."
        assert field(answer, "Would be done") == "nothing, as moderators are exempt; if it were judged: delete"
    assert await untouched(scene, message)


async def test_a_message_posted_before_its_channel_was_watched_is_judged_now(scene: Scene, judge: ByWords) -> None:
    await scene.break_rule("1", ALWAYS)
    channel = elsewhere(scene)
    before = scene.post("earlier words", channel=channel)
    message = scene.post("this is spam", channel=channel)
    await scene.store.guilds.watch(scene.guild.id, channel.id)
    for answer in await asked(scene, message):
        assert "it was posted before its channel was watched" in answer.content
        assert field(answer, "Would be done") == "delete"
    text, _, context = judge.asked[-1]
    assert (text, [one.text for one in context]) == ("this is spam", [before.content])
    assert await untouched(scene, message)


async def test_where_the_mode_is_off_a_message_is_judged_now(scene: Scene, judge: ByWords) -> None:
    await (await hand(scene, scene.manager)).slash("mode", mode="off")
    message = scene.post("hello")
    for answer in await asked(scene, message):
        assert answer.content == "That message was not judged: the mode there is off."
        assert field(answer, "Would be done").endswith("if it were judged: nothing: the message is fine")
    assert await untouched(scene, message)


async def test_one_that_came_in_while_no_policy_was_live_is_told_why_and_judged_once_there_is_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await stage.scene(policy=None)
    judging_by_words(scene, monkeypatch)
    message = scene.post("this is spam")
    reason = (await scene.settled(message)).decision.reason
    for answer in await asked(scene, message):
        assert answer.content.startswith(f"That message was not judged: {reason}. There is no policy yet")
    await scene.publish("1. No spam. [delete]")
    for answer in await asked(scene, message):
        assert (answer.content, answer.embeds[0]["title"]) == (f"That message was not judged: {reason}.", TITLE)
    scene.server.posting.delete(message)
    assert (await (await hand(scene, scene.moderator)).slash("why", message=link(message))).embeds == []
    assert not await scene.store.cases.list(scene.guild.id)


async def test_deleted_unreachable_and_empty_messages_get_one_clear_sentence(scene: Scene, judge: ByWords) -> None:
    moderator = await hand(scene, scene.moderator)
    channel = elsewhere(scene)
    gone, empty, closed = (scene.post(words, channel=channel) for words in ("gone", "empty", "closed"))
    scene.server.posting.delete(gone)
    empty.content = ""
    assert "it was deleted" in (await moderator.slash("why", message=link(gone))).content
    assert "no channel here" in (await moderator.slash("why", message=f"{10**17}-{gone.id}")).content
    assert (await moderator.why(empty)).content == "That message has no text to judge."
    scene.server.fail("GET", "/channels/{channel_id}/messages/{message_id}", 403)
    assert "give me View Channel" in (await moderator.slash("why", message=link(closed))).content
    judge.away = "The judge is restarting: try again."
    answer = await moderator.why(closed)
    assert answer.content.endswith("It could not be judged now either: The judge is restarting: try again.")
    assert judge.asked == []


@pytest.mark.parametrize(
    ("denied", "sentence"),
    [
        (VIEW_CHANNEL, "That message is in a channel you cannot see."),
        (READ_MESSAGE_HISTORY, "That message is in a channel whose earlier messages you may not read."),
    ],
)
async def test_what_a_moderator_may_not_read_is_not_judged_for_them(
    scene: Scene, judge: ByWords, denied: int, sentence: str
) -> None:
    deny = [{"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(denied)}]
    message = scene.post("this is spam", channel=elsewhere(scene, "council", permission_overwrites=deny))
    moderator = await hand(scene, scene.moderator)
    assert (await moderator.slash("why", message=link(message))).content == sentence
    assert judge.asked == []
    assert "this is spam" in (await (await hand(scene, scene.owner)).slash("why", message=link(message))).text


async def test_a_private_thread_is_read_for_who_is_in_it_alone(scene: Scene, judge: ByWords) -> None:
    deny = [{"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(MANAGE_THREADS)}]
    parent = elsewhere(scene, permission_overwrites=deny)
    thread = scene.server.places.open_thread(parent, scene.owner, {"name": "secret", "type": 12})
    scene.server.places.join_thread(thread, scene.bot)
    message = scene.post("this is spam", author=scene.owner, channel=thread)
    moderator = await hand(scene, scene.moderator)
    refused = await moderator.slash("why", message=link(message))
    assert refused.content == "That message is in a channel you cannot see."
    scene.server.places.join_thread(thread, scene.moderator)
    assert "this is spam" in (await moderator.slash("why", message=link(message))).text


async def test_the_longest_texts_and_most_rules_stay_within_discords_limits(scene: Scene, judge: ByWords) -> None:
    await scene.publish("\n".join(f"{number}. No " + "|*_" * 100 + " spam. [delete]" for number in range(1, 21)))
    message = scene.post("||" + "*|" * 990, channel=elsewhere(scene))
    for answer in await asked(scene, message):
        assert len(field(answer, "Rules, the likeliest first").splitlines()) == 20
