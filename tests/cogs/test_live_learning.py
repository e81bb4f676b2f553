"""*Learn from this* and `/policy learned`: what moderators answer becomes examples, where they say so."""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.discord_io.text import inert
from bot.domain.decision import Thresholds
from bot.domain.learned import Lesson
from bot.domain.policy import Example, Policy
from bot.domain.records import CaseRecord
from bot.sandbox.answer import Answer
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import VIEW_CHANNEL
from bot.store.learned import MOST_LEARNED
from cogs.render_learned import PAGE
from tests.cogs.cases.desk import press, read
from tests.cogs.heeding import Heeding, heeding
from tests.cogs.live import Hand, file_in, hand
from tests.cogs.restarted import connected
from tests.cogs.scripted_stage import running_stage
from tests.stage import POLICY, Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = Thresholds(0.9, 0.4)
LEARN = "Learn from this"
TEXT = "i sold my bike today"


@pytest_asyncio.fixture(loop_scope="session")
async def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Heeding:
    """Rule 2 is one that moderators are asked about wherever the judge is unsure, and no other is ever broken."""
    await scene.break_rule("2", ASKED)
    return heeding(scene, monkeypatch)


async def reviewed(moderator: Hand, label: str, text: str = TEXT) -> tuple[CaseRecord, Answer]:
    """A case that was confirmed or overturned by its button, and the answer to that."""
    case = await moderator.scene.case(moderator.scene.post(text))
    return case, await press(moderator, case, label)


async def handed_next(scene: Scene, judge: Heeding) -> Policy:
    """The policy by which the next message is judged."""
    await scene.settled(scene.post("the next message"))
    return judge.handed[-1]


async def taught(scene: Scene) -> list[tuple[str, str, bool]]:
    return [(one.text, one.lesson.rule, one.lesson.breaks) for one in await scene.store.learned.of(scene.guild.id)]


# -- what is offered ---------------------------------------------------------------------------------------


async def test_overturning_teaches_nothing_by_itself_and_learning_counts_from_the_next_message_on(
    scene: Scene, judge: Heeding
) -> None:
    moderator = await hand(scene, scene.moderator)
    case, answer = await reviewed(moderator, "Overturn")
    assert "from the next message on, texts like it are taken to be fine" in answer.text
    assert answer.buttons == [LEARN]
    assert (await handed_next(scene, judge)).source == POLICY
    learned = await moderator.press(answer, LEARN)
    assert learned.content.startswith("Learned as example ")
    handed = await handed_next(scene, judge)
    assert handed.examples == (Example(TEXT, None),)
    assert handed.rules == judge.handed[0].rules
    again = await scene.settled(scene.post(TEXT))
    assert again.case_number is None, "it is fine now"
    assert case.policy_number == again.policy_number == 1, "on record stays the published version"
    assert (await scene.store.policies.live(scene.guild.id)).source == POLICY  # type: ignore[union-attr]


async def test_confirming_offers_to_learn_that_such_texts_break_the_rule(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Confirm", "come to my shop")
    assert "from the next message on, texts like it are taken to break rule 2" in answer.text
    await moderator.press(answer, LEARN)
    assert (await handed_next(scene, judge)).examples == (Example("come to my shop", "2"),)
    again = await scene.case(scene.post("come to my shop"))
    assert again.verdict is not None
    assert again.verdict.probabilities["2"] > ASKED.act_at
    assert judge.explained_by[-1] == judge.handed[-1], "it is explained by what it was judged by"


async def test_the_overturn_command_and_the_view_of_an_answered_case_offer_it_too(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await scene.case(scene.post(TEXT))
    assert LEARN not in (await moderator.slash("case view", number=case.number)).buttons
    answer = await moderator.slash("case overturn", number=case.number, reason="it is no shop")
    assert answer.buttons == [LEARN]
    view = await moderator.slash("case view", number=case.number)
    await moderator.press(view, LEARN)
    assert await taught(scene) == [(TEXT, "2", False)]


async def test_what_fits_no_example_is_not_offered(scene: Scene, judge: Heeding) -> None:
    _, answer = await reviewed(await hand(scene, scene.moderator), "Overturn", "words " * 80)
    assert answer.buttons == []


async def test_the_card_is_compiled_at_once_so_that_no_message_waits_for_it(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    handed = await handed_next(scene, judge)
    assert [one.digest for one in judge.prepared] == [handed.digest]


async def test_everywhere_a_message_is_judged_what_was_learned_counts(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    judge.handed.clear()
    await moderator.slash("policy test", text="a text")
    await moderator.menu("Check against policy", scene.post("another text"))
    await moderator.edit(POLICY + "7. No riddles.\n")
    await moderator.slash("policy backtest", messages=1)
    await moderator.client.wait_until(
        lambda name, event: name == "MESSAGE_UPDATE" and "Nothing was stored" in str(event.get("content")), 30
    )
    assert judge.handed
    assert {one.examples for one in judge.handed} == {(Example(TEXT, None),)}


# -- who, when and what else ---------------------------------------------------------------------------------


async def test_pressing_twice_learns_once_and_says_so(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    assert "learned already" in (await moderator.press(answer, LEARN)).content
    assert await taught(scene) == [(TEXT, "2", False)]


async def test_a_button_whose_answer_was_overturned_meanwhile_teaches_nothing(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    case, answer = await reviewed(moderator, "Confirm")
    await moderator.slash("case overturn", number=case.number)
    assert "another by now" in (await moderator.press(answer, LEARN)).content
    assert await taught(scene) == []


async def test_a_rule_that_is_worded_anew_has_nothing_to_learn(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    await scene.publish(POLICY.replace("No advertising.", "No trading."))
    assert "another by now" in (await moderator.press(answer, LEARN)).content
    assert await taught(scene) == []


async def test_permission_is_looked_at_when_it_is_pressed(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    refused = await moderator.press(answer, LEARN)
    assert refused.content.startswith("Only moderators may do this")
    assert await taught(scene) == []


async def test_whoever_cannot_see_the_channel_teaches_nothing_of_it(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    scene.general.overwrites[scene.moderator.id] = Overwrite(scene.moderator.id, 1, 0, VIEW_CHANNEL)
    scene.server.places.change(scene.general, {})
    assert (await moderator.press(answer, LEARN)).content == "That message is in a channel you cannot see."
    assert await taught(scene) == []


async def test_the_button_works_after_a_restart(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    async with connected(scene.stage, scene.stage.trial.application, scene.guild.id):
        await moderator.press(answer, LEARN)
    assert await taught(scene) == [(TEXT, "2", False)]


async def test_each_lesson_and_each_removal_is_in_the_audit_table(scene: Scene, judge: Heeding) -> None:
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    case, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    (one,) = await scene.store.learned.of(scene.guild.id)
    await manager.press(await manager.slash("policy learned"), f"Remove {one.id}")
    last, first = await scene.store.audit.settings(scene.guild.id, 2)
    what = {"rule": "2", "breaks": False, "case": case.number}
    assert (first.author_id, first.what, first.before, first.after) == (
        scene.moderator.id,
        f"learned.{one.id}",
        None,
        what,
    )
    assert (last.author_id, last.what, last.before, last.after) == (scene.manager.id, f"learned.{one.id}", what, None)


# -- /policy learned -----------------------------------------------------------------------------------------


async def test_what_was_learned_is_listed_with_where_from_and_who_and_can_be_removed(
    scene: Scene, judge: Heeding
) -> None:
    moderator = await hand(scene, scene.moderator)
    nothing = await moderator.slash("policy learned")
    assert "Nothing was learned yet" in nothing.text
    assert nothing.buttons == []
    case, answer = await reviewed(moderator, "Overturn", "see <@1> || at my *shop*")
    await moderator.press(answer, LEARN)
    (one,) = await scene.store.learned.of(scene.guild.id)
    listed = await moderator.slash("policy learned")
    assert f"**{one.id}** is fine beside rule 2 · from case {case.number}, by <@{scene.moderator.id}>" in listed.text
    assert f"||{inert(one.text, 900)}||" in listed.text
    assert "1 example, 1 in use" in listed.text
    after = await moderator.press(listed, f"Remove {one.id}")
    assert f"Example {one.id} was removed" in after.content
    assert "Nothing was learned yet" in after.text
    assert (await handed_next(scene, judge)).source == POLICY


async def test_one_that_another_removed_first_is_said_to_be_gone(scene: Scene, judge: Heeding) -> None:
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    (one,) = await scene.store.learned.of(scene.guild.id)
    listed = await moderator.slash("policy learned")
    await manager.press(await manager.slash("policy learned"), f"Remove {one.id}")
    await moderator.client.press(listed.shown, f"Remove {one.id}")
    told = await moderator.client.wait_until(
        lambda name, event: name == "MESSAGE_CREATE" and f"no learned example {one.id}" in event["content"], 10
    )
    assert told["flags"] & 1 << 6


async def test_the_list_has_pages_whose_buttons_outlive_a_restart(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    await fill(scene, PAGE + 1)
    first = await moderator.slash("policy learned")
    assert len([label for label in first.buttons if label.startswith("Remove")]) == PAGE
    async with connected(scene.stage, scene.stage.trial.application, scene.guild.id):
        second = await moderator.press(first, "Older")
    assert "text 0" in second.text
    assert "page 2 of 2" in second.text
    assert "page 1 of 2" in (await moderator.press(second, "Newer")).text


async def test_the_longest_list_stays_within_discords_limits(scene: Scene, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    await fill(scene, MOST_LEARNED, "*" * 290)
    listed = await moderator.slash("policy learned")
    assert f"{MOST_LEARNED} examples" in listed.text


async def test_texts_of_a_channel_one_cannot_see_are_not_shown(scene: Scene, judge: Heeding) -> None:
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    _, answer = await reviewed(manager, "Overturn")
    await manager.press(answer, LEARN)
    scene.general.overwrites[scene.moderator.id] = Overwrite(scene.moderator.id, 1, 0, VIEW_CHANNEL)
    scene.server.places.change(scene.general, {})
    commands = scene.log.id
    listed = await moderator.client.slash(scene.guild.id, commands, "policy learned")
    assert "a channel that you cannot see" in listed.text
    assert TEXT not in listed.text


async def fill(scene: Scene, count: int, words: str = "text") -> None:
    """Teach so many texts, as answers about a pack's messages do."""
    for number in range(count):
        lesson = Lesson("2", "No advertising.", number % 2 == 0)
        await scene.store.learned.from_pack(scene.guild.id, f"{words} {number}", lesson, scene.moderator.id)


# -- people's rights -----------------------------------------------------------------------------------------


async def test_forgetting_a_member_takes_what_was_learned_from_them_out_of_the_law(
    scene: Scene, judge: Heeding
) -> None:
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    other = scene.server.world.add_user("another-member")
    scene.server.world.join(scene.guild, other)
    theirs = await scene.case(scene.post("words of another", other))
    await moderator.press(await press(moderator, theirs, "Overturn"), LEARN)
    exported = await manager.slash("privacy export", member=scene.member.id)
    assert TEXT in file_in(scene, exported, f"member-{scene.member.id}.json")
    asked = await manager.slash("privacy forget", member=scene.member.id)
    assert "1 example learned from what they wrote" in asked.content
    done = await manager.press(asked, "Erase for good")
    assert "Removed: 1 example learned from what they wrote." in done.content
    assert await taught(scene) == [("words of another", "2", False)]
    assert (await handed_next(scene, judge)).examples == (Example("words of another", None),)
    assert TEXT not in (await moderator.slash("policy learned")).text
    assert "nothing was learned" in (await moderator.press(answer, LEARN)).content.casefold()


async def test_another_servers_judge_learns_nothing(scene: Scene, stage: Stage, judge: Heeding) -> None:
    moderator = await hand(scene, scene.moderator)
    _, answer = await reviewed(moderator, "Overturn")
    await moderator.press(answer, LEARN)
    other = await stage.scene()
    assert (await handed_next(other, judge)).source == POLICY
    assert (await read(scene, (await scene.store.cases.list(scene.guild.id))[0])).answer is not None
