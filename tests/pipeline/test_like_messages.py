"""Like messages: which are judged and which are told, with a judge of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import pytest

from bot.domain.calibration import RuleShift, Shifts
from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.judge.interface import JudgeError
from bot.pipeline import likeness
from bot.pipeline.law import Law
from bot.pipeline.likeness import LikeMessages
from bot.pipeline.metrics import NoMetrics
from tests.cogs.scripted_stage import DIGEST, ScriptedJudge

POLICY = parse_policy("# House\n\n## Rules\n1. No scams. [delete]\n2. No threats. [ban]\n")
RAID = "free nitro for everyone at dlscord-gift.example"
USUAL = ThresholdTable()
_ids = count(1)


class Judge(ScriptedJudge):
    """Says what the test says of a text, and counts what it is asked."""

    def __init__(self, likely: Callable[[str], float] = lambda _: 0.97) -> None:
        super().__init__()
        self.likely, self.model = likely, DIGEST
        self.asked: list[str] = []
        self.fails = False

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.asked.append(text)
        await super().classify(policy, text, normalised, context)
        if self.fails:
            raise JudgeError("The judge is away.")
        said = {"1": self.likely(text), "2": 0.01}
        return Verdict(
            "1", said, policy.digest, "m", self.model, rationale=f"It says {text}", quote=text, reasoning=text
        )


class Counting(NoMetrics):
    """Counts what was told."""

    def __init__(self) -> None:
        self.told = 0

    def told_alike(self) -> None:
        self.told += 1


@dataclass
class Play:
    """A few servers, a clock that the test winds, and a judge."""

    judge: Judge = field(default_factory=Judge)
    now: float = 0.0
    metrics: Counting = field(default_factory=Counting)

    def __post_init__(self) -> None:
        self.like = LikeMessages(self.judge, self.metrics, lambda: self.now)

    async def say(
        self,
        text: str,
        *before: str,
        guild: int = 1,
        policy: Policy = POLICY,
        shifts: Shifts | None = None,
        thresholds: ThresholdTable = USUAL,
    ) -> Verdict:
        """A message comes in; what it is told."""
        context = tuple(ContextMessage("somebody", line) for line in before)
        said = Submission(guild, 2, next(_ids), 0, 3, "a", text, normalise(text), context, datetime.now(UTC))
        return await self.like.verdict(Law((), policy, policy, shifts or {}), thresholds, said)

    async def say_each(self, *texts: str) -> list[Verdict]:
        """Messages come in one after another."""
        return [await self.say(text) for text in texts]


@pytest.fixture
def play() -> Play:
    return Play()


def raid(size: int) -> list[str]:
    return [f"{RAID} {n}" for n in range(size)]


async def test_a_raid_of_two_hundred_costs_six_judgements_one_after_another(play: Play) -> None:
    verdicts = await play.say_each(*raid(200))
    assert len(play.judge.asked) == 6
    assert [one.method for one in verdicts].count(Method.ALIKE) == play.metrics.told == 194
    assert {one.probability for one in verdicts} == {0.97}


async def test_and_as_many_where_all_come_at_once(play: Play) -> None:
    verdicts = await asyncio.gather(*(play.say(text) for text in raid(200)))
    assert len(play.judge.asked) == 6
    assert len([one for one in verdicts if one.method is Method.ALIKE]) == 194


async def test_messages_that_differ_in_a_digit_and_are_no_raid_are_judged_each(play: Play) -> None:
    await play.say_each(*raid(3))
    assert len(play.judge.asked) == 3


async def test_twelve_and_fourteen_are_judged_each_where_a_rule_speaks_of_numbers(play: Play) -> None:
    rule = parse_policy("# House\n\n## Rules\n1. Nobody under 13. [ban]\n2. No scams. [delete]\n")
    play.judge.likely = lambda text: 0.97 if int(text.rsplit(maxsplit=1)[-1]) < 13 else 0.02
    said = [12, 10, 9, 11, 14, 13, 12]
    verdicts = [await play.say(f"hello everybody, my age is {age}", policy=rule) for age in said]
    assert [one.probability > 0.5 for one in verdicts] == [age < 13 for age in said]
    assert play.metrics.told == 1, "eleven lies between nine and twelve, and then they did not agree any more"


async def test_a_raid_that_turns_into_something_else_is_found_out(play: Play) -> None:
    play.judge.likely = lambda text: 0.97 if int(text.rsplit(maxsplit=1)[-1]) < 10 else 0.02
    verdicts = await play.say_each(*raid(60))
    wrongly = [n for n, one in enumerate(verdicts) if (one.probability > 0.5) != (n < 10)]
    assert wrongly == [10, 11, 12, 13, 14], "three judged, twelve told, and then one is judged again"


@pytest.mark.parametrize("likely", [0.5, 0.86, 0.45])
async def test_what_is_not_clear_is_judged_each(play: Play, likely: float) -> None:
    play.judge.likely = lambda _: likely
    await play.say_each(*raid(20))
    assert len(play.judge.asked) == 20


async def test_those_that_do_not_agree_wait_for_no_other(play: Play) -> None:
    play.judge.likely = lambda text: 0.97 if text.endswith("0") else 0.02
    await play.say_each(*raid(12))
    play.judge.may_classify.clear()
    asked = [asyncio.create_task(play.say(text)) for text in raid(20)]
    await asyncio.sleep(0)
    assert play.judge.classifying == 20
    play.judge.may_classify.set()
    await asyncio.gather(*asked)


async def test_never_is_a_message_told_more_than_the_mildest_of_those_judged(play: Play) -> None:
    play.judge.likely = lambda text: 0.9 + int(text.rsplit(maxsplit=1)[-1]) / 100
    verdicts = await play.say_each(*raid(6))
    assert [one.probability for one in verdicts] == [0.9, 0.91, 0.92, 0.9, 0.9, 0.9]


async def test_the_next_message_after_a_new_policy_is_judged_by_it(play: Play) -> None:
    changed = parse_policy(f"{POLICY.source}3. No cheating. [kick]\n")
    await play.say_each(*raid(10))
    before = len(play.judge.asked)
    verdict = await play.say(f"{RAID} 11", policy=changed)
    assert (verdict.policy_digest, verdict.method) == (changed.digest, Method.CLASSIFY)
    assert len(play.judge.asked) == before + 1


async def test_so_is_the_next_after_answers_shifted_a_rule(play: Play) -> None:
    await play.say_each(*raid(10))
    verdict = await play.say(f"{RAID} 11", shifts={"1": RuleShift("1", -1.0, 0, 9, DIGEST)})
    assert (round(verdict.probability, 2), verdict.method) == (0.92, Method.CLASSIFY)


async def test_thresholds_that_change_count_from_the_next_message_on(play: Play) -> None:
    await play.say_each(*raid(10))
    verdict = await play.say(f"{RAID} 11", thresholds=ThresholdTable(Thresholds(0.97, 0.5)))
    assert verdict.method is Method.CLASSIFY


async def test_another_server_with_the_same_policy_is_told_nothing(play: Play) -> None:
    await play.say_each(*raid(10))
    assert [(await play.say(f"{RAID} {n}", guild=2)).method for n in range(3)] == [Method.CLASSIFY] * 3


async def test_another_models_verdicts_do_not_count_beside_it(play: Play) -> None:
    await play.say_each(*raid(2))
    play.judge.model = "ab" * 32
    await play.say_each(*raid(2))
    assert len(play.judge.asked) == 4


async def test_a_verdict_that_may_rest_on_what_was_said_before_is_told_to_no_other(play: Play) -> None:
    text = "yes of course we should all do that"
    for n in range(20):
        await play.say(f"{text} {n}", "who is going to hurt them?", f"line {n}")
    assert len(play.judge.asked) == 20


async def test_a_raids_own_messages_before_each_other_are_no_reason_not_to(play: Play) -> None:
    said = ["anybody here?", "sure", "what is up", "nothing much"]
    for text in raid(200):
        await play.say(text, *said[-4:])
        said.append(text)
    assert len(play.judge.asked) <= 8


async def test_after_a_minute_without_a_judgement_it_begins_anew(play: Play) -> None:
    await play.say_each(*raid(10))
    asked = len(play.judge.asked)
    play.now += likeness.SECONDS + 1
    await play.say_each(*raid(10))
    assert len(play.judge.asked) == 2 * asked
    assert len(play.like._kinds) == 1


async def test_a_judgement_that_fails_is_no_precedent_and_holds_up_nobody(play: Play) -> None:
    play.judge.fails = True
    failed = await asyncio.gather(*(play.say(text) for text in raid(40)), return_exceptions=True)
    assert [type(one) for one in failed] == [JudgeError] * 40
    play.judge.fails = False
    assert len({one.method for one in await play.say_each(*raid(20))}) == 2


async def test_who_waits_and_is_ended_or_waits_for_one_that_is_ended_holds_up_nobody(play: Play) -> None:
    play.judge.may_classify.clear()
    tasks = [asyncio.create_task(play.say(text)) for text in raid(20)]
    await asyncio.sleep(0)
    assert play.judge.classifying == 3
    for task in (*tasks[:3], tasks[9]):
        task.cancel()
    play.judge.may_classify.set()
    rest = await asyncio.gather(*tasks, return_exceptions=True)
    assert len([one for one in rest if isinstance(one, Verdict)]) == 16


async def test_no_words_are_kept_and_no_more_kinds_than_there_is_room_for(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "MOST_KINDS", 5)
    for text in (
        *raid(4),
        f"{RAID} gift7 🎉",
        *(f"another message of {word} words" for word in ("few", "some", "many")),
    ):
        await play.say(text, "a line before", "and one more")
    held = repr(play.like._kinds)
    assert not [word for word in ("nitro", "gift7", "🎉", "another", "line", "more") if word in held]
    for word in "abcdefgh":
        await play.say(f"one of many different messages {word * 3}")
    assert len(play.like._kinds) == 5
