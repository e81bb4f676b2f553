"""Permission that is missing, or withdrawn midway: nothing is half done, few requests, one notice with the fix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.records import ActionOutcome, CaseRecord
from bot.pipeline import lacks
from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import BAN, DELETE, KICK, READ, TIMEOUT, became
from tests.pipeline.rights import (
    asked,
    breaking,
    cases_in,
    give_back,
    letters_to,
    mended,
    next_process,
    notice_in,
    notices,
    notices_in,
    tell_rights,
    timed_out,
    told,
    withdraw,
    withdraw_unheard,
)
from tests.stage import Scene, away_at_first

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

TWO_FACTOR = {"message": "Two factor is required for this operation", "code": 60003}


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done where a rule is broken: by which request, and what it takes."""

    rule: str
    kind: str
    route: tuple[str, str]
    bit: int
    permission: str


DEEDS = {
    "delete": Deed("1", "delete", DELETE, permissions.MANAGE_MESSAGES, "Manage Messages"),
    "timeout": Deed("3", "timeout", TIMEOUT, permissions.MODERATE_MEMBERS, "Moderate Members"),
    "kick": Deed("4", "kick", KICK, permissions.KICK_MEMBERS, "Kick Members"),
    "ban": Deed("5", "ban", BAN, permissions.BAN_MEMBERS, "Ban Members"),
}
each_deed = pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)


@pytest.fixture(autouse=True)
def _refusals_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(lacks, "HOLD_SECONDS", 600.0)


def nothing_was_done(scene: Scene, case: CaseRecord, deed: Deed) -> None:
    """Fail unless the one action failed, and neither the message nor its author is touched, nor told that they are."""
    assert [one.outcome for one in case.actions] == [ActionOutcome.FAILED]
    assert deed.permission in case.actions[0].note
    assert scene.general.messages.get(case.submission.message_id) is not None
    member = scene.guild.members[case.submission.author_id]
    assert member.timed_out_until is None
    assert letters_to(scene, member.user) == []
    assert len(cases_in(scene.log)) == case.number


@each_deed
async def test_what_the_bot_may_not_do_is_not_asked_for_and_told_once_with_the_fix(scene: Scene, deed: Deed) -> None:
    await breaking(scene, deed.rule)
    await withdraw(scene, deed.bit)
    for number in range(5):
        nothing_was_done(scene, await scene.case(scene.post(f"message {number}")), deed)
    assert asked(scene, deed.route) == 0
    notice = await notice_in(scene, scene.log)
    assert f"Give the role **{scene.stage.trial.application.name}**" in notice.content
    assert f": **{deed.permission}**." in notice.content
    assert (f"<#{scene.general.id}>" in notice.content) is (deed.kind == "delete")
    assert (notice.mentions, notice.mention_roles, notice.mention_everyone) == ([], [], False)


@each_deed
async def test_permission_withdrawn_between_verdict_and_action_is_told_once(scene: Scene, deed: Deed) -> None:
    await breaking(scene, deed.rule)
    withdraw_unheard(scene, deed.bit)
    for number in range(5):
        message = scene.post(f"message {number}")
        assert became(await scene.case(message))[deed.kind][0] == "failed"
        assert not scene.gone(message)
    assert asked(scene, deed.route) == 1, "what was refused a moment ago is not asked for again"
    tell_rights(scene)
    await scene.case(scene.post("a later message"))
    notice = await notice_in(scene, scene.log)
    assert deed.permission in notice.content


@each_deed
async def test_permission_given_back_closes_the_notice_and_the_next_withdrawal_is_told_anew(
    scene: Scene, deed: Deed
) -> None:
    await breaking(scene, deed.rule)
    await withdraw(scene, deed.bit)
    await scene.case(scene.post("the first"))
    first = await notice_in(scene, scene.log)
    await give_back(scene, deed.bit)
    await mended(scene)
    assert first.content.startswith("✅ Mended")
    case = await scene.case(scene.post("the second"))
    assert became(case)[deed.kind][0] == "done"
    scene.server.moderation.join(scene.guild, scene.member)
    scene.guild.members[scene.member.id].timed_out_until = None
    await withdraw(scene, deed.bit)
    await scene.case(scene.post("the third"))
    await told(scene)
    assert [one.id for one in notices_in(scene.log)] == [first.id, notices_in(scene.log)[-1].id]
    assert len(notices_in(scene.log)) == 2


async def test_what_failed_meanwhile_is_not_done_long_after(scene: Scene) -> None:
    await breaking(scene, "1")
    await withdraw(scene, permissions.MANAGE_MESSAGES)
    message = scene.post("spam")
    await scene.case(message)
    await told(scene)
    await give_back(scene, permissions.MANAGE_MESSAGES)
    await mended(scene)
    await scene.stage.trial.app.pipeline._casework.sweep()
    assert not scene.gone(message)


async def test_many_channels_that_lost_the_same_are_one_notice(scene: Scene) -> None:
    await breaking(scene, "1")
    others = [scene.server.places.create(scene.guild, {"name": f"other-{number}"}) for number in range(8)]
    for other in others:
        await scene.store.guilds.watch(scene.guild.id, other.id)
    await withdraw(scene, permissions.MANAGE_MESSAGES)
    for channel in (scene.general, *others):
        await scene.case(scene.post("spam", channel=channel))
    notice = await notice_in(scene, scene.log)
    assert "and 4 more" in notice.content


async def test_many_cases_are_one_notice(scene: Scene) -> None:
    await breaking(scene, "1")
    await withdraw(scene, permissions.MANAGE_MESSAGES)
    for message in [scene.post(f"spam {number}") for number in range(40)]:
        await scene.case(message)
    await notice_in(scene, scene.log)
    assert asked(scene, DELETE) == 0
    assert len(cases_in(scene.log)) == 40


async def test_a_channel_that_the_bot_cannot_read_any_more_is_told_though_nothing_fails_for_it(scene: Scene) -> None:
    await breaking(scene, "1")
    scene.server.places.set_overwrite(scene.general, Overwrite(scene.bot.id, 1, deny=permissions.VIEW_CHANNEL))
    await scene.settled(await elsewhere(scene))
    await notices(scene).look([])
    notice = await notice_in(scene, scene.log)
    assert f"It cannot read <#{scene.general.id}>" in notice.content
    scene.server.places.remove_overwrite(scene.general, scene.bot.id)
    await scene.case(scene.post("spam"))
    await mended(scene)


async def test_history_withdrawn_midway_ends_the_case_and_is_told(scene: Scene) -> None:
    await breaking(scene, "1")
    await withdraw(scene, permissions.READ_MESSAGE_HISTORY)
    message = scene.post("spam")
    case = await scene.case(message)
    assert became(case) == {
        "delete": (
            "failed",
            "the bot may not re-read the message: grant it View Channel and Read Message History there",
        )
    }
    assert asked(scene, READ) == 0
    assert "**Read Message History**" in (await notice_in(scene, scene.log)).content


@pytest.mark.parametrize("rule", ["3", "4", "5"])
async def test_who_ranks_above_the_bot_is_not_told_of_what_cannot_be_done(scene: Scene, rule: str) -> None:
    await breaking(scene, rule)
    high = scene.server.moderation.create_role(scene.guild, "high")
    scene.server.world.join(scene.guild, scene.member, [high])
    for number in range(3):
        case = await scene.case(scene.post(f"message {number}"))
        assert "move the bot's role above" in case.actions[0].note
    assert sum(asked(scene, route) for route in (TIMEOUT, KICK, BAN)) == 0
    assert letters_to(scene, scene.member) == []
    assert "these roles: **high**" in (await notice_in(scene, scene.log)).content
    scene.server.moderation.delete_role(scene.guild, high)
    await scene.settled(await elsewhere(scene))
    await mended(scene)


@pytest.mark.parametrize("deed", [DEEDS["delete"], DEEDS["timeout"]], ids=["delete", "timeout"])
async def test_two_factor_authentication_is_told_and_closed_when_it_works_again(
    scene: Scene, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await breaking(scene, deed.rule)
    scene.server.fail(*deed.route, 403, body=TWO_FACTOR)
    case = await scene.case(scene.post("the first"))
    assert became(case)[deed.kind][0] == "failed"
    assert "two-factor" in (await notice_in(scene, scene.log)).content
    await scene.case(scene.post("at once after it"))
    assert asked(scene, deed.route) == 0, "Discord is not asked again at once"
    monkeypatch.setattr(scene.stage.trial.app.pipeline.lacks, "_held", {})
    assert became(await scene.case(scene.post("later")))[deed.kind][0] == "done"
    await mended(scene)
    (notice,) = notices_in(scene.log)
    assert notice.content.startswith("✅ Mended")


async def test_a_bot_that_is_timed_out_itself_says_so_to_the_owner(scene: Scene) -> None:
    await breaking(scene, "1")
    await timed_out(scene, datetime.now(UTC) + timedelta(hours=1))
    message = scene.post("spam")
    case = await scene.case(message)
    assert became(case)["delete"][0] == "failed"
    assert not scene.gone(message)
    await told(scene)
    (letter,) = letters_to(scene, scene.owner)
    assert "The bot itself is timed out until" in letter
    assert (asked(scene, DELETE), notices_in(scene.log)) == (0, [])
    await timed_out(scene, None)
    await mended(scene)


# -- what is no trouble ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["message", "channel", "member"])
@each_deed
async def test_what_is_gone_midway_is_no_trouble_of_permissions(scene: Scene, deed: Deed, what: str) -> None:
    await breaking(scene, deed.rule)
    message = await scene.case_held_up("what breaks the rule")
    if what == "message":
        scene.server.posting.delete(message)
    elif what == "channel":
        scene.server.places.remove(scene.general)
    else:
        scene.server.moderation.leave(scene.guild, scene.member)
    outcome, _ = became(await scene.case(message))[deed.kind]
    left = what == "member" and deed.kind in {"timeout", "kick"}
    assert outcome == ("failed" if left else "done")
    assert len(cases_in(scene.log)) == 1
    await notices(scene).look([scene.guild.id])
    assert notices_in(scene.log) == []
    assert await scene.store.lacks.of(scene.guild.id) == []


async def test_closed_direct_messages_are_no_trouble(scene: Scene) -> None:
    scene.member.dms_closed = True
    await scene.publish("1. No insults. [warn]")
    await scene.break_rule("1")
    case = await scene.case(scene.post("an insult"))
    assert became(case) == {"warn": ("failed", "the member's direct messages are closed")}
    await notices(scene).look([scene.guild.id])
    assert notices_in(scene.log) == []


# -- restarts ----------------------------------------------------------------------------------------------------


async def test_the_next_process_tells_nobody_anew_and_closes_the_notice(scene: Scene) -> None:
    await breaking(scene, "1")
    await withdraw(scene, permissions.MANAGE_MESSAGES)
    await scene.case(scene.post("spam"))
    notice = await notice_in(scene, scene.log)
    after = await next_process(scene)
    after.look_at(scene.guild.id)
    await after.look([])
    assert notices_in(scene.log) == [notice]
    await give_back(scene, permissions.MANAGE_MESSAGES)
    await (await next_process(scene)).look([scene.guild.id])
    assert notice.content.startswith("✅ Mended")
    assert await scene.store.lacks.of(scene.guild.id) == []


async def test_a_notice_that_was_posted_and_not_recorded_is_found_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await breaking(scene, "1")
    await withdraw(scene, permissions.MANAGE_MESSAGES)
    with monkeypatch.context() as patch:
        patch.setattr(scene.store.lacks, "told", away_at_first(scene.store.lacks.told))
        await scene.case(scene.post("spam"))
        await notices(scene).look([scene.guild.id])
    scene.server.posting._nonces.clear()
    await (await next_process(scene)).look([scene.guild.id])
    await notice_in(scene, scene.log)


async def elsewhere(scene: Scene) -> Any:
    """A message in another watched channel: what happened before it the bot has heard of."""
    other = scene.server.places.create(scene.guild, {"name": "elsewhere"})
    await scene.store.guilds.watch(scene.guild.id, other.id)
    return scene.post("hello", channel=other)
