"""From the journal to a verdict: what is live judges, nothing is lost, no failure deletes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.decision import Mode, Outcome
from bot.domain.policy import policy_digest
from bot.domain.verdict import Method, Verdict
from bot.judge.interface import NoAnswerError
from bot.sandbox.posting import Upload
from tests.stage import POLICY, Scene, away_at_first

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

OTHER = "# The house\n\n## Rules\n1. No talk of the weather. [flag]\n"


async def test_a_policy_published_judges_the_very_next_message(scene: Scene) -> None:
    before = await scene.settled(scene.post("a message"))
    await scene.publish(OTHER)
    after = await scene.settled(scene.post("the next message"))
    assert (before.policy_number, after.policy_number) == (1, 2)
    assert after.verdict is not None
    assert after.verdict.policy_digest == policy_digest(OTHER)
    assert set(after.verdict.probabilities) == {"1"}


async def test_a_policy_published_judges_messages_that_are_still_queued(scene: Scene) -> None:
    with scene.judge_stopped():
        messages = [scene.post(f"queued {number}") for number in range(3)]
        await scene.queued(3)
        await scene.publish(OTHER)
    judged = [await scene.settled(message) for message in messages]
    assert {one.policy_number for one in judged} == {2}


async def test_the_workers_death_loses_no_message(scene: Scene) -> None:
    judge = scene.stage.trial.app.judge
    restarts = judge.info().restarts
    messages = [scene.post(f"before the crash {number}") for number in range(6)]
    assert judge._worker is not None
    judge._worker.process.kill()
    judged = [await scene.settled(message) for message in messages]
    assert judge.info().restarts == restarts + 1
    assert all(one.verdict is not None for one in judged)
    assert [len(scene.stage.of(message)) for message in messages] == [1] * 6


async def test_a_server_without_a_policy_judges_nothing(scene: Scene) -> None:
    bare = await scene.stage.scene(policy=None)
    judgement = await bare.settled(bare.post("words"))
    assert judgement.verdict is None
    assert judgement.decision.outcome is Outcome.ALLOW
    assert judgement.decision.reason == "the server has no policy"


async def test_a_channel_switched_off_drops_what_is_still_queued(scene: Scene) -> None:
    await scene.break_rule("1")
    with scene.judge_stopped():
        message = scene.post("spam")
        await scene.queued(1)
        await scene.store.guilds.update(scene.guild.id, mode=Mode.OFF)
    await scene.settled(message)
    assert not scene.gone(message)


async def test_a_thread_archived_before_its_messages_turn_is_judged_all_the_same(scene: Scene) -> None:
    thread = scene.server.places.open_thread(scene.general, scene.member, {"name": "talk"}, scene.post("let us talk"))
    with scene.judge_stopped():
        message = scene.post("the last words", channel=thread)
        await scene.queued(1)
        await scene.archived(thread)
    assert (await scene.settled(message)).verdict is not None


async def test_a_database_that_is_away_while_a_message_is_settled_does_not_strand_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = scene.store.journal
    monkeypatch.setattr(journal, "settle_allowed", away_at_first(journal.settle_allowed))
    monkeypatch.setattr(journal, "release", away_at_first(journal.release))
    assert (await scene.settled(scene.post("hello there"))).verdict is not None


async def test_a_message_that_cannot_be_judged_whole_goes_to_a_human_and_is_never_deleted(scene: Scene) -> None:
    await scene.break_rule("1")
    book = Upload("book.txt", b"word after word " * 2_000, "text/plain")
    message = scene.post("read this", files=[book])
    case = await scene.case(message)
    assert (case.verdict, case.decision.outcome, case.actions) == (None, Outcome.REVIEW, ())
    assert "too long" in case.decision.reason
    assert not scene.gone(message)


async def test_a_judge_without_an_answer_is_not_asked_again_and_the_message_goes_to_a_human(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def no_answer(*given: object) -> None:
        asked.append(given)
        raise NoAnswerError("The judge thought longer than it may without coming to an answer.")

    await scene.break_rule("1")
    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", no_answer)
    message = scene.post("words")
    case = await scene.case(message)
    assert (case.verdict, case.decision.outcome, case.actions) == (None, Outcome.REVIEW, ())
    assert "thought longer" in case.decision.reason
    assert len(asked) == 1
    assert not scene.gone(message)


async def test_what_a_judge_explains_with_its_verdict_is_kept_and_not_asked_for_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = scene.stage.trial.app.judge
    first = judge.classify

    async def reasons(*given: Any) -> Verdict:
        verdict = await first(*given)
        return replace(verdict, method=Method.REASON, rationale="Breaks rule 1: so.", quote="words", reasoning="Hm.")

    async def explain(*_: object) -> None:
        pytest.fail("asked for what it said already")

    await scene.break_rule("1")
    monkeypatch.setattr(judge, "classify", reasons)
    monkeypatch.setattr(judge, "explain", explain)
    case = await scene.case(scene.post("words"))
    assert case.verdict is not None
    assert (case.verdict.rationale, case.verdict.quote) == ("Breaks rule 1: so.", "words")
    assert (case.verdict.reasoning, case.verdict.method) == ("Hm.", Method.REASON)


async def test_every_message_is_settled_once(scene: Scene) -> None:
    messages = [scene.post(f"one of many {number}") for number in range(30)]
    for message in messages:
        await scene.settled(message)
    assert [len(scene.stage.of(message)) for message in messages] == [1] * 30


async def test_two_servers_are_judged_by_their_own_policies(scene: Scene) -> None:
    other = await scene.stage.scene(policy=OTHER)
    here, there = scene.post("words"), other.post("words")
    first, second = await scene.settled(here), await other.settled(there)
    assert first.verdict is not None
    assert second.verdict is not None
    assert (first.verdict.policy_digest, second.verdict.policy_digest) == (policy_digest(POLICY), policy_digest(OTHER))


async def test_a_raid_costs_the_judge_a_few_judgements_and_nobody_is_told_more_than_it_said_of_others(
    scene: Scene,
) -> None:
    await scene.break_rule("2")
    messages = [scene.post(f"Free nitro for everyone at dlscord-gift.example {number}") for number in range(40)]
    verdicts = [(await scene.settled(message)).verdict for message in messages]
    judged = [one for one in verdicts if one is not None and one.method is Method.CLASSIFY]
    told = [one for one in verdicts if one is not None and one.method is Method.ALIKE]
    assert len(judged) <= 10
    assert len(told) == 40 - len(judged)
    for key in judged[0].probabilities:
        assert {one.model_digest for one in told} == {judged[0].model_digest}
        assert max(one.probabilities[key] for one in told) <= max(one.probabilities[key] for one in judged)
