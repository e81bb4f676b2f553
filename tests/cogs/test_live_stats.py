"""`/stats`: for moderators, about their own server, counted from what was really judged, done and reviewed."""

from __future__ import annotations

import pytest

from bot.domain.records import ReviewKind
from bot.sandbox.answer import MemberError
from tests.cogs.live import hand, nothing_changes, opened_to_all
from tests.stage import ASK, POLICY, Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


async def reviewed(scene: Scene, *kinds: ReviewKind) -> None:
    """A case for each answer, which a moderator gave."""
    for kind in kinds:
        case = await scene.case(scene.post("come to my shop"))
        await scene.store.reviews.answer(scene.guild.id, case.number, kind, scene.moderator.id)


async def test_messages_cases_actions_reviews_latency_and_queue_are_counted(scene: Scene) -> None:
    await scene.settled(scene.post("hello"))
    await scene.break_rule("1")
    await scene.case(scene.post("spam"))
    await scene.break_rule("2", ASK)
    await reviewed(scene, ReviewKind.CONFIRM, ReviewKind.OVERTURN)
    lines = (await (await hand(scene, scene.moderator)).slash("stats")).text.splitlines()
    for line in (
        "The last 30 days",
        "4: 1 allowed, 1 to be acted on, 2 for a human",
        "delete · 1 done",
        "50%: 1 confirmed, 1 overturned; 1 not reviewed",
        "No message waits to be judged.",
        "**1** No spam\\. · 1 case, none confirmed or overturned",
        "**2** No advertising\\. · 2 cases: 1 confirmed, 1 overturned, agreement 50%",
    ):
        assert line.replace("\\", "") in [one.replace("\\", "") for one in lines], line
    assert any(line.startswith("median ") for line in lines)


async def test_a_picture_shows_the_days_with_its_numbers_in_words(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    assert (await moderator.slash("stats")).attachments == []
    await scene.settled(scene.post("hello"))
    await scene.break_rule("2", ASK)
    await reviewed(scene, ReviewKind.CONFIRM)
    (picture,) = (await moderator.slash("stats")).attachments
    assert picture["filename"] == "stats.png"
    assert "2 messages judged, 1 cases opened of which 1 were confirmed" in picture["description"]
    assert (await moderator.slash("stats", days=1)).attachments == []


async def test_another_servers_figures_are_its_own(scene: Scene) -> None:
    other = await scene.stage.scene()
    await other.break_rule("2", ASK)
    await reviewed(other, ReviewKind.OVERTURN)
    text = (await (await hand(scene, scene.moderator)).slash("stats", days=90)).text
    assert "No case was opened." in text
    assert "overturned;" not in text


async def test_a_rule_that_was_reworded_begins_anew_and_one_that_was_moved_goes_on(scene: Scene) -> None:
    await scene.break_rule("2", ASK)
    await reviewed(scene, ReviewKind.CONFIRM)
    moderator = await hand(scene, scene.moderator)
    moved = POLICY.replace("1. No spam. [delete]\n2. No advertising.", "1. No advertising. [flag]\n2. No spam.")
    await scene.publish(moved)
    assert "**1** No advertising" in (await moderator.slash("stats")).text
    await scene.publish(POLICY.replace("No advertising", "No advertising of shops"))
    told = (await moderator.slash("stats")).text
    assert "Rules changed or removed since, or of channels that you cannot see · 1 case: 1 confirmed" in told
    assert "No advertising" not in told


async def test_a_rule_that_moderators_keep_overturning_gets_a_suggestion_and_nothing_is_changed(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    await reviewed(scene, *[ReviewKind.OVERTURN] * 4)
    assert "Suggestions" not in (await moderator.slash("stats")).text
    await reviewed(scene, ReviewKind.CONFIRM)
    async with nothing_changes(scene):
        told = (await moderator.slash("stats")).text
    assert "**Rule 2**: of those confirmed or overturned, moderators overturned 4 of 5 cases." in told
    assert "under `/case view` of cases " in told
    other = await scene.stage.scene()
    assert "Suggestions" not in (await (await hand(other, other.moderator)).slash("stats")).text


@pytest.mark.parametrize("days", [0, 91, -1])
async def test_discord_takes_1_to_90_days_only(scene: Scene, days: int) -> None:
    moderator = await hand(scene, scene.moderator)
    with pytest.raises(MemberError):
        await moderator.slash("stats", days=days)
    assert "The last day" in (await moderator.slash("stats", days=1)).text


async def test_it_is_for_moderators_only_and_changes_nothing(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    with pytest.raises(MemberError, match="50013"):
        await member.slash("stats")
    async with nothing_changes(scene):
        with opened_to_all(scene):
            answer = await member.slash("stats")
        assert answer.content.startswith("Only moderators may do this")
        assert answer.embeds == []
