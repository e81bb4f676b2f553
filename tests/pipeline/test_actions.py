"""Actions: each is done once on Discord, its outcome recorded; what must not be touched is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.pipeline.actions import PERFORMERS, NotDoneError
from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from bot.sandbox.moderation import BAN, KICK, MESSAGE_DELETE
from tests.stage import ASK, Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


def outcomes(case: CaseRecord) -> dict[str, str]:
    return {record.action.kind.value: record.outcome.value for record in case.actions}


def note(case: CaseRecord, kind: ActionKind) -> str:
    return next(record.note for record in case.actions if record.action.kind is kind)


async def test_delete_takes_the_message_away_with_a_reason_in_the_audit_log(scene: Scene) -> None:
    await scene.break_rule("1")
    message = scene.post("buy my spam")
    case = await scene.case(message)
    assert scene.gone(message)
    assert outcomes(case) == {"delete": "done"}
    entry = scene.guild.audit_log[-1]
    assert (entry.action, entry.user_id) == (MESSAGE_DELETE, scene.bot.id)
    assert entry.reason == f"Lawspeaker case {case.number}: rule 1"


async def test_flag_leaves_the_message_and_makes_a_case(scene: Scene) -> None:
    await scene.break_rule("2")
    message = scene.post("visit my shop")
    case = await scene.case(message)
    assert not scene.gone(message)
    assert outcomes(case) == {"flag": "done"}


async def test_several_actions_of_one_rule_are_all_done(scene: Scene) -> None:
    await scene.break_rule("3")
    message = scene.post("a threat")
    case = await scene.case(message)
    assert outcomes(case) == {"delete": "done", "warn": "done", "timeout": "done"}
    until = scene.guild.members[scene.member.id].timed_out_until
    assert until is not None
    assert timedelta(minutes=59) < until - datetime.now(UTC) <= timedelta(hours=1)
    told = list(scene.server.world.dm(scene.bot, scene.member).messages)
    assert len(told) == 1
    assert "No threats" in told[0].content
    assert f"case {case.number}" in told[0].content


async def test_kick_and_ban_remove_the_member(scene: Scene) -> None:
    await scene.break_rule("4")
    assert outcomes(await scene.case(scene.post("cheats for sale"))) == {"kick": "done"}
    assert scene.member.id not in scene.guild.members
    scene.server.world.join(scene.guild, scene.member)
    await scene.break_rule("5")
    assert outcomes(await scene.case(scene.post("a scam"))) == {"warn": "done", "ban": "done"}
    assert scene.member.id in scene.guild.bans
    assert [one.action for one in scene.guild.audit_log] == [KICK, BAN]


async def test_escalate_calls_a_human_and_never_deletes_or_punishes(scene: Scene) -> None:
    await scene.break_rule("6")
    message = scene.post("I cannot go on")
    case = await scene.case(message)
    assert outcomes(case) == {"escalate": "done"}
    assert note(case, ActionKind.ESCALATE) == ""
    assert not scene.gone(message)
    post = list(scene.log.messages)[-1]
    assert post.mention_roles == [scene.moderator_role_id]
    # The post is the call: it does not say of itself that it is yet to come.
    assert "escalated" in post.embeds[0]["title"]
    assert "escalate done" in str(post.embeds)


async def test_an_escalation_that_pinged_nobody_says_so(scene: Scene) -> None:
    scene.guild.roles[scene.moderator_role_id].mentionable = False
    await scene.break_rule("6")
    case = await scene.case(scene.post("I cannot go on"))
    assert outcomes(case) == {"escalate": "done"}
    assert "nobody was pinged" in note(case, ActionKind.ESCALATE)
    assert "nobody was pinged" in str(list(scene.log.messages)[-1].embeds)


async def test_shadow_mode_judges_and_logs_and_touches_nothing(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    await scene.break_rule("3")
    message = scene.post("a threat")
    case = await scene.case(message)
    assert set(outcomes(case).values()) == {"skipped"}
    assert not scene.gone(message)
    assert scene.guild.members[scene.member.id].timed_out_until is None
    assert len(scene.log.messages) == 1


async def test_shadow_mode_also_holds_for_cases_that_are_open_already(scene: Scene) -> None:
    await scene.break_rule("3")
    message = await scene.case_held_up("a threat")
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    case = await scene.case(message)
    assert set(outcomes(case).values()) == {"skipped"}
    assert note(case, ActionKind.DELETE) == "shadow mode was set meanwhile"
    assert not scene.gone(message)


async def test_nothing_is_done_any_more_where_the_channel_is_watched_no_longer(scene: Scene) -> None:
    await scene.break_rule("1")
    message = await scene.case_held_up("spam")
    await scene.store.guilds.unwatch(scene.guild.id, scene.general.id)
    assert note(await scene.case(message), ActionKind.DELETE) == "the channel is not watched any more"
    assert not scene.gone(message)


async def test_an_uncertain_verdict_goes_to_a_human_and_nothing_is_done(scene: Scene) -> None:
    await scene.break_rule("1", ASK)
    message = scene.post("perhaps spam")
    case = await scene.case(message)
    assert case.decision.outcome is Outcome.REVIEW
    assert case.actions == ()
    assert not scene.gone(message)


async def test_a_message_edited_since_is_not_punished_for_its_old_text(scene: Scene) -> None:
    await scene.break_rule("3")
    message = await scene.case_held_up("a threat")
    await scene.break_none()
    scene.server.posting.edit(message, {"content": "kind words"})
    case = await scene.case(message)
    assert set(outcomes(case).values()) == {"skipped"}
    assert "edited" in note(case, ActionKind.DELETE)
    assert not scene.gone(message)
    assert (await scene.settled(message, edited=True)).decision.outcome is Outcome.ALLOW


async def test_a_message_already_gone_counts_as_deleted(scene: Scene) -> None:
    await scene.break_rule("1")
    scene.server.fail("DELETE", "/channels/{channel_id}/messages/{message_id}", 500, after=True)
    message = scene.post("spam")
    case = await scene.case(message)
    assert scene.gone(message)
    assert outcomes(case) == {"delete": "done"}


async def test_closed_direct_messages_fail_the_warning_alone(scene: Scene) -> None:
    scene.member.dms_closed = True
    await scene.break_rule("3")
    message = scene.post("a threat")
    case = await scene.case(message)
    assert outcomes(case) == {"delete": "done", "warn": "failed", "timeout": "done"}
    assert note(case, ActionKind.WARN) == "the member's direct messages are closed"


def warning(scene: Scene) -> str:
    (told,) = scene.server.world.dm(scene.bot, scene.member).messages
    return str(told.content)


async def test_a_warning_says_that_the_message_was_removed_where_it_was(scene: Scene) -> None:
    await scene.break_rule("3")
    await scene.case(scene.post("a threat"))
    assert "was removed" in warning(scene)


async def test_a_warning_does_not_say_so_where_the_deletion_failed(scene: Scene) -> None:
    scene.server.places.set_overwrite(scene.general, Overwrite(scene.bot.id, 1, deny=permissions.MANAGE_MESSAGES))
    await scene.break_rule("3")
    case = await scene.case(scene.post("a threat"))
    assert outcomes(case) == {"delete": "failed", "warn": "done", "timeout": "done"}
    assert "was removed" not in warning(scene)


async def test_a_timeout_does_not_cut_a_longer_one_short(scene: Scene) -> None:
    longer = datetime.now(UTC) + timedelta(days=1)
    message = scene.post("a threat, written before a moderator steps in")
    scene.guild.members[scene.member.id].timed_out_until = longer
    await scene.settled(message)
    await scene.break_rule("3")
    scene.server.posting.edit(message, {"content": "a threat"})
    case = await scene.case(message, edited=True)
    assert note(case, ActionKind.TIMEOUT) == "the member was timed out for as long already"
    assert scene.guild.members[scene.member.id].timed_out_until == longer


async def test_a_timeout_whose_end_came_before_its_turn_is_not_called_done() -> None:
    passed = datetime.now(UTC) - timedelta(seconds=1)
    record = ActionRecord(
        1, Action(ActionKind.TIMEOUT, timedelta(minutes=1)), ActionOutcome.PLANNED, "", passed, "nonce", None
    )
    with pytest.raises(NotDoneError, match="had passed"):
        await PERFORMERS[ActionKind.TIMEOUT].was_done(None, record)  # type: ignore[arg-type]


async def test_a_missing_permission_is_named_and_nothing_else_is_lost(scene: Scene) -> None:
    place = Overwrite(scene.bot.id, 1, deny=permissions.MANAGE_MESSAGES)
    scene.server.places.set_overwrite(scene.general, place)
    await scene.break_rule("1")
    message = scene.post("spam")
    case = await scene.case(message)
    assert not scene.gone(message)
    assert outcomes(case) == {"delete": "failed"}
    assert note(case, ActionKind.DELETE) == "the bot lacks the permission Manage Messages: grant it to the bot's role"


async def test_a_message_that_cannot_be_re_read_is_left_alone(scene: Scene) -> None:
    await scene.break_rule("1")
    scene.server.fail("GET", "/channels/{channel_id}/messages/{message_id}", 403, body={"code": 50001, "message": "x"})
    message = scene.post("spam")
    case = await scene.case(message)
    assert outcomes(case) == {"delete": "failed"}
    assert not scene.gone(message)


async def test_a_member_above_the_bot_is_out_of_reach_and_the_case_says_what_to_do(scene: Scene) -> None:
    high = scene.server.moderation.create_role(scene.guild, "high")
    scene.server.world.join(scene.guild, scene.member, [high])
    await scene.break_rule("4")
    case = await scene.case(scene.post("cheats"))
    assert outcomes(case) == {"kick": "failed"}
    assert "move the bot's role above" in note(case, ActionKind.KICK)


async def test_the_brake_stops_more_actions_than_the_server_allows(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, brake_actions=2, brake_seconds=60)
    await scene.break_rule("1")
    messages = [scene.post(f"spam {number}") for number in range(4)]
    done = [outcomes(await scene.case(message))["delete"] for message in messages]
    assert sorted(done) == ["done", "done", "skipped", "skipped"]
    assert sum(scene.gone(message) for message in messages) == 2


async def test_every_action_is_recorded_with_its_outcome(scene: Scene) -> None:
    await scene.break_rule("3")
    case = await scene.case(scene.post("a threat"))
    assert all(record.outcome is ActionOutcome.DONE and record.attempted_at for record in case.actions)
