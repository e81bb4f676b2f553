"""A backtest asks for little at a time, lets live messages go first, ends in time, and tells failures apart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.backtest import Sample
from bot.domain.calibration import RuleShift, shifted
from bot.domain.decision import Outcome
from bot.domain.guild import GuildSettings
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Verdict
from bot.judge.interface import JudgeError, JudgeInfo, NoAnswerError
from bot.pipeline import backtest as module
from bot.pipeline.backtest import AT_ONCE, Asked, Backtest, Laws
from bot.pipeline.dispatcher import MOST_IN_FLIGHT
from bot.pipeline.law import Law

AT = datetime(2026, 1, 2, tzinfo=UTC)
LIVE, DRAFT = parse_policy("1. No ads. [delete]"), parse_policy("1. No cats. [flag]")
SHIFT = RuleShift("1", -1.0, 2, 9, "e" * 64)
DIGEST = "e" * 64


def law(policy: Policy, number: int, **shifts: RuleShift) -> Law:
    version = PolicyVersion(10, number, policy.source, policy.digest, 9, "", AT, AT)
    return Law((version,), policy, policy, {key[1:]: one for key, one in shifts.items()})


BOTH = Laws(law(LIVE, 1), law(DRAFT, 0))


@dataclass
class CountingJudge:
    """Rule 1 is broken by a text with the policy's last word; counts how many it is asked at once."""

    failures: dict[str, JudgeError] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    now: int = 0

    async def prepare(self, policy: Policy) -> None:
        self.prepared.append(policy.digest)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        self.asked.append((policy.digest, text))
        if text in self.failures:
            raise self.failures[text]
        word = policy.rules[0].text.rstrip(".").split()[-1]
        return Verdict("1", {"1": 0.95 if word in text else 0.05}, policy.digest, "m", DIGEST)

    def info(self) -> JudgeInfo:
        return JudgeInfo("m", DIGEST, ready=True)


class Backlog:
    """A store of which only the server's settings and how many messages wait are looked at."""

    def __init__(self, *waiting: int) -> None:
        self.waiting = list(waiting)
        self.guilds = SimpleNamespace(get=self._settings)
        self.journal = SimpleNamespace(backlog=self._backlog)

    async def _settings(self, guild_id: int) -> GuildSettings:
        return GuildSettings(guild_id)

    async def _backlog(self) -> dict[int, int]:
        return {1: self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0]}


def sample(text: str, verdict: Verdict | None = None, *judged_by: int) -> Sample:
    said = Submission(10, 20, 1, 0, 30, "ana", text, text, (), AT)
    return Sample(1, said, verdict, judged_by=judged_by)


async def run(judge: CountingJudge, samples: list[Sample], store: Any = None, laws: Laws = BOTH) -> Any:
    heard: list[int] = []

    async def hear(done: int) -> None:
        heard.append(done)

    ran = await Backtest(store or Backlog(0), judge).run(10, [Asked(one, laws) for one in samples], hear)
    return ran, heard


async def test_each_message_is_judged_by_both_policies_a_few_at_a_time() -> None:
    judge = CountingJudge()
    ran, heard = await run(judge, [sample(text) for text in ["ads", "cats", *(["fine"] * 8)]])
    assert [(one.live.outcome, one.draft.outcome) for one in ran.compared[:3]] == [
        (Outcome.ACT, Outcome.ALLOW),
        (Outcome.ALLOW, Outcome.ACT),
        (Outcome.ALLOW, Outcome.ALLOW),
    ]
    assert judge.most <= AT_ONCE
    assert heard == [4, 8, 10]
    assert judge.prepared == [DRAFT.digest]


async def test_without_a_law_all_that_the_draft_catches_is_new() -> None:
    ran, _ = await run(CountingJudge(), [sample("cats")], laws=Laws(None, law(DRAFT, 0)))
    assert not ran.compared[0].live.caught
    assert ran.compared[0].draft.caught


async def test_a_verdict_on_record_of_the_same_policy_and_model_is_not_asked_for_again() -> None:
    known = Verdict("1", {"1": 0.91}, LIVE.digest, "m", DIGEST)
    of_another_model = Verdict("1", {"1": 0.91}, LIVE.digest, "m", "f" * 64)
    judge = CountingJudge()
    ran, _ = await run(judge, [sample("a", known, 1), sample("b", of_another_model, 1)])
    assert ran.compared[0].live.probability == 0.91
    assert sorted(judge.asked) == sorted([(DRAFT.digest, "a"), (DRAFT.digest, "b"), (LIVE.digest, "b")])


async def test_a_verdict_on_record_that_was_calibrated_otherwise_is_asked_for_again_and_calibrated_once() -> None:
    known = Verdict("1", {"1": 0.91}, LIVE.digest, "m", DIGEST)
    judge = CountingJudge()
    laws = Laws(law(LIVE, 2, _1=SHIFT), law(DRAFT, 0))
    ran, _ = await run(judge, [sample("ads", known, 1), sample("a", known, 2)], laws=laws)
    assert ran.compared[0].live.probability == pytest.approx(shifted(0.95, -1.0))
    assert ran.compared[1].live.probability == 0.91, "it was calibrated when it was kept"


async def test_it_waits_while_live_messages_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    store, judge = Backlog(MOST_IN_FLIGHT + 1, MOST_IN_FLIGHT + 1, 0), CountingJudge()
    ran, _ = await run(judge, [sample("cats")], store)
    assert len(ran.compared) == 1
    assert store.waiting == [0]


async def test_where_live_messages_never_cease_it_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(module, "MOST_SECONDS", 0.01)
    ran, heard = await run(CountingJudge(), [sample("cats")], Backlog(1_000))
    assert (ran.compared, ran.failed, heard) == ((), 0, [])


async def test_a_message_without_an_answer_is_counted_and_the_rest_goes_on() -> None:
    judge = CountingJudge(failures={"odd": NoAnswerError("No answer.")})
    ran, heard = await run(judge, [sample("odd"), sample("cats")])
    assert (len(ran.compared), ran.failed, heard) == (1, 1, [2])


async def test_where_the_judge_goes_away_it_ends_with_the_reason() -> None:
    judge = CountingJudge(failures={"ads": JudgeError("The judge is away.")})
    with pytest.raises(JudgeError, match="The judge is away"):
        await run(judge, [sample("cats"), sample("ads")])
