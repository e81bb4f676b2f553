"""*Overturn* undoes what can be undone, tells what could not be, and puts both on the case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, ReviewKind
from bot.pipeline import undo
from bot.pipeline.lacks import Lacks
from bot.pipeline.turns import Turns
from bot.pipeline.undo import Undoer
from bot.sandbox.moderation import UNBAN
from tests.cogs.cases.desk import look, opened, post_of, press, read, told, two
from tests.cogs.live import hand
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 120
MEMBER_ROUTE = "/guilds/{guild_id}/members/{user_id}"


def undone(case: CaseRecord) -> dict[str, tuple[str, str]]:
    return {one.action.kind.value: (one.undoing.outcome.value, one.undoing.note) for one in case.actions if one.undoing}


def timed_out_until(scene: Scene) -> datetime | None:
    until: datetime | None = scene.guild.members[scene.member.id].timed_out_until
    return until


def another_undoer(scene: Scene) -> Undoer:
    """One that knows only the database, as a process's after a restart."""
    app = scene.stage.trial.app
    return Undoer(app.client, scene.store, Turns(), app.pipeline.reviews.showing, Lacks())


async def overturned(scene: Scene, case: CaseRecord) -> str:
    """What a moderator is told who overturns a case."""
    return (await press(await hand(scene, scene.moderator), case, "Overturn")).content


async def test_the_timeout_is_lifted_the_text_is_offered_back_and_the_warning_stays_said(scene: Scene) -> None:
    case = await opened(scene, "3", "a `threat`\nof two lines")
    assert timed_out_until(scene) is not None
    text = await overturned(scene, case)
    assert timed_out_until(scene) is None
    back = told(scene, scene.member)[-1].content
    assert "A server" in back
    assert f"case {case.number}" in back
    assert "> a \\`threat\\`\n> of two lines" in back
    now = await read(scene, case)
    assert undone(now) == {
        "delete": ("done", "its text was offered back to the author"),
        "warn": ("failed", "a warning that was sent cannot be taken back"),
        "timeout": ("done", "lifted"),
    }
    post = await look(await hand(scene, scene.moderator), case)
    for shown in (text, post.text):
        plain = shown.replace("\\", "")
        assert "↩️ undone: lifted" in plain
        assert "↩️ undone: its text was offered back to the author" in plain
        assert "⚠️ not undone: a warning that was sent cannot be taken back" in plain
    assert f"overturned by <@{scene.moderator.id}>" in post.text


async def test_a_long_text_is_offered_back_as_a_file_and_pings_nobody(scene: Scene) -> None:
    case = await opened(scene, "1", f"@everyone <@{scene.owner.id}> " + "x" * 1_900)
    await overturned(scene, case)
    back = told(scene, scene.member)[-1]
    assert [file.filename for file in back.attachments] == ["your-message.txt"]
    assert (back.mentions, back.mention_everyone) == ([], False)


async def test_the_moderator_is_told_where_the_direct_message_could_not_be_delivered(scene: Scene) -> None:
    scene.member.dms_closed = True
    case = await opened(scene, "1", "spam")
    text = await overturned(scene, case)
    assert "not undone: its text could not be offered back: the author's direct messages are closed" in (
        text.replace("\\", "")
    )
    assert undone(await read(scene, case))["delete"][0] == "failed"


async def test_another_timeout_than_the_one_this_case_set_is_left_alone(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    longer = datetime.now(UTC) + timedelta(days=2)
    scene.guild.members[scene.member.id].timed_out_until = longer
    text = await overturned(scene, case)
    assert "the timeout that holds now is not the one this case set" in text
    assert timed_out_until(scene) == longer


async def test_a_ban_is_lifted(scene: Scene) -> None:
    case = await opened(scene, "5", "a scam")
    assert scene.member.id in scene.guild.bans
    assert "lifted; the member may join again" in await overturned(scene, case)
    assert scene.member.id not in scene.guild.bans
    assert scene.guild.audit_log[-1].reason == f"Lawspeaker case {case.number} was overturned"


async def test_a_ban_that_a_moderator_made_since_is_left_alone(scene: Scene) -> None:
    case = await opened(scene, "5", "a scam")
    scene.server.moderation.unban(scene.guild, scene.owner, scene.member, None)
    scene.server.moderation.ban(scene.guild, scene.owner, scene.member, 0, "my own reasons")
    assert "the ban that stands now is not the one this case made" in await overturned(scene, case)
    assert scene.member.id in scene.guild.bans


async def test_a_kick_cannot_be_undone_and_that_is_said(scene: Scene) -> None:
    case = await opened(scene, "4", "cheats")
    assert "a kick cannot be taken back" in await overturned(scene, case)


async def test_a_permission_that_was_lost_midway_is_named_and_the_rest_is_undone(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    scene.server.fail("PATCH", MEMBER_ROUTE, 403, body={"code": 50013, "message": "Missing Permissions"})
    await overturned(scene, case)
    now = undone(await read(scene, case))
    assert (now["timeout"][0], now["delete"][0]) == ("failed", "done")


async def test_pressing_twice_undoes_nothing_twice(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene, "5", "a scam")
    scene.server.fail(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", 403, body={"code": 50001, "message": "Missing Access"}
    )
    await press(moderator, case, "Overturn")
    assert "was overturned already by" in (await press(manager, case, "Overturn")).content
    assert len([one for one in scene.guild.audit_log if one.action == UNBAN]) == 1


async def test_a_ban_that_was_planned_is_never_made_once_the_case_is_overturned(scene: Scene) -> None:
    await scene.break_rule("5")
    message = await scene.case_held_up("a scam")
    (case,) = await scene.store.cases.list(scene.guild.id)
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.OVERTURN, scene.moderator.id)
    now = await scene.case(message)
    assert {one.action.kind.value: one.outcome.value for one in now.actions} == {"warn": "skipped", "ban": "skipped"}
    assert scene.member.id not in scene.guild.bans


async def test_an_overturned_ban_stays_lifted_when_the_bot_goes_on_with_the_case(scene: Scene) -> None:
    case = await opened(scene, "5", "a scam")
    ban = next(one for one in case.actions if one.action.kind is ActionKind.BAN)
    await scene.store.cases.attempt(ban.id)
    await overturned(scene, case)
    assert scene.member.id not in scene.guild.bans
    pipeline: Any = scene.stage.trial.app.pipeline
    await pipeline._casework.take(await read(scene, case))

    async def closed() -> bool:
        now = await read(scene, case)
        return all(one.outcome not in {ActionOutcome.PLANNED, ActionOutcome.ATTEMPTED} for one in now.actions)

    await until(closed)
    assert scene.member.id not in scene.guild.bans


async def test_what_a_process_that_ended_left_to_undo_is_undone_by_the_next_one_once(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.OVERTURN, scene.moderator.id)
    delete = next(one for one in case.actions if one.action.kind is ActionKind.DELETE)
    await another_undoer(scene).resume()
    assert timed_out_until(scene) is None
    before = len(told(scene, scene.member))
    await scene.store.reviews.undoing(delete.id, ActionOutcome.ATTEMPTED)
    await another_undoer(scene).resume()
    assert len(told(scene, scene.member)) == before
    assert undone(await read(scene, case))["delete"] == ("done", "its text was offered back to the author")
    assert await scene.store.reviews.not_undone() == []


async def test_a_text_that_was_offered_back_is_found_however_much_was_written_after_it(scene: Scene) -> None:
    case = await opened(scene, "1", "spam")
    await overturned(scene, case)
    (offered,) = told(scene, scene.member)
    for number in range(MANY):
        scene.server.post(scene.member, scene.server.world.dm(scene.bot, scene.member), f"thank you {number}")
    scene.server.posting._nonces.clear()
    await scene.store.reviews.undoing(case.actions[0].id, ActionOutcome.ATTEMPTED)
    await another_undoer(scene).resume()
    assert [one for one in told(scene, scene.member) if one.author is scene.bot] == [offered]
    assert undone(await read(scene, case))["delete"] == ("done", "its text was offered back to the author")


async def test_a_case_whose_channel_was_deleted_is_overturned_all_the_same(scene: Scene) -> None:
    channel = scene.server.places.create(scene.guild, {"name": "short-lived"})
    await scene.store.guilds.watch(scene.guild.id, channel.id)
    await scene.break_rule("1")
    case = await scene.case(scene.post("spam", channel=channel))
    scene.server.places.remove(channel)
    assert "its text was offered back to the author" in await overturned(scene, case)


async def test_a_case_whose_post_is_gone_is_overturned_by_its_number(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    scene.server.places.remove(scene.log)
    answer = await (await hand(scene, scene.moderator)).slash("case overturn", number=case.number)
    assert "undone: lifted" in answer.content
    assert timed_out_until(scene) is None


async def test_a_text_that_is_kept_no_longer_is_not_offered_back_and_that_is_said(scene: Scene) -> None:
    case = await opened(scene, "1", "spam")
    await scene.store.retention.clear(datetime.now(UTC) + timedelta(days=31))
    assert "its text is no longer kept" in await overturned(scene, case)
    assert told(scene, scene.member) == []


async def undone_as(scene: Scene, case: CaseRecord, kind: str, expected: tuple[str, str]) -> None:
    """Wait until an action's undoing has an outcome, and its post shows it."""

    async def shows_it() -> bool:
        post = str(post_of(scene, case).embeds).replace("\\", "")
        return undone(await read(scene, case))[kind] == expected and expected[1] in post

    await until(shows_it)


async def test_what_discord_was_away_for_is_tried_again_and_undone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "RETRY_SECONDS", (0.0, 0.0))
    case = await opened(scene, "3", "a threat")
    scene.server.fail("GET", MEMBER_ROUTE, 503, times=2)
    await overturned(scene, case)
    await undone_as(scene, case, "timeout", ("done", "lifted"))
    assert timed_out_until(scene) is None


async def test_an_undoing_whose_answer_was_lost_is_found_done(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "RETRY_SECONDS", (0.0,))
    timeout, ban = await opened(scene, "3", "a threat"), await opened(scene, "5", "a scam")
    scene.server.fail("DELETE", "/guilds/{guild_id}/bans/{user_id}", 503, after=True)
    await overturned(scene, ban)
    await undone_as(scene, ban, "ban", ("done", "lifted; the member may join again"))
    assert len([one for one in scene.guild.audit_log if one.action == UNBAN]) == 1
    scene.server.world.join(scene.guild, scene.member)
    again = await opened(scene, "3", "a threat")
    scene.server.fail("PATCH", MEMBER_ROUTE, 503, after=True)
    await overturned(scene, again)
    await undone_as(scene, again, "timeout", ("done", "lifted"))
    assert timeout.number < again.number


async def test_an_undoing_is_tried_a_bounded_number_of_times_and_its_last_outcome_is_on_the_case(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "RETRY_SECONDS", (0.0, 0.0))
    case = await opened(scene, "3", "a threat")
    scene.server.fail("GET", MEMBER_ROUTE, 503, times=3)
    await overturned(scene, case)
    await undone_as(
        scene, case, "timeout", ("failed", "Discord did not answer: look whether it is undone, else do it by hand")
    )
    assert timed_out_until(scene) is not None
    assert undone(await read(scene, case))["delete"][0] == "done"


async def test_what_is_still_to_be_tried_again_is_said_and_the_next_process_goes_on_with_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "RETRY_SECONDS", (3_600.0,))
    case = await opened(scene, "3", "a threat")
    scene.server.fail("GET", MEMBER_ROUTE, 503)
    assert "Discord did not answer; it is tried again" in await overturned(scene, case)
    assert undone(await read(scene, case))["timeout"][0] == "planned"
    await another_undoer(scene).resume()
    await undone_as(scene, case, "timeout", ("done", "lifted"))
