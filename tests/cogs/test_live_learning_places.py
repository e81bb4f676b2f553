"""What moderators teach counts for the rules of channels that have a policy of their own, and where those hold."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from bot.domain.decision import Thresholds
from bot.domain.lawbook import How, PlaceKind
from bot.domain.policy import Example, Policy
from bot.sandbox.answer import Answer
from bot.sandbox.model import Channel
from tests.cogs.cases.desk import press
from tests.cogs.heeding import Heeding, heeding
from tests.cogs.live import Hand, hand
from tests.cogs.scoped import add_place, own_policy, said
from tests.cogs.scripted_stage import running_stage
from tests.stage import POLICY, Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

EXTENDING = "7. No cats. [flag]\n"
LEARN = "Learn from this"
TEXT = "my kitten sleeps all day"
TITLE = "How rule 7 is read"


@pytest_asyncio.fixture(loop_scope="session")
async def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Heeding:
    """Unsure of rule 7 wherever no example says more, and sure of every other."""
    await scene.break_rule("7", Thresholds(0.9, 0.4))
    return heeding(scene, monkeypatch)


async def with_cats(scene: Scene) -> Channel:
    """A channel with a policy that extends the server's, published without anybody being asked anything."""
    cats, policies = await add_place(scene, "cats"), scene.store.policies
    await policies.set_how(scene.guild.id, cats.id, PlaceKind.CHANNEL, How.EXTEND, scene.moderator.id)
    draft = await policies.save_draft(scene.guild.id, EXTENDING, scene.moderator.id, place_id=cats.id)
    await policies.publish(scene.guild.id, draft.digest, scene.moderator.id, place_id=cats.id)
    return cats


async def learned_in(moderator: Hand, cats: Channel) -> None:
    """Overturn a case of the channel and learn from it."""
    case = await moderator.scene.case(said(moderator.scene, TEXT, cats))
    assert (case.decision.rule, case.policy_number, case.extends) == ("7", 2, (1,))
    answer = await press(moderator, case, "Overturn")
    assert answer.buttons == [LEARN]
    learned = await moderator.press(answer, LEARN)
    assert "from the next message on, texts like it are taken to be fine" in learned.content


async def handed_in(scene: Scene, judge: Heeding, channel: Channel) -> Policy:
    """The policy by which the next message there is judged."""
    await scene.settled(said(scene, "the next message", channel))
    return judge.handed[-1]


async def asked(someone: Hand) -> Answer:
    """What the bot asks about rule 7 after publishing."""
    return Answer("", message=await someone.client.wait_until(_is_asked, 60))


def _is_asked(name: str, event: dict[str, Any]) -> bool:
    return name == "MESSAGE_CREATE" and any(one.get("title") == TITLE for one in event.get("embeds", ()))


async def test_an_example_of_a_channels_rule_is_added_to_what_is_in_force_there_and_nowhere_else(
    scene: Scene, judge: Heeding
) -> None:
    cats = await with_cats(scene)
    await learned_in(await hand(scene, scene.moderator), cats)
    there = await handed_in(scene, judge, cats)
    assert there.examples == (Example(TEXT, None),)
    assert [rule.key for rule in there.rules] == ["1", "2", "3", "4", "5", "6", "7"]
    assert (await handed_in(scene, judge, scene.general)).source == POLICY
    assert there.digest in {one.digest for one in judge.prepared}, "no message waits for its card"
    again = await scene.settled(said(scene, TEXT, cats))
    assert again.case_number is None, "it is fine now"
    assert (again.policy_number, again.extends) == (2, (1,)), "on record stay the published versions"
    assert again.verdict is not None
    assert again.verdict.policy_digest == there.digest


async def test_what_was_learned_is_in_use_while_a_policy_with_its_rule_is_in_force_somewhere(
    scene: Scene, judge: Heeding
) -> None:
    moderator, cats = await hand(scene, scene.moderator), await with_cats(scene)
    await learned_in(moderator, cats)
    assert "not in use" not in (await moderator.slash("policy learned")).text
    await moderator.slash("policy scope", where=cats.id, how="none")
    assert "not in use" in (await moderator.slash("policy learned")).text


async def test_what_comes_into_force_by_a_change_is_compiled_with_what_was_learned(
    scene: Scene, judge: Heeding
) -> None:
    moderator, cats = await hand(scene, scene.moderator), await with_cats(scene)
    await learned_in(moderator, cats)
    await moderator.slash("policy scope", where=cats.id, how="replace")
    there = await handed_in(scene, judge, cats)
    assert there.examples == (Example(TEXT, None),)
    assert there.digest in {one.digest for one in judge.prepared}
    text = EXTENDING + "8. No dogs. [flag]\n"
    await moderator.slash("policy import", file=("policy.md", text.encode()), where=cats.id)
    await moderator.slash("policy publish", where=cats.id)
    there = await handed_in(scene, judge, cats)
    assert there.examples == (Example(TEXT, None),)
    assert there.digest in {one.digest for one in judge.prepared}


async def test_a_text_is_tried_and_backtested_with_what_was_learned(scene: Scene, judge: Heeding) -> None:
    moderator, cats = await hand(scene, scene.moderator), await with_cats(scene)
    await learned_in(moderator, cats)
    judge.handed.clear()
    await moderator.slash("policy test", text="a text", where=cats.id)
    await moderator.menu("Check against policy", said(scene, "another text", cats))
    await moderator.slash("policy rule add", words="No birds.", where=cats.id)
    await moderator.slash("policy backtest", messages=2, where=cats.id)
    await moderator.client.wait_until(
        lambda name, event: name == "MESSAGE_UPDATE" and "Nothing was stored" in str(event.get("content")), 30
    )
    assert judge.handed
    assert {one.examples for one in judge.handed} == {(Example(TEXT, None),)}


async def test_after_a_channels_policy_is_published_the_bot_asks_about_its_rules_and_the_answer_counts_there(
    scene: Scene, judge: Heeding
) -> None:
    moderator, cats = await hand(scene, scene.moderator), await add_place(scene, "cats")
    await scene.settled(said(scene, "elsewhere", scene.general))
    await scene.settled(said(scene, TEXT, cats))
    await own_policy(moderator, cats, "extend", EXTENDING)
    reading = await asked(moderator)
    assert TEXT in reading.text
    assert "elsewhere" not in reading.text
    place = next(n for n, one in enumerate(reading.embeds[0]["fields"]) if TEXT in one["value"]) + 1
    after = await moderator.press(reading, f"{place} breaks it")
    assert "→ breaks it, learned as example" in after.text
    assert (await handed_in(scene, judge, cats)).examples == (Example(TEXT, "7"),)
    assert (await handed_in(scene, judge, scene.general)).examples == ()


async def test_a_button_teaches_nothing_once_the_channels_policy_is_out_of_force(scene: Scene, judge: Heeding) -> None:
    moderator, cats = await hand(scene, scene.moderator), await add_place(scene, "cats")
    await own_policy(moderator, cats, "extend", EXTENDING)
    reading = await asked(moderator)
    await moderator.slash("policy scope", where=cats.id, how="none")
    await moderator.client.press(reading.shown, "1 breaks it")
    await moderator.client.wait_until(
        lambda name, event: name == "MESSAGE_CREATE" and "no longer has this rule" in event["content"], 10
    )
    assert await scene.store.learned.of(scene.guild.id) == []
