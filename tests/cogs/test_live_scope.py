"""Policies of channels and categories: what is in force where, from the next message on, and what says so."""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.domain.decision import ThresholdTable
from tests.cogs.by_words import judging_by_words
from tests.cogs.live import Hand, hand
from tests.cogs.scoped import SERVERS, add_place, known, own_policy, rule_of, said
from tests.cogs.scripted_stage import running_stage
from tests.cogs.test_live_backtest import ended
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

EXTENDING = "7. No cats. [flag]\n"
REPLACING = "1. No dogs. [flag]\n"


@pytest_asyncio.fixture(loop_scope="session")
async def moderator(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """A moderator of a server whose judge goes by words, with a policy against ads and spam."""
    judging_by_words(scene, monkeypatch)
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable())
    await scene.publish(SERVERS)
    return await hand(scene, scene.moderator)


async def test_the_same_message_is_judged_by_what_is_in_force_in_its_channel(scene: Scene, moderator: Hand) -> None:
    cats, dogs = await add_place(scene, "cats"), await add_place(scene, "dogs")
    await own_policy(moderator, cats, "extend", EXTENDING)
    await own_policy(moderator, dogs, "replace", REPLACING)
    everywhere = (scene.general, cats, dogs)
    assert [await rule_of(scene, "ads", one) for one in everywhere] == ["1", "1", None]
    assert [await rule_of(scene, "cats", one) for one in everywhere] == [None, "7", None]
    assert [await rule_of(scene, "dogs", one) for one in everywhere] == [None, None, "1"]


async def test_what_a_case_rests_on_is_recorded_and_shown_with_both_versions(scene: Scene, moderator: Hand) -> None:
    cats = await add_place(scene, "cats")
    await own_policy(moderator, cats, "extend", EXTENDING)
    message = said(scene, "cats", cats)
    case = await scene.case(message)
    assert (case.policy_number, case.extends) == (3, (2,))
    assert case.verdict is not None
    assert case.verdict.rationale == "It says what rule 7 forbids."
    for shown in (await moderator.why(message), await moderator.slash("case view", number=case.number)):
        assert "version 3, which extends version 2" in shown.text
        assert "No cats." in shown.text
    allowed = said(scene, "birds", cats)
    await scene.settled(allowed)
    assert "version 3, which extends version 2" in (await moderator.why(allowed)).text


async def test_a_change_counts_from_the_next_message_on(scene: Scene, moderator: Hand) -> None:
    cats = await add_place(scene, "cats")
    assert await rule_of(scene, "cats", cats) is None
    answer = await own_policy(moderator, cats, "extend", EXTENDING)
    assert answer.content == f"Version 3 is live in <#{cats.id}>: it extends what is in force around it."
    assert await rule_of(scene, "cats", cats) == "7"
    answer = await moderator.slash("policy scope", where=cats.id, how="replace")
    assert answer.content.startswith("From the next message on")
    assert await rule_of(scene, "ads", cats) is None
    await moderator.slash("policy scope", where=cats.id, how="none")
    assert [await rule_of(scene, text, cats) for text in ("cats", "ads")] == [None, "1"]
    await moderator.slash("policy scope", where=cats.id, how="extend")
    await moderator.send("1. No birds. [flag]\n")
    answer = await moderator.slash("policy publish")
    assert f"It counts in <#{cats.id}> too, whose policy extends it." in answer.content
    assert [await rule_of(scene, text, cats) for text in ("cats", "birds", "ads")] == ["7", "1", None]


async def test_a_categorys_policy_counts_in_its_channels_and_a_channels_own_goes_on_from_it(
    scene: Scene, moderator: Hand
) -> None:
    zoo = await add_place(scene, "Zoo", type=4)
    plain, cats = await add_place(scene, "plain", parent=zoo), await add_place(scene, "cats", parent=zoo)
    await own_policy(moderator, zoo, "replace", "5. No dogs. [flag]\n")
    await own_policy(moderator, cats, "extend", EXTENDING)
    assert [await rule_of(scene, text, plain) for text in ("ads", "dogs", "cats")] == [None, "5", None]
    assert [await rule_of(scene, text, cats) for text in ("ads", "dogs", "cats")] == [None, "5", "7"]
    scene.server.places.change(plain, {"parent_id": None})
    await known(scene, plain)
    assert [await rule_of(scene, text, plain) for text in ("ads", "dogs")] == ["1", None]


async def test_a_thread_goes_by_its_channels_policy(scene: Scene, moderator: Hand) -> None:
    zoo = await add_place(scene, "Zoo", type=4)
    cats = await add_place(scene, "cats", parent=zoo)
    thread = scene.server.places.open_thread(cats, scene.member, {"name": "talk", "type": 11})
    answer = await own_policy(moderator, thread, "extend", EXTENDING)
    assert f"is live in <#{cats.id}>" in answer.content
    await own_policy(moderator, zoo, "extend", "5. No dogs. [flag]\n")
    assert [await rule_of(scene, text, thread) for text in ("ads", "dogs", "cats")] == ["1", "5", "7"]


async def test_two_servers_do_not_see_each_others_policies(
    scene: Scene, moderator: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    cats = await add_place(scene, "cats")
    await own_policy(moderator, cats, "replace", EXTENDING)
    other = await scene.stage.scene(SERVERS)
    theirs = await hand(other, other.moderator)
    assert "None: the server's policy holds everywhere." in (await theirs.slash("policy scope")).text
    answer = await theirs.slash("policy show", version="3")
    assert answer.content == "There is no version 3: see /policy history."
    assert str(cats.id) in (await moderator.slash("policy scope")).text


async def test_a_reported_message_is_judged_by_what_is_in_force_there(scene: Scene, moderator: Hand) -> None:
    cats = await add_place(scene, "cats")
    await own_policy(moderator, cats, "replace", EXTENDING)
    await scene.store.guilds.unwatch(scene.guild.id, cats.id)
    message = said(scene, "cats and ads", cats)
    reporter = await hand(scene, scene.owner)
    await reporter.menu("Report to moderators", message)
    case = await scene.case(message)
    assert (case.decision.rule, case.policy_number, case.extends) == ("7", 3, ())


async def test_a_text_is_tried_by_what_is_in_force_there_and_by_the_draft_of_that_place(
    scene: Scene, moderator: Hand
) -> None:
    cats = await add_place(scene, "cats")
    await own_policy(moderator, cats, "extend", EXTENDING)
    await moderator.slash("policy rule add", words="No birds.", where=cats.id)
    tried = await moderator.slash("policy test", text="birds", where=cats.id)
    (live, draft) = (field for field in tried.embeds[0]["fields"] if field.get("inline"))
    assert live["name"] == "Live: version 3, which extends version 2"
    assert draft["name"] == "The draft, which extends version 2"
    assert "the message is fine" in live["value"]
    assert "**Likeliest rule 8:**" in draft["value"]
    for answer in (
        await moderator.slash("policy test", text="cats", where=cats.id),
        await moderator.menu("Check against policy", said(scene, "cats", cats)),
    ):
        assert "**Likeliest rule 7:**" in answer.text
    assert "the message is fine" in (await moderator.slash("policy test", text="cats")).text


async def test_a_draft_is_tried_on_the_stored_messages_it_would_judge_and_no_others(
    scene: Scene, moderator: Hand
) -> None:
    cats, dogs = await add_place(scene, "cats"), await add_place(scene, "dogs")
    await own_policy(moderator, dogs, "replace", REPLACING)
    await own_policy(moderator, cats, "extend", EXTENDING)
    for channel in (scene.general, cats, dogs):
        await scene.settled(said(scene, "birds and ads", channel))
    await moderator.slash("policy rule add", words="No birds.", where=cats.id)
    done = await backtested(moderator, where=cats.id)
    assert "1 stored message was judged by both." in done
    await moderator.slash("policy rule edit", rule="1", words="No fish.")
    done = await backtested(moderator)
    assert "2 stored messages were judged by both." in done


async def backtested(moderator: Hand, **options: object) -> str:
    """The answer to a backtest once it is done."""
    return (await ended(moderator, await moderator.slash("policy backtest", **options))).text
