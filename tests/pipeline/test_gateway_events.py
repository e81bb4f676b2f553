"""Events that come twice, late, in another order, or of places nobody knows: each has one effect, or none."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import structlog

from bot.domain.records import CaseRecord
from bot.sandbox import serialise
from bot.sandbox.faults import Effect
from bot.sandbox.hub import Session
from bot.sandbox.link import guild_create
from bot.sandbox.model import Message
from bot.sandbox.moderation import BAN, KICK, MEMBER_UPDATE, MESSAGE_DELETE
from tests.cogs.cases.desk import opened, press, read, shown, told
from tests.cogs.live import hand
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.pipeline.gateways import all_settled
from tests.pipeline.given_up import became
from tests.stage import Scene, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

NOWHERE = "1234567890"


@pytest_asyncio.fixture(loop_scope="session")
async def calm(scene: Scene, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Scene]:
    """A server at whose end nothing has failed, neither in the bot nor in the library."""
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.ERROR):
        yield scene
        scene.server.gateway.faults.clear()
        await over(scene)
    # An interaction that was told twice is answered twice, and Discord refuses the second answer.
    failed = [one for one in logs if one["log_level"] == "error" and one["event"] != "interaction_failed"]
    assert failed == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def over(scene: Scene) -> None:
    """Return when all that was told so far is settled."""
    await scene.break_none()
    await scene.settled(scene.post("kind words later", author=scene.server.world.add_user("somebody-else")))
    await all_settled(scene)


def session_of(scene: Scene) -> Session:
    """The bot's session."""
    (session,) = scene.server.hub.of(scene.bot)
    assert isinstance(session, Session)
    return session


def tell(scene: Scene, name: str, body: Any) -> None:
    """Tell the bot of an event, whatever happened."""
    session_of(scene).tell(name, body)


def done(scene: Scene, *kinds: int) -> int:
    """How often one of these stands in the audit log."""
    return len([one for one in scene.guild.audit_log if one.action in kinds])


async def the_only(scene: Scene, message: Message) -> CaseRecord:
    """The case of a message, of which everything is there once, after all that may still come has."""
    case = await scene.case(message)
    await over(scene)
    assert len(scene.stage.of(message)) == 1
    mine = [one for one in await scene.store.cases.list(scene.guild.id) if one.submission.message_id == message.id]
    assert [one.number for one in mine] == [case.number]
    assert len([one for one in scene.log.messages if f"Case {case.number}" in str(one.embeds)]) == 1
    return case


# -- twice ---------------------------------------------------------------------------------------------------


async def test_a_message_that_is_told_twice_is_judged_and_acted_on_once(calm: Scene) -> None:
    await calm.break_rule("3")
    calm.server.gateway.faults.add(0, Effect.REPEATED, "MESSAGE_CREATE", times=math.inf)
    case = await the_only(calm, calm.post("a threat"))
    assert became(case) == {"delete": ("done", ""), "warn": ("done", ""), "timeout": ("done", "")}
    assert (done(calm, MESSAGE_DELETE), done(calm, MEMBER_UPDATE), len(told(calm, calm.member))) == (1, 1, 1)


async def test_a_message_that_is_told_again_when_all_is_done_is_not_judged_again(calm: Scene) -> None:
    await calm.break_rule("3")
    message = calm.post("a threat")
    body = serialise.gateway_message(message)
    await calm.case(message)
    for _ in range(3):
        tell(calm, "MESSAGE_CREATE", body)
    await the_only(calm, message)
    assert (done(calm, MESSAGE_DELETE), done(calm, MEMBER_UPDATE), len(told(calm, calm.member))) == (1, 1, 1)


async def test_an_edit_that_is_told_twice_is_judged_and_acted_on_once(calm: Scene) -> None:
    message = calm.post("kind words")
    await calm.settled(message)
    await calm.break_rule("3")
    calm.server.gateway.faults.add(0, Effect.REPEATED, "MESSAGE_UPDATE", times=math.inf)
    calm.server.posting.edit(message, {"content": "a threat"})
    await calm.case(message, edited=True)
    body = serialise.gateway_message(message)
    tell(calm, "MESSAGE_UPDATE", body)
    await over(calm)
    assert [one.submission.revision > 0 for one in calm.stage.of(message)] == [False, True]
    assert (done(calm, MESSAGE_DELETE), done(calm, MEMBER_UPDATE), len(told(calm, calm.member))) == (1, 1, 1)


@pytest.mark.parametrize("label", ["Confirm", "Overturn"])
async def test_a_button_whose_press_is_told_twice_has_its_effect_once(calm: Scene, label: str) -> None:
    case = await opened(calm, "3", "a threat")
    await calm.break_none()
    moderator = await hand(calm, calm.moderator)
    calm.server.gateway.faults.add(0, Effect.REPEATED, "INTERACTION_CREATE")
    await press(moderator, case, label)
    calm.server.gateway.faults.clear()
    await press(moderator, case, "More")
    assert len((await read(calm, case)).reviews) == 1
    assert done(calm, MEMBER_UPDATE) == (2 if label == "Overturn" else 1)


async def test_another_action_whose_choice_is_told_twice_is_done_once(calm: Scene) -> None:
    case = await opened(calm, "2", "come to my shop")
    await calm.break_none()
    moderator = await hand(calm, calm.moderator)
    calm.server.gateway.faults.add(0, Effect.REPEATED, "INTERACTION_CREATE")
    await moderator.client.select(await shown(moderator, case), f"lawspeaker:case:act:{case.number}", ["warn"])

    async def is_warned() -> bool:
        return bool(told(calm, calm.member))

    await until(is_warned)
    await press(moderator, case, "More")
    assert len(told(calm, calm.member)) == 1
    assert len((await read(calm, case)).reviews) == 1


async def test_a_report_that_is_told_twice_is_one_case(calm: Scene) -> None:
    message = calm.post("hateful words")
    await calm.settled(message)
    await calm.break_rule("2")
    reporter = calm.server.world.add_user("a-reporter")
    calm.server.world.join(calm.guild, reporter)
    calm.server.gateway.faults.add(0, Effect.REPEATED, "INTERACTION_CREATE")
    await (await hand(calm, reporter)).menu("Report to moderators", message)
    await over(calm)

    async def is_posted() -> bool:
        return any(one.log_message_id for one in await calm.store.cases.list(calm.guild.id))

    await until(is_posted)
    mine = [one for one in await calm.store.cases.list(calm.guild.id) if one.submission.message_id == message.id]
    assert [one.reporters for one in mine] == [(reporter.id,)]


async def test_what_else_is_told_twice_changes_nothing(calm: Scene) -> None:
    guild, places = calm.guild, calm.server.places
    for name in (
        *("GUILD_CREATE", "GUILD_UPDATE", "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE"),
        *("THREAD_UPDATE", "THREAD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"),
        *("MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
    ):
        calm.server.gateway.faults.add(0, Effect.REPEATED, name, times=math.inf)
    channel = places.create(guild, {"name": "made-twice"})
    places.change(channel, {"topic": "t"})
    thread = places.open_thread(calm.general, calm.member, {"name": "a-thread", "type": 11})
    places.change(thread, {"archived": True})
    role = calm.server.moderation.create_role(guild, "Made twice")
    calm.server.moderation.delete_role(guild, role)
    gone = [calm.post(f"soon gone {number}") for number in range(3)]
    calm.server.posting.delete(gone[0])
    calm.server.posting.delete_many(calm.general, [one.id for one in gone[1:]])
    places.remove(channel)
    tell(calm, "GUILD_CREATE", guild_create(guild, calm.bot, calm.server.world))
    member = serialise.member(guild.members[calm.member.id]) | {"guild_id": str(guild.id)}
    banned = {"guild_id": str(guild.id), "user": serialise.user(calm.member)}
    for name, body in (
        ("GUILD_MEMBER_ADD", member),
        ("GUILD_MEMBER_UPDATE", member),
        ("GUILD_MEMBER_REMOVE", banned),
        ("GUILD_BAN_ADD", banned),
        ("GUILD_BAN_REMOVE", banned),
        ("GUILD_AUDIT_LOG_ENTRY_CREATE", _entry(calm)),
    ):
        tell(calm, name, body)
        tell(calm, name, body)
    await calm.break_rule("1")
    case = await the_only(calm, calm.post("spam"))
    assert became(case) == {"delete": ("done", "")}
    assert (done(calm, BAN), done(calm, KICK), done(calm, MEMBER_UPDATE)) == (0, 0, 0)


def _entry(scene: Scene) -> dict[str, Any]:
    return {
        "guild_id": str(scene.guild.id),
        "id": NOWHERE,
        "user_id": str(scene.moderator.id),
        "target_id": str(scene.member.id),
        "action_type": KICK,
        "changes": [],
    }


# -- in another order ----------------------------------------------------------------------------------------


async def late(scene: Scene, content: str) -> tuple[Message, dict[str, Any]]:
    """A message that the bot is not told of yet, and what it is told later."""
    scene.server.gateway.faults.add(0, Effect.WITHHELD, "MESSAGE_CREATE")
    message = scene.post(content)
    return message, serialise.gateway_message(message)


async def test_an_edit_that_comes_before_its_message_counts_and_the_old_text_does_nothing(calm: Scene) -> None:
    message, body = await late(calm, "a threat")
    calm.server.posting.edit(message, {"content": "kind words"})
    await calm.settled(message, edited=True)
    await calm.break_rule("3")
    tell(calm, "MESSAGE_CREATE", body)
    case = await calm.case(message)
    assert {outcome for outcome, _ in became(case).values()} == {"skipped"}
    assert not calm.gone(message)
    assert (done(calm, MESSAGE_DELETE, MEMBER_UPDATE), told(calm, calm.member)) == (0, [])


async def test_a_deletion_that_comes_before_its_message_leaves_nothing_to_delete(calm: Scene) -> None:
    await calm.break_rule("1")
    message, body = await late(calm, "spam")
    calm.server.posting.delete(message)
    tell(calm, "MESSAGE_CREATE", body)
    assert became(await the_only(calm, message)) == {"delete": ("done", "it was gone already")}
    assert done(calm, MESSAGE_DELETE) == 0


async def test_a_message_that_is_deleted_while_it_is_judged_is_not_deleted_again(calm: Scene) -> None:
    await calm.break_rule("1")
    judge = judge_of(calm)
    with held(judge.may_classify):
        message = calm.post("spam")

        async def is_judged() -> bool:
            return judge.classifying == 1

        await until(is_judged)
        calm.server.posting.delete(message)
    assert became(await the_only(calm, message)) == {"delete": ("done", "it was gone already")}
    assert done(calm, MESSAGE_DELETE) == 0


async def test_a_member_who_left_before_their_message_came_is_not_kicked_and_the_case_is_settled(calm: Scene) -> None:
    await calm.break_rule("4")
    message, body = await late(calm, "I cheat")
    calm.server.moderation.leave(calm.guild, calm.member)
    tell(calm, "MESSAGE_CREATE", body)
    case = await the_only(calm, message)
    ((outcome, note),) = became(case).values()
    assert (outcome, bool(note)) == ("failed", True)
    assert done(calm, KICK) == 0


# -- of places nobody knows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"])
@pytest.mark.parametrize("place", [{"guild_id": NOWHERE}, {"channel_id": NOWHERE}, {"guild_id": None}])
async def test_what_happens_at_a_place_nobody_knows_is_passed_over(
    calm: Scene, name: str, place: dict[str, Any]
) -> None:
    await calm.break_rule("1")
    calm.server.gateway.faults.add(0, Effect.WITHHELD, "MESSAGE_CREATE")
    message = calm.post("spam", channel=calm.server.world.add_channel(calm.guild, "unwatched"))
    body = serialise.gateway_message(message) | {"edited_timestamp": serialise.stamp(message.created_at)}
    changed = {key: value for key, value in (body | place | {"ids": [body["id"]]}).items() if value is not None}
    tell(calm, name, changed)
    case = await the_only(calm, calm.post("spam that is known"))
    assert became(case) == {"delete": ("done", "")}
    assert calm.stage.of(message) == []
    assert not calm.gone(message)
