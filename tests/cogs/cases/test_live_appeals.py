"""Members appeal once by the button under what they were told; humans answer, and the answer comes back to them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from discord import Object

from bot.discord_io.appealview import appeal_view
from bot.domain.records import Appeal, CaseRecord
from bot.pipeline import sending
from bot.sandbox.answer import Answer
from bot.sandbox.model import User
from bot.store import StoreError
from tests.cogs.cases.desk import look, opened, press, read, told
from tests.cogs.live import Hand, hand, opened_to_all
from tests.cogs.restarted import connected
from tests.stage import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = "/channels/{channel_id}/messages"
NOT_YOURS = "There is no case here that you could appeal: the button belongs to the member whom the case is about."


async def warned(scene: Scene, rule: str = "3") -> tuple[CaseRecord, Hand]:
    """A case of which its author was told, and its author."""
    return await opened(scene, rule), await hand(scene, scene.member)


async def letter(someone: Hand, words: str = "Your message on") -> dict[str, Any]:
    """The newest direct message of the bot that has these words."""
    channel = await someone.client.dm_channel(someone.scene.bot.id)
    return next(one for one in await someone.client.messages(channel["id"]) if words in one["content"])


async def appeal_button(someone: Hand) -> Answer:
    """Press *Appeal*; an answer that is neither a modal nor ephemeral fails the test."""
    answer = await someone.client.press(await letter(someone), "Appeal")
    assert answer.failure is None
    assert answer.modal is not None or answer.ephemeral
    return answer


async def appealed(someone: Hand, text: str = "that was a joke") -> Answer:
    answer = await appeal_button(someone)
    assert answer.modal is not None
    return await someone.client.submit(answer.modal, {"text": text})


def appeal_of(case: CaseRecord) -> Appeal:
    assert case.appeal is not None
    return case.appeal


async def test_an_appeal_stands_on_the_case_behind_a_spoiler_and_calls_the_moderators_back(scene: Scene) -> None:
    case, member = await warned(scene)
    moderator = await hand(scene, scene.moderator)
    await press(moderator, case, "Confirm")
    done = await appealed(member, f"@everyone <@{scene.owner.id}> **no**")
    assert done.ephemeral
    assert done.content == f"Your appeal against case {case.number} is before the moderators; the answer comes here."
    *_, notice = scene.log.messages
    link = f"https://discord.com/channels/{scene.guild.id}/{scene.log.id}/{case.log_message_id}"
    answered = f"which was answered by <@{scene.moderator.id}>,"
    assert f"The author of case {case.number}, {answered} appeals: {link}" in notice.content
    for shown in (await look(moderator, case), await moderator.slash("case view", number=case.number)):
        assert "||" in shown.text
        assert "\\*\\*no\\*\\*" in shown.text
        assert "@everyone" not in shown.text
    assert (notice.mention_everyone, notice.mentions) == (False, [])
    assert (await read(scene, case)).actions == case.actions, "nobody acted on it"


async def test_a_second_press_says_what_became_of_the_first(scene: Scene) -> None:
    case, member = await warned(scene)
    first = await appeal_button(member)
    await appealed(member)
    assert "the moderators have not answered yet" in (await appeal_button(member)).content
    assert first.modal is not None
    again = await member.client.submit(first.modal, {"text": "another one"})
    assert f"You have appealed case {case.number} already" in again.content
    assert appeal_of(await read(scene, case)).text == "that was a joke"
    moderator = await hand(scene, scene.moderator)
    sent = await moderator.slash("case answer", number=case.number, text="It did not read like one @everyone")
    assert sent.content == f"The author of case {case.number} has your answer."
    for where in (told(scene, scene.member)[-1].content, (await appeal_button(member)).content):
        assert "It did not read like one" in where
        assert "@everyone" not in where
    late = await moderator.slash("case answer", number=case.number, text="once more")
    assert f"was answered already by <@{scene.moderator.id}>" in late.content
    await moderator.slash("case overturn", number=case.number)
    assert "the moderators overturned the case" in (await appeal_button(member)).content


async def test_the_member_is_told_when_the_case_is_overturned_or_stands_after_an_appeal(scene: Scene) -> None:
    for label, words in (("Overturn", "overturned it: what could be undone is undone"), ("Confirm", "and it stands")):
        case, member = await warned(scene)
        await appealed(member)
        await press(await hand(scene, scene.moderator), case, label)
        last = told(scene, scene.member)[-1].content
        assert f"looked at case {case.number} again after your appeal, and" in last
        assert words in last


async def test_nobody_is_told_of_a_case_that_was_not_appealed(scene: Scene) -> None:
    case, _ = await warned(scene, "5")
    before = len(told(scene, scene.member))
    moderator = await hand(scene, scene.moderator)
    await press(moderator, case, "Confirm")
    none = await moderator.slash("case answer", number=case.number, text="hello")
    assert none.content == f"Case {case.number} was not appealed: there is nobody to answer."
    assert len(told(scene, scene.member)) == before


@pytest.mark.parametrize("rule", ["4", "5"])
async def test_who_was_kicked_or_banned_can_appeal_afterwards(scene: Scene, rule: str) -> None:
    case, member = await warned(scene, rule)
    assert scene.member.id not in scene.guild.members
    await appealed(member)
    assert appeal_of(await read(scene, case)).text == "that was a joke"


async def test_a_modal_that_is_closed_without_an_appeal_leaves_nothing_behind(scene: Scene) -> None:
    _, member = await warned(scene)
    store = scene.stage.trial.app.client._connection._view_store
    before = dict(store._modals)
    for _ in range(3):
        assert (await appeal_button(member)).modal is not None
    assert store._modals == before


async def test_button_and_modal_work_in_a_process_that_did_not_send_them(scene: Scene) -> None:
    case, member = await warned(scene)
    server = scene.server
    application = server.world.add_application("Restarted")
    server.invite(scene.guild, application)
    async with connected(scene.stage, application, scene.guild.id) as client:
        channel = await client.create_dm(Object(scene.member.id))
        await channel.send("You were warned.", view=appeal_view(scene.guild.id, case.number))
    where = await member.client.dm_channel(application.bot.id)
    (message,) = await member.client.messages(where["id"])
    async with connected(scene.stage, application, scene.guild.id):
        opened_modal = await member.client.press(message, "Appeal")
        assert opened_modal.modal is not None
    async with connected(scene.stage, application, scene.guild.id):
        await member.client.submit(opened_modal.modal, {"text": "after a restart"})
    server.commands.replace((application.id, None), [])
    assert appeal_of(await read(scene, case)).text == "after a restart"


async def forge(scene: Scene, user: User, custom_id: str) -> str:
    """What somebody is told who presses a button in a direct message of the bot's with an id of their making."""
    stored = told(scene, user)[-1]
    stored.components[0]["components"][0]["custom_id"] = custom_id
    someone = await hand(scene, user)
    channel = await someone.client.dm_channel(scene.bot.id)
    message = await someone.client.message(channel["id"], stored.id)
    assert message is not None
    answer = await someone.client.press(message, custom_id)
    assert answer.modal is None
    return answer.content


async def test_a_forged_button_gets_one_sentence_and_reaches_no_case(scene: Scene) -> None:
    anothers, _ = await warned(scene)
    other = scene.server.world.add_user("another-member")
    scene.server.world.join(scene.guild, other)
    await scene.case(scene.post("mine", author=other))
    await scene.break_rule("2")
    untold = await scene.case(scene.post("only flagged", author=other))
    for guild_id, number in (
        (scene.guild.id, anothers.number),
        (scene.guild.id, untold.number),
        (scene.guild.id, 999_999_999),
        (1, 1),
        (9_999_999_999_999_999_999, 1),
    ):
        assert await forge(scene, other, f"lawspeaker:appeal:{guild_id}:{number}") == NOT_YOURS
    assert (await read(scene, anothers)).appeal is None


async def test_an_overturned_case_needs_no_appeal(scene: Scene) -> None:
    case, member = await warned(scene)
    await press(await hand(scene, scene.moderator), case, "Overturn")
    answer = await appeal_button(member)
    assert answer.content == (f"The moderators overturned case {case.number} already: there is nothing to appeal.")


async def test_closed_direct_messages_are_noted_and_the_answer_can_be_given_again(scene: Scene) -> None:
    case, member = await warned(scene)
    await appealed(member)
    moderator = await hand(scene, scene.moderator)
    scene.member.dms_closed = True
    sent = await moderator.slash("case answer", number=case.number, text="no")
    assert "the member could not be told: their direct messages are closed" in sent.content
    assert "their direct messages are closed" in (await look(moderator, case)).text
    scene.member.dms_closed = False
    again = await moderator.slash("case answer", number=case.number, text="still no")
    assert again.content == f"The author of case {case.number} has your answer."
    assert "closed" not in (await look(moderator, case)).text


@pytest.mark.parametrize("status", [500, 503, 0])
async def test_what_is_told_of_an_appeal_is_told_once_though_the_answers_of_discord_are_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(sending, "AGAIN_SECONDS", 0.0)
    case, member = await warned(scene)
    moderator = await hand(scene, scene.moderator)
    scene.server.fail("POST", MESSAGES, status, after=True)
    await appealed(member)
    assert len([one for one in scene.log.messages if "appeals: " in one.content]) == 1
    scene.server.fail("POST", MESSAGES, status, after=True)
    sent = await moderator.slash("case answer", number=case.number, text="It did not read like one")
    assert sent.content == f"The author of case {case.number} has your answer."
    scene.server.fail("POST", MESSAGES, status, after=True)
    await press(moderator, case, "Confirm")
    for words in ("It did not read like one", "and it stands"):
        assert len([one for one in told(scene, scene.member) if words in one.content]) == 1
    assert appeal_of(await read(scene, case)).note == ""


async def test_while_one_answer_is_being_sent_nobody_gives_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, member = await warned(scene)
    await appealed(member)
    by_one = scene.stage.trial.app.pipeline.reviews.appeals
    send, others = by_one._sent, []

    async def sent_while_another_answers(*arguments: Any) -> str:
        if not others:
            others.append(asyncio.create_task(by_one.answer(case, scene.manager.id, "the other answer")))
            await asyncio.wait(others, timeout=0.5)
        return await send(*arguments)

    monkeypatch.setattr(by_one, "_sent", sent_while_another_answers)
    await by_one.answer(case, scene.moderator.id, "the one answer")
    with pytest.raises(StoreError, match="was answered already"):
        await others[0]
    answers = [one.content for one in told(scene, scene.member) if "answer your appeal" in one.content]
    assert len(answers) == 1
    assert "the one answer" in answers[0]


async def test_what_a_member_appealed_is_erased_with_them(scene: Scene) -> None:
    case, member = await warned(scene)
    await appealed(member, "my secret reasons")
    manager = await hand(scene, scene.manager)
    assert "my secret reasons" in (await look(manager, case)).text
    await scene.store.erasure.erase(scene.guild.id, scene.member.id, [])
    now = await read(scene, case)
    assert (appeal_of(now).text, appeal_of(now).answer) == ("", "")


async def test_only_moderators_answer(scene: Scene) -> None:
    case, member = await warned(scene)
    await appealed(member)
    other = scene.server.world.add_user("another-member")
    scene.server.world.join(scene.guild, other)
    with opened_to_all(scene):
        refused = await (await hand(scene, other)).slash("case answer", number=case.number, text="x")
    assert refused.content == "Only moderators may do this: it needs Manage Messages or a role this server named."
    assert appeal_of(await read(scene, case)).answered_at is None
