"""After publishing the bot asks about the texts it is least sure of; the answers become examples."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from bot.discord_io.text import spoiler
from bot.domain.borderline import MOST_SHOWN, MOST_TRIED
from bot.domain.decision import Thresholds
from bot.domain.policy import Example, Policy
from bot.sandbox.answer import Answer
from tests.cogs.heeding import Heeding, heeding
from tests.cogs.live import Hand, hand
from tests.cogs.restarted import connected
from tests.cogs.scripted_stage import running_stage
from tests.stage import POLICY, Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHER = POLICY + "7. No riddles. [flag]\n"
TITLE = "How rule 2 is read"


@pytest_asyncio.fixture(loop_scope="session")
async def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Heeding:
    """Unsure of rule 2 wherever no example says more, and sure of every other."""
    await scene.break_rule("2", Thresholds(0.9, 0.45))
    return heeding(scene, monkeypatch)


async def asked(someone: Hand) -> Answer:
    """Publish another policy, and what the bot asks afterwards."""
    draft = await someone.scene.store.policies.save_draft(someone.scene.guild.id, OTHER, someone.scene.moderator.id)
    published = await someone.slash("policy publish")
    assert published.content == "Version 2 is live."
    assert draft.source == OTHER
    message = await someone.client.wait_until(_is_asked, 60)
    assert message["flags"] & 1 << 6, "only who published sees it"
    return Answer("", message=message)


def _is_asked(name: str, event: dict[str, Any]) -> bool:
    return name == "MESSAGE_CREATE" and any(one.get("title") == TITLE for one in event.get("embeds", ()))


async def taught(scene: Scene) -> list[tuple[str, str, bool, int | None]]:
    found = await scene.store.learned.of(scene.guild.id)
    return [(one.text, one.lesson.rule, one.lesson.breaks, one.author_id) for one in found]


async def test_answers_about_a_servers_own_message_become_examples_from_the_next_message_on(
    scene: Scene, judge: Heeding
) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.settled(scene.post("come to my shop"))
    reading = await asked(moderator)
    assert len(reading.embeds[0]["fields"]) <= MOST_SHOWN
    assert spoiler("come to my shop", 100) in reading.text
    place = next(n for n, one in enumerate(reading.embeds[0]["fields"]) if "come to my shop" in one["value"]) + 1
    after = await moderator.press(reading, f"{place} breaks it")
    assert "→ breaks it, learned as example" in after.text
    assert not [label for label in after.buttons if label.startswith(str(place))]
    assert await taught(scene) == [("come to my shop", "2", True, scene.member.id)]
    await scene.settled(scene.post("the next message"))
    assert judge.handed[-1].examples == (Example("come to my shop", "2"),)


async def test_answers_about_a_packs_message_are_nobodys_and_skipping_teaches_nothing(
    scene: Scene, judge: Heeding
) -> None:
    moderator = await hand(scene, scene.moderator)
    reading = await asked(moderator)
    assert "the pack advertising" in reading.text
    after = await moderator.press(reading, "1 skip")
    assert "→ skipped" in after.text
    assert await taught(scene) == []
    last = await moderator.press(after, "2 is fine")
    ((_, rule, breaks, author_id),) = await taught(scene)
    assert (rule, breaks, author_id) == ("2", False, None)
    assert {label[0] for label in last.buttons} == {str(n + 1) for n in range(2, len(reading.embeds[0]["fields"]))}


async def test_the_buttons_work_after_a_restart(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    reading = await asked(moderator)
    async with connected(scene.stage, scene.stage.trial.application, scene.guild.id):
        await moderator.press(reading, "1 breaks it")
    assert [(rule, breaks) for _, rule, breaks, _ in await taught(scene)] == [("2", True)]


async def test_permission_and_policy_are_looked_at_when_a_button_is_pressed(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    reading = await asked(moderator)
    await scene.publish(POLICY.replace("No advertising.", "No trading."))
    await refused(moderator, reading, "no longer has this rule")
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    await refused(moderator, reading, "Only moderators may do this")
    assert await taught(scene) == []


async def refused(someone: Hand, reading: Answer, sentence: str) -> None:
    await someone.client.press(reading.shown, "1 breaks it")
    told = await someone.client.wait_until(
        lambda name, event: name == "MESSAGE_CREATE" and sentence in event["content"], 10
    )
    assert told["flags"] & 1 << 6


async def test_so_few_texts_are_judged_for_it_and_none_becomes_a_case(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.settled(scene.post("come to my shop"))
    judge.asked.clear()
    await asked(moderator)
    assert 0 < len(judge.asked) <= MOST_TRIED
    assert len(await scene.store.cases.list(scene.guild.id)) == 1


async def test_a_judge_that_goes_away_after_publishing_spoils_nothing(
    scene: Scene, judge: Heeding, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.store.policies.save_draft(scene.guild.id, OTHER, scene.moderator.id)

    async def away_from_now_on(policy: Policy) -> None:
        await judge.prepare(policy)
        judge.away = "The judge was stopped."

    monkeypatch.setattr(scene.stage.trial.app.judge, "prepare", away_from_now_on)
    assert (await moderator.slash("policy publish")).content == "Version 2 is live."
    judge.away = ""
    assert (await scene.settled(scene.post("the next message"))).policy_number == 2
