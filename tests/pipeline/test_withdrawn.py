"""Permission that is missing, or withdrawn midway: nothing is half done, few requests, one notice with the fix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.records import ActionOutcome, CaseRecord
from bot.sandbox import permissions
from bot.sandbox.model import Overwrite
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import BAN, DELETE, KICK, POST, READ, TIMEOUT, became
from tests.pipeline.rights import (
    cases_in,
    forgotten,
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

POLICY = """1. No spam. [delete]
2. No advertising. [flag]
3. No threats. [timeout 1h]
4. No cheating. [kick]
5. No scams. [ban]
6. Somebody may hurt themselves. [escalate]
"""
TWO_FACTOR = {"message": "Two factor is required for this operation", "code": 60003}
MISSING = {"message": "Missing Permissions", "code": 50013}
LOCKED = {"message": "Thread is locked", "code": 160005}
REFUSING: dict[str, Any] = {"status": 403, "body": MISSING}


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


async def breaking(scene: Scene, rule: str) -> None:
    """From here on every message breaks this rule."""
    await scene.publish(POLICY)
    await scene.break_rule(rule)
    scene.server.faults.clear()
    scene.stage.exchanges.clear()


def asked(scene: Scene, route: tuple[str, str]) -> int:
    """How often the bot used a route of a server."""
    return sum((one.method, one.template) == route for one in scene.stage.exchanges if one.by_bot)


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


# -- where cases are posted --------------------------------------------------------------------------------------


async def with_review(scene: Scene) -> Any:
    """A server with a review channel; every message calls a human."""
    review = scene.server.places.create(scene.guild, {"name": "review"})
    await scene.store.guilds.update(scene.guild.id, review_channel_id=review.id)
    await breaking(scene, "6")
    return review


@pytest.mark.parametrize("how", ["hidden", "mute", "without embeds", "deleted", "refusing", "locked"])
async def test_a_review_channel_that_takes_no_posts_is_told_once_in_the_log(scene: Scene, how: str) -> None:
    review = await with_review(scene)
    denied = {
        "hidden": permissions.VIEW_CHANNEL,
        "mute": permissions.SEND_MESSAGES,
        "without embeds": permissions.EMBED_LINKS,
    }
    if how in denied:
        scene.server.places.set_overwrite(review, Overwrite(scene.bot.id, 1, deny=denied[how]))
    elif how == "deleted":
        await forgotten(scene, review)
    for number in range(3):
        if how == "locked" or (how == "refusing" and number == 0):
            scene.server.fail(*POST, **({"status": 400, "body": LOCKED} if how == "locked" else REFUSING))
        await called(scene, number)
        await told(scene)
    notice = await notice_in(scene, scene.log)
    assert f"<#{review.id}>" in notice.content
    assert not list(review.messages)
    assert len(cases_in(scene.log)) == 3
    assert asked(scene, POST) == 4, "three cases and a notice"


async def called(scene: Scene, number: int) -> None:
    """A human is called in the log, in place of the review channel."""
    case = await scene.case(scene.post(f"I cannot go on {number}"))
    outcome, note = became(case)["escalate"]
    assert outcome == "done"
    assert note.startswith("posted here, because ")


@pytest.mark.parametrize("how", ["hidden", "deleted"])
async def test_a_log_channel_that_takes_no_posts_is_told_in_the_review_channel(scene: Scene, how: str) -> None:
    review = await with_review(scene)
    await scene.break_rule("2")
    if how == "deleted":
        await forgotten(scene, scene.log)
    else:
        scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.VIEW_CHANNEL))
    for number in range(3):
        assert (await scene.case(scene.post(f"a shop {number}"))).log_message_id is None
    assert f"<#{scene.log.id}>" in (await notice_in(scene, review)).content
    assert asked(scene, POST) == 1
    if how == "deleted":
        await scene.store.guilds.update(scene.guild.id, log_channel_id=review.id)
    else:
        scene.server.places.remove_overwrite(scene.log, scene.bot.id)
        await scene.settled(scene.post("nothing"))
    await mended(scene)


async def test_a_log_channel_that_is_deleted_is_told_before_a_case_needs_it(scene: Scene) -> None:
    review = await with_review(scene)
    other = scene.server.places.create(scene.guild, {"name": "other"})
    await forgotten(scene, other)
    await forgotten(scene, scene.log)
    notice = await notice_in(scene, review)
    assert f"<#{scene.log.id}>" in notice.content
    assert f"<#{other.id}>" not in notice.content


async def test_where_no_channel_takes_a_notice_the_owner_is_told_once(scene: Scene) -> None:
    await breaking(scene, "6")
    await withdraw(scene, permissions.SEND_MESSAGES)
    for number in range(3):
        case = await scene.case(scene.post(f"I cannot go on {number}"))
        assert became(case)["escalate"][0] == "failed"
    await told(scene)
    await notices(scene).look([scene.guild.id])
    (letter,) = letters_to(scene, scene.owner)
    assert f"It cannot post cases in <#{scene.log.id}>" in letter


async def test_an_owner_who_takes_no_letters_is_asked_once_and_moderators_are_told_when_it_is_possible(
    scene: Scene,
) -> None:
    scene.owner.dms_closed = True
    await breaking(scene, "2")
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.SEND_MESSAGES))
    await scene.case(scene.post("a shop"))
    for _ in range(3):
        await notices(scene).look([scene.guild.id])
    assert asked(scene, POST) <= 1
    scene.server.places.set_overwrite(scene.log, Overwrite(scene.bot.id, 1, deny=permissions.EMBED_LINKS))
    await scene.case(scene.post("another shop"))
    await notices(scene).look([scene.guild.id])
    assert "**Embed Links**" in (await notice_in(scene, scene.log)).content


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
