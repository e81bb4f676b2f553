"""A case that needs a human can be claimed by one moderator at a time, for ten minutes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.records import CLAIM_LASTS, CaseRecord, CaseStatus
from bot.pipeline import claims as claiming
from bot.pipeline.claims import Claims
from tests.cogs.cases.desk import look, opened, press, read, two
from tests.cogs.live import hand
from tests.stage import ASK, Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def unsure(scene: Scene) -> CaseRecord:
    """A case between the thresholds."""
    await scene.break_rule("1", ASK)
    return await scene.case(scene.post("perhaps spam"))


async def lapse(scene: Scene, case: CaseRecord) -> None:
    """Let a claim be as old as a claim can be."""
    holder, began = (await read(scene, case)).claimed_by, datetime.now(UTC) - CLAIM_LASTS
    assert holder is not None
    await scene.store.reviews.release(scene.guild.id, case.number, holder, datetime.now(UTC))
    await scene.store.reviews.claim(scene.guild.id, case.number, holder, began)


async def test_a_claimed_case_shows_who_holds_it_and_nobody_else_can_answer_it(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await unsure(scene)
    assert "is yours until" in (await press(moderator, case, "Claim")).content
    post = await look(manager, case)
    assert f"by <@{scene.moderator.id}> until" in post.text
    held = f"Case {case.number} is claimed by <@{scene.moderator.id}> until"
    for label in ("Confirm", "Overturn", "Claim", "Release"):
        assert (await press(manager, case, label)).content.startswith(held), label
    chosen = await manager.client.select(post.shown, f"lawspeaker:case:act:{case.number}", ["ban"])
    assert chosen.content.startswith(held)
    assert (await manager.slash("case overturn", number=case.number)).content.startswith(held)
    now = await read(scene, case)
    assert (now.reviews, now.actions, now.claimed_by) == ((), (), scene.moderator.id)
    assert scene.member.id not in scene.guild.bans
    assert "More on case" in (await press(manager, case, "More")).text
    assert (await press(moderator, case, "Confirm")).content == f"Case {case.number} is confirmed."


async def test_of_two_who_claim_at_once_one_holds_the_case_and_the_other_is_told_who(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await unsure(scene)
    post = (await look(moderator, case)).shown
    answers = await asyncio.gather(moderator.client.press(post, "Claim"), manager.client.press(post, "Claim"))
    holder = (await read(scene, case)).claimed_by
    assert sorted("is yours" in answer.content for answer in answers) == [False, True]
    assert any(f"is claimed by <@{holder}>" in answer.content for answer in answers)


async def test_a_claim_is_released_after_ten_minutes(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await unsure(scene)
    await press(moderator, case, "Claim")
    await lapse(scene, case)
    assert timedelta(minutes=10) == CLAIM_LASTS
    assert "is yours" in (await press(manager, case, "Claim")).content
    assert (await read(scene, case)).claimed_by == scene.manager.id


async def test_claiming_twice_does_not_prolong_and_releasing_leaves_the_case_to_others(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await unsure(scene)
    await press(moderator, case, "Claim")
    before = (await read(scene, case)).claimed_at
    await press(moderator, case, "Claim")
    assert (await read(scene, case)).claimed_at == before
    assert (await press(moderator, case, "Release")).content == f"Case {case.number} is free for others."
    assert "Claimed" not in (await look(manager, case)).text
    await press(manager, case, "Confirm")
    assert (await read(scene, case)).status is CaseStatus.CONFIRMED


@pytest.mark.parametrize(("rule", "is_offered"), [("2", False), ("6", True)])
async def test_only_cases_that_need_a_human_are_claimed(scene: Scene, rule: str, is_offered: bool) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene, rule)
    assert ("Claim" in (await look(moderator, case)).buttons) is is_offered


async def test_members_claim_nothing(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await unsure(scene)
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    assert (await press(moderator, case, "Claim")).content.startswith("Only moderators may do this")
    assert (await read(scene, case)).claimed_by is None


def claims_of(scene: Scene) -> Claims:
    """What frees cases, apart from the one that runs with the bot."""
    return Claims(scene.stage.trial.app.client, scene.store, scene.stage.trial.app.pipeline.reviews.showing)


async def test_a_claim_that_lapsed_is_gone_from_the_post_without_its_next_change(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    lapsed, held = await unsure(scene), await unsure(scene)
    for case in (lapsed, held):
        await press(moderator, case, "Claim")
    await lapse(scene, lapsed)
    await claims_of(scene).free_lapsed(datetime.now(UTC))
    post = await look(moderator, lapsed)
    assert "Claimed" not in post.text
    assert "Claim" in post.buttons
    assert "Release" not in post.buttons
    assert (await read(scene, lapsed)).claimed_by is None
    assert "Claimed" in (await look(moderator, held)).text
    assert (await read(scene, held)).claimed_by == scene.moderator.id


async def test_a_lapsed_claim_is_found_again_where_discord_was_away(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await unsure(scene)
    await press(moderator, case, "Claim")
    await lapse(scene, case)
    scene.server.fail("PATCH", "/channels/{channel_id}/messages/{message_id}", 503)
    claims = claims_of(scene)
    for is_free in (False, True):
        await claims.free_lapsed(datetime.now(UTC))
        assert ((await read(scene, case)).claimed_by is None) is is_free
        assert ("Claimed" not in (await look(moderator, case)).text) is is_free


async def test_lapsed_claims_are_looked_for_all_the_time_and_those_of_answered_cases_are_left(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LOOK_SECONDS", 0.01)
    moderator = await hand(scene, scene.moderator)
    answered, case = await unsure(scene), await unsure(scene)
    for one in (answered, case):
        await press(moderator, one, "Claim")
        await lapse(scene, one)
    await press(moderator, answered, "Confirm")
    claims = claims_of(scene)
    claims.start()

    async def is_free() -> bool:
        return (await read(scene, case)).claimed_by is None

    await until(is_free)
    await claims.stop()
    assert (await read(scene, answered)).claimed_by == scene.moderator.id
