"""What an earlier try has done on Discord is found again, whatever came after it, and is not done a second time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord, ReviewKind
from bot.pipeline import casework
from bot.pipeline.executor import Executor
from bot.pipeline.lacks import Lacks
from bot.pipeline.metrics import NoMetrics
from bot.pipeline.turns import Turns
from bot.sandbox.model import AuditEntry, User
from bot.sandbox.moderation import BAN, KICK, MEMBER_UPDATE
from bot.sandbox.permissions import VIEW_AUDIT_LOG
from tests.cogs.cases.desk import opened, read, told
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 120
MEMBER = "/guilds/{guild_id}/members/{user_id}"
DONE_BEFORE = (ActionOutcome.DONE, "done before, and not repeated")


def executor(scene: Scene) -> Executor:
    """One that knows only the database, as a process's after a restart."""
    return Executor(scene.stage.trial.app.client, scene.store, NoMetrics(), Turns(), Lacks())


def record_of(case: CaseRecord, kind: ActionKind) -> ActionRecord:
    return next(one for one in case.actions if one.action.kind is kind and one.asked_by is None)


async def unrecorded(scene: Scene, case: CaseRecord, kind: ActionKind) -> None:
    """Let the database say no more than that an action was begun, as where the process died before its outcome.

    It has been down for a while: Discord knows no nonce of it any more.
    """
    await scene.store.cases.attempt(record_of(case, kind).id)
    scene.server.posting._nonces.clear()


async def resumed(scene: Scene, case: CaseRecord, kind: ActionKind) -> tuple[ActionOutcome, str]:
    """What becomes of an action when the next process goes on with the case, whose rule has other words by now."""
    await executor(scene).perform(case, "the rule in other words")
    now = record_of(await read(scene, case), kind)
    return now.outcome, now.note


def entries(scene: Scene, action: int) -> list[AuditEntry]:
    """What the bot has done to the member, by the audit log."""
    mine = [one for one in scene.guild.audit_log if (one.user_id, one.target_id) == (scene.bot.id, scene.member.id)]
    return [one for one in mine if one.action == action]


def others(scene: Scene) -> list[User]:
    """Many others, members of the server too."""
    users = [scene.server.world.add_user(f"another-{number}") for number in range(MANY)]
    for user in users:
        scene.server.world.join(scene.guild, user)
    return users


def timed_out_until(scene: Scene) -> datetime | None:
    until: datetime | None = scene.guild.members[scene.member.id].timed_out_until
    return until


def audit_log_hidden(scene: Scene) -> None:
    """Let the bot see the audit log no more."""
    (role,) = [one for one in scene.guild.roles.values() if one.managed_by == scene.bot.id]
    role.permissions &= ~VIEW_AUDIT_LOG


async def test_a_warning_is_found_though_template_and_rule_have_other_words_by_now(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    await unrecorded(scene, case, ActionKind.WARN)
    await scene.store.guilds.update(scene.guild.id, warning_template="{server}: rule {rule} says {text}")
    assert await resumed(scene, case, ActionKind.WARN) == (ActionOutcome.DONE, "")
    assert len(told(scene, scene.member)) == 1


async def test_a_warning_is_found_though_the_member_has_written_much_to_the_bot(scene: Scene) -> None:
    for number in range(MANY):
        scene.server.post(scene.member, scene.server.world.dm(scene.bot, scene.member), f"why? {number}")
    case = await opened(scene, "3", "a threat")
    await unrecorded(scene, case, ActionKind.WARN)
    assert await resumed(scene, case, ActionKind.WARN) == (ActionOutcome.DONE, "")
    assert [one.author for one in told(scene, scene.member)].count(scene.bot) == 1


async def test_the_warning_of_another_case_is_not_taken_for_this_ones(scene: Scene) -> None:
    first, second = await opened(scene, "3", "a threat"), await opened(scene, "3", "another threat")
    letters = scene.server.world.dm(scene.bot, scene.member)
    scene.server.posting.delete(told(scene, scene.member)[-1])
    await unrecorded(scene, second, ActionKind.WARN)
    assert await resumed(scene, second, ActionKind.WARN) == (ActionOutcome.DONE, "")
    assert [f"case {case.number}" in one.content for case, one in zip((first, second), letters.messages, strict=True)]
    assert len(told(scene, scene.member)) == 2


async def test_who_was_told_why_they_are_kicked_is_not_told_again_in_other_words(scene: Scene) -> None:
    case = await opened(scene, "4", "cheats")
    await unrecorded(scene, case, ActionKind.KICK)
    scene.guild.audit_log.clear()
    scene.server.world.join(scene.guild, scene.member)
    assert await resumed(scene, case, ActionKind.KICK) == (ActionOutcome.DONE, "")
    assert scene.member.id not in scene.guild.members
    assert len(told(scene, scene.member)) == 1


async def test_a_ban_that_a_moderator_lifted_stays_lifted_however_many_were_banned_since(scene: Scene) -> None:
    case = await opened(scene, "5", "a scam")
    await unrecorded(scene, case, ActionKind.BAN)
    scene.server.moderation.unban(scene.guild, scene.owner, scene.member, None)
    for user in others(scene):
        scene.server.moderation.ban(scene.guild, scene.bot, user, 0, "Lawspeaker case 999: rule 5")
    assert await resumed(scene, case, ActionKind.BAN) == DONE_BEFORE
    assert scene.member.id not in scene.guild.bans


async def test_who_came_back_is_not_kicked_again_however_many_were_kicked_since(scene: Scene) -> None:
    case = await opened(scene, "4", "cheats")
    await unrecorded(scene, case, ActionKind.KICK)
    scene.server.world.join(scene.guild, scene.member)
    for user in others(scene):
        scene.server.moderation.kick(
            scene.guild, scene.bot, scene.guild.members[user.id], "Lawspeaker case 999: rule 4"
        )
    assert await resumed(scene, case, ActionKind.KICK) == DONE_BEFORE
    assert scene.member.id in scene.guild.members


async def test_the_kick_of_another_case_is_not_taken_for_this_ones(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casework, "_RETRY_SECONDS", (0.0, 0.0))
    await opened(scene, "4", "cheats")
    scene.server.world.join(scene.guild, scene.member)
    scene.server.fail("DELETE", MEMBER, 503)
    case = await opened(scene, "4", "more cheats")
    assert record_of(case, ActionKind.KICK).outcome is ActionOutcome.DONE
    assert len(entries(scene, KICK)) == 2


async def test_a_kick_that_took_effect_behind_an_error_of_the_server_is_recorded_as_done(scene: Scene) -> None:
    scene.server.fail("DELETE", MEMBER, 500, after=True)
    record = record_of(await opened(scene, "4", "cheats"), ActionKind.KICK)
    assert (record.outcome, record.note) == (ActionOutcome.DONE, "done before, and not repeated")
    assert len(entries(scene, KICK)) == 1


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_member_who_left_before_the_kick_is_said_to_have_left(scene: Scene, hidden: bool) -> None:
    if hidden:
        audit_log_hidden(scene)
    await scene.break_rule("4")
    message = await scene.case_held_up("cheats")
    scene.server.moderation.leave(scene.guild, scene.member)
    record = record_of(await scene.case(message), ActionKind.KICK)
    assert (record.outcome, record.note) == (ActionOutcome.FAILED, "the member has left")


@pytest.mark.parametrize("left", [None, timedelta(minutes=1)])
async def test_a_timeout_that_a_moderator_lifted_or_cut_short_stays_so(scene: Scene, left: timedelta | None) -> None:
    case = await opened(scene, "3", "a threat")
    await unrecorded(scene, case, ActionKind.TIMEOUT)
    until = datetime.now(UTC) + left if left is not None else None
    member = scene.guild.members[scene.member.id]
    scene.server.moderation.time_out(scene.guild, scene.owner, member, until, None)
    assert await resumed(scene, case, ActionKind.TIMEOUT) == DONE_BEFORE
    assert timed_out_until(scene) == until


async def test_a_timeout_is_done_though_the_member_left_before_that_was_recorded(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    await unrecorded(scene, case, ActionKind.TIMEOUT)
    scene.server.moderation.leave(scene.guild, scene.member)
    assert await resumed(scene, case, ActionKind.TIMEOUT) == DONE_BEFORE


async def test_without_the_audit_log_a_timeout_is_set_again_to_the_end_it_had(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    await unrecorded(scene, case, ActionKind.TIMEOUT)
    audit_log_hidden(scene)
    before, scene.guild.members[scene.member.id].timed_out_until = timed_out_until(scene), None
    assert await resumed(scene, case, ActionKind.TIMEOUT) == (ActionOutcome.DONE, "")
    assert timed_out_until(scene) == before


async def test_a_longer_timeout_that_a_moderator_asks_for_is_not_taken_for_the_one_that_was_set(scene: Scene) -> None:
    case = await opened(scene, "3", "a threat")
    longer = Action(ActionKind.TIMEOUT, timedelta(days=1))
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.OTHER, scene.moderator.id, asked=[longer])
    asked = (await read(scene, case)).actions[-1]
    await scene.store.cases.attempt(asked.id)
    await executor(scene).perform_asked(case, "the rule")
    now = (await read(scene, case)).actions[-1]
    assert (now.outcome, now.note) == (ActionOutcome.DONE, "")
    until = timed_out_until(scene)
    assert until is not None
    assert asked.until is not None
    assert abs(until - asked.until) < timedelta(seconds=1)
    assert len(entries(scene, MEMBER_UPDATE)) == 2


async def test_a_ban_that_still_stands_is_not_made_again(scene: Scene) -> None:
    case = await opened(scene, "5", "a scam")
    await unrecorded(scene, case, ActionKind.BAN)
    assert await resumed(scene, case, ActionKind.BAN) == (ActionOutcome.DONE, "")
    assert len(entries(scene, BAN)) == 1
