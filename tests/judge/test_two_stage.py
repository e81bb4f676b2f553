"""Two stages: what the screen is sure is fine passes by it alone; for all else the reasoner decides, or a human."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Method, Verdict
from bot.judge.card_read import CardRead, RuleRead, card_in
from bot.judge.interface import JudgeError, JudgeInfo
from bot.judge.two_stage import TwoStageJudge, passes

POLICY = parse_policy("1. No scams. [delete]\n2. No insults. [warn]")


class Saying:
    """A judge that says what it is told to; None for one that fails."""

    def __init__(self, name: str, probability: float | None, method: Method = Method.CLASSIFY) -> None:
        self.name = name
        self.probability = probability
        self.method = method
        self.asked: list[str] = []
        self.life: list[str] = []

    async def start(self) -> None:
        self.life.append("start")
        if self.name == "broken":
            raise JudgeError("The model did not load.")

    async def stop(self) -> None:
        self.life.append("stop")

    async def prepare(self, policy: Policy) -> None:
        self.life.append("prepare")

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.asked.append(text)
        if self.probability is None:
            raise JudgeError("The judge thought longer than it may.")
        said = {"1": self.probability, "2": 0.0}
        return Verdict("1", said, policy.digest, self.name, "ab", self.method, timings_ms={"total": 10.0})

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        return Explanation(f"by {self.name}", text)

    def info(self) -> JudgeInfo:
        return JudgeInfo(self.name, self.name, ready=self.name != "broken")


async def judge(screen: float | None, reasoner: float | None, below: float = 0.1) -> tuple[Verdict, Saying]:
    second = Saying("reasoner", reasoner, Method.REASON)
    return await TwoStageJudge(Saying("screen", screen), second, below).classify(POLICY, "a", "a"), second


@pytest.mark.parametrize(("probability", "passing"), [(0.0, True), (0.0999, True), (0.1, False), (1.0, False)])
def test_below_the_threshold_a_message_passes(probability: float, passing: bool) -> None:
    assert passes(Verdict("1", {"1": probability}, "", "", ""), 0.1) is passing


async def test_what_the_screen_is_sure_is_fine_never_costs_the_reasoner_anything() -> None:
    verdict, reasoner = await judge(0.05, 0.99)
    assert (verdict.model, verdict.probability) == ("screen", 0.05)
    assert reasoner.asked == []


@pytest.mark.parametrize("screen", [0.1, 0.5, 0.99])
async def test_for_all_else_the_reasoner_decides(screen: float) -> None:
    verdict, reasoner = await judge(screen, 0.03)
    assert (verdict.model, verdict.method, verdict.probability) == ("reasoner", Method.REASON, 0.03)
    assert reasoner.asked == ["a"]
    assert verdict.timings_ms["screen"] == 10.0
    assert verdict.timings_ms["total"] == 20.0


async def test_where_the_reasoner_fails_the_screen_is_not_acted_on_however_sure_it_was() -> None:
    with pytest.raises(JudgeError, match="thought longer"):
        await judge(0.999, None)


async def test_where_the_reasoner_fails_what_the_screen_is_sure_is_fine_still_passes() -> None:
    verdict, _ = await judge(0.01, None)
    assert verdict.model == "screen"


async def test_a_message_that_waits_for_the_reasoner_keeps_none_waiting_that_does_not() -> None:
    class Slow(Saying):
        async def classify(
            self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
        ) -> Verdict:
            await let.wait()
            return await super().classify(policy, text, normalised, context)

    let = asyncio.Event()
    screen = Saying("screen", 0.9)
    both = TwoStageJudge(screen, Slow("reasoner", 0.9), 0.1)
    slow = asyncio.create_task(both.classify(POLICY, "unsure", ""))
    await asyncio.sleep(0)
    screen.probability = 0.0
    assert (await both.classify(POLICY, "sure", "")).model == "screen"
    assert not slow.done()
    let.set()
    assert (await slow).model == "reasoner"


async def test_both_are_started_prepared_and_stopped_and_readiness_is_that_of_both() -> None:
    screen, reasoner = Saying("screen", 0.0), Saying("reasoner", 0.0)
    both = TwoStageJudge(screen, reasoner, 0.1)
    await both.start()
    await both.prepare(POLICY)
    await both.stop()
    assert screen.life == reasoner.life == ["start", "prepare", "stop"]
    assert both.info() == JudgeInfo("screen then reasoner", "reasoner", ready=True)
    assert not TwoStageJudge(screen, Saying("broken", 0.0), 0.1).info().ready
    assert (await both.explain(POLICY, "a", "1")).rationale == "by screen"


async def test_where_one_cannot_start_both_are_ended() -> None:
    screen, broken = Saying("screen", 0.0), Saying("broken", 0.0)
    with pytest.raises(JudgeError, match="did not load"):
        await TwoStageJudge(screen, broken, 0.1).start()
    assert screen.life[-1] == broken.life[-1] == "stop"


async def test_the_card_is_the_screens_and_one_that_makes_none_has_none_to_show() -> None:
    class Carding(Saying):
        async def card(self, policy: Policy) -> CardRead | None:
            return CardRead((RuleRead("1", self.name, 2, ()),), 0, ())

    shown = await TwoStageJudge(Carding("screen", 0.1), Carding("reasoner", 0.9), 0.5).card(POLICY)
    assert shown is not None
    assert shown.rules[0].text == "screen"
    assert await TwoStageJudge(Saying("screen", 0.1), Carding("reasoner", 0.9), 0.5).card(POLICY) is None


def test_a_card_of_another_policy_is_none() -> None:
    with pytest.raises(JudgeError, match="another policy"):
        card_in({"rules": [["7", "No cats.", 3, []]], "examples": 0, "by_sight": []}, POLICY)
