"""The select under a case: another action, for whoever could do it by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Mode
from bot.domain.records import CaseRecord, CaseStatus, ReviewKind
from bot.sandbox import permissions
from bot.sandbox.answer import Answer
from bot.sandbox.model import Overwrite
from tests.cogs.cases.desk import look, opened, press, read, shown, told, two
from tests.cogs.live import Hand, hand
from tests.stage import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALL = ["delete", "warn", "timeout 10m", "timeout 1h", "timeout 1d", "timeout 7d", "kick", "ban"]
RANK = "Nothing was done: your highest role must stand above the author's."


async def choose(someone: Hand, case: CaseRecord, action: str) -> Answer:
    """Pick an action in the select of a case's post."""
    custom_id = f"lawspeaker:case:act:{case.number}"
    answer = await someone.client.select(await shown(someone, case), custom_id, [action])
    assert answer.failure is None
    assert answer.ephemeral
    return answer


def done(case: CaseRecord) -> list[tuple[str, str]]:
    """What moderators asked for, and what became of it."""
    return [(str(one.action), one.outcome.value) for one in case.actions if one.asked_by is not None]


@pytest.mark.parametrize("action", ALL)
async def test_each_action_is_done_recorded_and_shown_as_a_review(scene: Scene, action: str) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    message = scene.post("come to my shop")
    case = await scene.case(message)
    answer = await choose(moderator, case, action)
    assert answer.content == f"Case {case.number}: {action} done."
    now = await read(scene, case)
    assert done(now) == [(action, "done")]
    (review,) = now.reviews
    assert (review.kind, review.reviewer_id, review.note) == (ReviewKind.OTHER, scene.moderator.id, action)
    assert scene.gone(message) is (action == "delete")
    assert (scene.member.id in scene.guild.bans) is (action == "ban")
    assert (scene.member.id in scene.guild.members) is (action not in {"kick", "ban"})
    assert len(told(scene, scene.member)) == (action in {"warn", "kick", "ban"})
    if action in {"delete", "kick", "ban"}:
        who = f"asked for by {scene.moderator.id}"
        assert scene.guild.audit_log[-1].reason == f"Lawspeaker case {case.number}: rule 2, {who}"
    post = await look(moderator, case)
    assert f"answered with another action by <@{scene.moderator.id}>" in post.text
    assert f"{action} done, asked for by <@{scene.moderator.id}>" in post.text


async def test_a_timeout_that_was_asked_for_lasts_as_long_as_was_picked(scene: Scene) -> None:
    case = await opened(scene)
    await choose(await hand(scene, scene.moderator), case, "timeout 7d")
    left = scene.guild.members[scene.member.id].timed_out_until - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


async def test_a_human_decides_in_shadow_mode_too_and_the_brake_does_not_hold_them(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW, brake_actions=0)
    case = await opened(scene)
    await choose(await hand(scene, scene.moderator), case, "ban")
    assert scene.member.id in scene.guild.bans


@pytest.mark.parametrize(
    ("bit", "action", "named"),
    [
        (permissions.MODERATE_MEMBERS, "timeout 1h", "Moderate Members"),
        (permissions.KICK_MEMBERS, "kick", "Kick Members"),
        (permissions.BAN_MEMBERS, "ban", "Ban Members"),
    ],
)
async def test_each_action_needs_the_moderators_own_permission_for_it(
    scene: Scene, bit: int, action: str, named: str
) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    lesser = scene.server.moderation.create_role(scene.guild, "Lesser", permissions.MODERATOR & ~bit)
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, {lesser.id}, None)
    answer = await choose(moderator, case, action)
    assert answer.content == f"Nothing was done: this needs your own permission {named}."
    now = await read(scene, case)
    assert (now.reviews, done(now)) == ((), [])


async def test_deleting_needs_manage_messages_in_the_very_channel(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    place = Overwrite(scene.moderator.id, 1, deny=permissions.MANAGE_MESSAGES)
    scene.server.places.set_overwrite(scene.general, place)
    answer = await choose(moderator, case, "delete")
    assert answer.content == "Nothing was done: this needs your own permission Manage Messages."
    assert done(await read(scene, case)) == []


@pytest.mark.parametrize("action", ["delete", "warn", "timeout 1h", "kick", "ban"])
async def test_each_action_needs_a_higher_role_than_the_authors(scene: Scene, action: str) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    author = scene.guild.members[scene.member.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, author, {scene.moderator_role_id}, None)
    assert (await choose(moderator, case, action)).content == RANK
    now = await read(scene, case)
    assert (now.reviews, done(now)) == ((), [])


async def test_a_member_who_is_no_moderator_any_more_is_refused(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    assert (await choose(moderator, case, "ban")).content.startswith("Only moderators may do this")
    assert scene.member.id not in scene.guild.bans


async def test_what_the_bot_cannot_do_is_said_before_anything_is_recorded(scene: Scene) -> None:
    owner = await hand(scene, scene.owner)
    case = await opened(scene)
    high = scene.server.moderation.create_role(scene.guild, "high")
    scene.server.moderation.set_roles(scene.guild, scene.owner, scene.guild.members[scene.member.id], {high.id}, None)
    answer = await choose(owner, case, "kick")
    assert "move the bot's role above" in answer.content
    assert (await read(scene, case)).reviews == ()


async def test_who_has_left_can_be_banned_but_not_timed_out(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    scene.server.moderation.leave(scene.guild, scene.member)
    assert (await choose(moderator, case, "timeout 1h")).content == "Nothing was done: the author has left the server."
    await choose(moderator, case, "ban")
    assert scene.member.id in scene.guild.bans


async def test_of_two_who_pick_at_once_one_acts_and_the_other_is_told_who(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene)
    scene.server.fail(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", 403, body={"code": 50001, "message": "Missing Access"}
    )
    await choose(moderator, case, "timeout 1h")
    late = await choose(manager, case, "ban")
    assert f"answered with another action already by <@{scene.moderator.id}>" in late.content
    assert scene.member.id not in scene.guild.bans


async def test_what_a_moderator_asked_for_is_undone_when_the_case_is_overturned(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene)
    await choose(moderator, case, "ban")
    answer = await manager.slash("case overturn", number=case.number)
    assert "lifted" in answer.content
    assert scene.member.id not in scene.guild.bans
    assert (await read(scene, case)).status is CaseStatus.OVERTURNED


async def test_a_member_about_to_be_kicked_or_banned_is_told_first(scene: Scene) -> None:
    await opened(scene, "4", "cheats")
    (message,) = told(scene, scene.member)
    assert "gets you removed from the server because it breaks rule 4" in message.content
    kicked = scene.guild.audit_log[-1]
    assert message.id < kicked.id


async def test_closed_direct_messages_are_noted_on_the_case_and_the_kick_is_done(scene: Scene) -> None:
    scene.member.dms_closed = True
    case = await opened(scene, "4", "cheats")
    (record,) = case.actions
    assert (record.outcome.value, record.note) == ("done", "not told why: the member's direct messages are closed")


async def test_the_select_goes_once_the_case_is_answered(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    await press(moderator, case, "Confirm")
    assert len((await shown(moderator, case))["components"]) == 1
