"""`/privacy forget`: all that a member wrote is erased, wherever it went, and the decisions stay."""

from __future__ import annotations

import asyncio

import discord
import pytest
from sqlalchemy import select

import bot.pipeline.intake
from bot.discord_io.limits import CUSTOM_ID
from bot.domain.records import ReviewKind
from bot.domain.submission import NOBODY
from bot.pipeline.text import text_of
from bot.sandbox.answer import Answer, MemberError
from bot.sandbox.model import User
from bot.store import StoreError
from bot.store.tables import Base
from cogs.forgetting import ForgetButton, forget_view
from tests.cogs.live import Hand, hand, opened_to_all
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.cogs.test_live_publishing import connected
from tests.stage import Scene, Stage, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "come to my secret shop"
NOTHING = "Nothing was left to erase"


async def records(scene: Scene) -> str:
    """All that stands in any table about this server."""
    found = []
    async with scene.store._engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = (await connection.execute(select(table))).mappings()
            mine = {"guild_id": scene.guild.id, "id": scene.guild.id}
            found += [str(dict(row)) for row in rows if any(row.get(key) == value for key, value in mine.items())]
            found += [str(dict(row)) for row in rows if not {"guild_id"} & set(row)]
    return "\n".join(found)


def log_text(scene: Scene) -> str:
    """All posts of the mod log, without what keeps members' words from formatting anything."""
    return "\n".join(f"{post.content} {post.embeds}" for post in scene.log.messages).replace("\\", "")


async def ask(manager: Hand, scene: Scene) -> Answer:
    return await manager.slash("privacy forget", member=scene.member.id)


async def press(manager: Hand, asked: Answer) -> Answer:
    return await manager.press(asked, "Erase for good")


def bystander(scene: Scene) -> User:
    user: User = scene.server.world.add_user("a-bystander")
    scene.server.world.join(scene.guild, user)
    return user


async def a_case(scene: Scene, words: str = SECRET) -> int:
    await scene.break_rule("2")
    case = await scene.case(scene.post(words))
    await scene.break_none()
    return case.number


async def history(scene: Scene) -> int:
    """Ordinary words of a member, words of theirs before another's message, and a case; the case's number."""
    await scene.settled(scene.post("an ordinary secret"))
    await scene.settled(scene.post("the other's words", bystander(scene)))
    number = await a_case(scene)
    await scene.store.reviews.answer(
        scene.guild.id, number, ReviewKind.CONFIRM, scene.moderator.id, note="that secret shop"
    )
    return number


async def test_the_question_says_what_will_happen_and_changes_nothing(scene: Scene) -> None:
    await history(scene)
    before = await records(scene)
    asked = await ask(await hand(scene, scene.manager), scene)
    for part in ("2 messages", "before 1 message of others", "1 case", "the mod log too", "cannot be undone"):
        assert part in asked.content, part
    assert asked.buttons == ["Erase for good"]
    assert asked.shown["mentions"] == []
    assert await records(scene) == before


async def test_no_record_and_no_post_holds_a_word_of_theirs_afterwards_and_the_decision_stays(scene: Scene) -> None:
    number = await history(scene)
    assert "secret" in log_text(scene)
    assert "a-member" in log_text(scene)
    manager = await hand(scene, scene.manager)
    answer = await press(manager, await ask(manager, scene))
    assert answer.content == (
        f"Erased: the words of 2 messages of <@{scene.member.id}>, their words before 1 message of others, what was "
        "made of them in 1 case, and 1 post in the mod log."
    )
    for held_now in (await records(scene), log_text(scene)):
        assert "secret" not in held_now
        assert "a-member" not in held_now
        assert str(scene.member.id) not in held_now
    assert "the other's words" in await records(scene)
    (post,) = scene.log.messages
    assert post.embeds[0]["title"] == f"Case {number} · rule 2 · flagged"
    case = await scene.store.cases.get(scene.guild.id, number)
    assert case is not None
    assert (case.decision.rule, case.submission.author_id) == ("2", NOBODY)
    assert [(one.action.kind.value, one.outcome.value) for one in case.actions] == [("flag", "done")]
    assert [(one.kind, one.reviewer_id, one.note) for one in case.reviews] == [
        (ReviewKind.CONFIRM, scene.moderator.id, "")
    ]


async def test_why_still_tells_the_decision_without_words(scene: Scene) -> None:
    number = await history(scene)
    manager = await hand(scene, scene.manager)
    await press(manager, await ask(manager, scene))
    told = await manager.slash("why", message=str(number))
    assert "Somebody whose records were erased" in told.text
    assert "rule 2" in told.text
    assert "secret" not in told.text


async def test_pressing_again_erases_nothing_more_and_says_so(scene: Scene) -> None:
    await history(scene)
    manager = await hand(scene, scene.manager)
    asked = await ask(manager, scene)
    await press(manager, asked)
    before = await records(scene)
    assert (await press(manager, asked)).content.startswith(NOTHING)
    assert (await ask(manager, scene)).content == f"This server's records hold nothing about <@{scene.member.id}>."
    assert await records(scene) == before


async def test_two_at_once_erase_it_once_and_fail_neither(scene: Scene) -> None:
    await history(scene)
    manager = await hand(scene, scene.manager)
    asked = await ask(manager, scene)
    answers = await asyncio.gather(press(manager, asked), press(manager, asked))
    assert all(answer.content.startswith(("Erased: ", NOTHING)) for answer in answers)
    assert "secret" not in await records(scene)


async def test_somebody_who_left_is_forgotten_by_id(scene: Scene) -> None:
    await history(scene)
    scene.server.moderation.leave(scene.guild, scene.member)
    manager = await hand(scene, scene.manager)
    asked = await manager.slash("privacy forget", user_id=str(scene.member.id))
    assert (await press(manager, asked)).content.startswith("Erased: the words of 2 messages")
    assert "secret" not in await records(scene)


async def test_another_servers_records_and_posts_are_untouched(scene: Scene) -> None:
    other = await scene.stage.scene()
    scene.server.world.join(other.guild, scene.member)
    await other.break_rule("2")
    await other.case(other.post(SECRET, scene.member))
    before = await records(other), log_text(other)
    await history(scene)
    manager = await hand(scene, scene.manager)
    await press(manager, await ask(manager, scene))
    assert "secret" in before[0]
    assert (await records(other), log_text(other)) == before


# -- while the bot judges --------------------------------------------------------------------------------


async def test_a_message_that_is_being_judged_is_neither_acted_on_nor_recorded(scene: Scene) -> None:
    await scene.break_rule("1")
    judge = judge_of(scene)
    manager = await hand(scene, scene.manager)
    with held(judge.may_classify):
        message = scene.post(SECRET)

        async def is_asked() -> bool:
            return judge.classifying == 1

        await until(is_asked)
        asked = await ask(manager, scene)
        assert "1 of them not judged yet, which will not be judged" in asked.content
        await press(manager, asked)
    await scene.break_none()
    await scene.settled(scene.post("a later message", bystander(scene)))

    async def nothing_waits() -> bool:
        return judge.classifying == 0 and not (await scene.store.journal.backlog()).get(scene.guild.id)

    await until(nothing_waits)
    assert not scene.gone(message)
    assert scene.stage.of(message) == []
    assert await scene.store.cases.list(scene.guild.id) == []
    assert "secret" not in await records(scene)
    assert not scene.log.messages
    why = await manager.slash("why", message=str(message.id))
    assert why.content == "That message was not judged: what its author wrote was erased before it was judged."


async def test_a_case_that_is_being_explained_is_posted_without_their_words(scene: Scene) -> None:
    await scene.break_rule("2")
    judge = judge_of(scene)
    manager = await hand(scene, scene.manager)
    with held(judge.may_explain):
        message = scene.post(SECRET)

        async def is_asked() -> bool:
            return judge.explaining == 1

        await until(is_asked)
        answer = await press(manager, await ask(manager, scene))
        assert "1 case still being worked on" in answer.content
    await scene.case(message)
    assert "Case 1 · rule 2" in log_text(scene)
    for held_now in (await records(scene), log_text(scene)):
        assert "secret" not in held_now
    assert (await press(manager, await ask(manager, scene))).content.startswith("Erased")
    assert str(scene.member.id) not in await records(scene)


async def test_a_case_that_is_being_posted_loses_their_words_once_it_is_posted(scene: Scene) -> None:
    await scene.break_rule("2")
    manager = await hand(scene, scene.manager)
    scene.server.fail("POST", "/channels/{channel_id}/messages", 500, delay=0.5, after=True)
    message = scene.post(SECRET)

    async def is_posted() -> bool:
        return bool(scene.log.messages)

    await until(is_posted)
    assert "secret" in log_text(scene)
    await press(manager, await ask(manager, scene))
    await scene.case(message)
    assert "secret" not in log_text(scene)
    assert "secret" not in await records(scene)


async def test_words_that_the_bot_remembers_do_not_come_back_as_context(scene: Scene) -> None:
    await scene.settled(scene.post(SECRET))
    manager = await hand(scene, scene.manager)
    await press(manager, await ask(manager, scene))
    judgement = await scene.settled(scene.post("the other's words", bystander(scene)))
    assert judgement.submission.context == ()
    assert "secret" not in await records(scene)


async def test_a_message_that_was_coming_in_does_not_come_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, go_on, read = asyncio.Event(), asyncio.Event(), 0

    async def slowly(message: discord.Message) -> str:
        """Hold up the two messages; what comes after them is read as ever."""
        nonlocal read
        read += 1
        if read == 2:
            waiting.set()
        if read <= 2:
            await go_on.wait()
        return await text_of(message)

    await scene.settled(scene.post("an ordinary secret"))
    manager = await hand(scene, scene.manager)
    asked = await ask(manager, scene)
    monkeypatch.setattr(bot.pipeline.intake, "text_of", slowly)
    mine, others = scene.post(SECRET), scene.post("the other's words", bystander(scene))
    await asyncio.wait_for(waiting.wait(), 10)
    await press(manager, asked)
    go_on.set()
    judgement = await scene.settled(others)
    assert [entry.text for entry in judgement.submission.context] == []
    assert scene.stage.of(mine) == []
    assert "secret" not in await records(scene)


async def test_what_they_write_afterwards_is_judged_as_before(scene: Scene) -> None:
    await history(scene)
    manager = await hand(scene, scene.manager)
    await press(manager, await ask(manager, scene))
    await scene.break_rule("2")
    case = await scene.case(scene.post("come to my next shop"))
    assert case.submission.author_id == scene.member.id


# -- who may ---------------------------------------------------------------------------------------------


async def test_it_needs_manage_server_when_asked_and_again_when_pressed(scene: Scene) -> None:
    await history(scene)
    manager, moderator = await hand(scene, scene.manager), await hand(scene, scene.moderator)
    with pytest.raises(MemberError, match="50013"):
        await ask(moderator, scene)
    asked = await ask(manager, scene)
    before = await records(scene)
    member = scene.guild.members[scene.manager.id]
    roles = set(member.roles)
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, {scene.moderator_role_id}, None)
    assert (await press(manager, asked)).content == "This needs the permission Manage Server."
    with opened_to_all(scene):
        assert (await ask(moderator, scene)).content == "This needs the permission Manage Server."
    assert await records(scene) == before
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, roles, None)
    assert (await press(manager, asked)).content.startswith("Erased")


async def test_the_button_still_works_after_the_bot_restarted(stage: Stage) -> None:
    """Played by a second application on the same Discord: restarting the stage's own would cost every other test."""
    server, world = stage.trial.server, stage.trial.server.world
    application = world.add_application("Restarted")
    scene = await stage.scene()
    await scene.settled(scene.post(SECRET))
    server.invite(scene.guild, application)
    manager = await hand(scene, scene.manager)
    async with connected(stage, application, scene.guild.id) as client:
        channel = client.get_channel(scene.log.id)
        assert channel is not None
        await channel.send(view=forget_view(scene.member.id))  # type: ignore[union-attr]
    (post,) = await manager.client.messages(scene.log.id)
    async with connected(stage, application, scene.guild.id):
        answer = await manager.client.press(post, "Erase for good")
    server.commands.replace((application.id, None), [])
    assert answer.ephemeral
    assert answer.content.startswith("Erased: the words of 1 message")
    assert "secret" not in await records(scene)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Pick a member, or give the user id of somebody who left: one of the two."),
        ({"user_id": "ana"}, "That is no user's id"),
        ({"user_id": "123456789012345678"}, "This server's records hold nothing about <@123456789012345678>."),
    ],
)
async def test_bad_input_gets_a_sentence_and_no_button(scene: Scene, options: dict[str, str], sentence: str) -> None:
    answer = await (await hand(scene, scene.manager)).slash("privacy forget", **options)
    assert answer.content.startswith(sentence)
    assert answer.buttons == []


async def test_the_button_names_whom_it_is_for_and_fits() -> None:
    view = forget_view(2**63 - 1)
    (button,) = view.children
    assert isinstance(button, ForgetButton)
    assert view.is_persistent()
    assert str(2**63 - 1) in button.custom_id
    assert len(button.custom_id) <= CUSTOM_ID


async def test_an_appeal_sent_in_the_middle_keeps_no_text_and_none_can_be_sent_afterwards(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.break_rule("3")
    case = await scene.case(scene.post(SECRET))
    await scene.break_none()
    erasure, showing = scene.store.erasure, scene.stage.trial.app.pipeline.reviews.showing
    posted = erasure.posted

    async def meanwhile(guild_id: int, member_id: int, limit: int) -> object:
        await scene.store.appeals.lodge(scene.guild.id, case.number, scene.member.id, "my secret reasons")
        await showing.show(case)
        return await posted(guild_id, member_id, limit)

    manager = await hand(scene, scene.manager)
    asked = await ask(manager, scene)
    monkeypatch.setattr(erasure, "posted", meanwhile)
    await press(manager, asked)
    monkeypatch.undo()
    for held_now in (await records(scene), log_text(scene)):
        assert "secret" not in held_now
    with pytest.raises(StoreError, match="is not about a message of yours"):
        await scene.store.appeals.lodge(scene.guild.id, case.number, scene.member.id, "once more")
