"""The load that the benchmark puts on a judge."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.bench.messages import messages, policies
from bot.bench.ours import EXPLAINED, IN_FLIGHT, Asking, cost_by_servers
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Method, Verdict
from bot.judge.interface import Judge, JudgeError, JudgeInfo
from bot.pipeline import casework, dispatcher


class Counting:
    """A judge that answers at once, counts what is in flight, and refuses texts with a word."""

    def __init__(self, refuses: str = "\0") -> None:
        self.refuses = refuses
        self.flying = self.most = 0
        self.explained: list[tuple[str, str]] = []
        self.prepared: set[str] = set()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def info(self) -> JudgeInfo:
        return JudgeInfo("counting", "ab12", ready=True)

    async def prepare(self, policy: Policy) -> None:
        self.prepared.add(policy.digest)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: tuple[ContextMessage, ...] | object = ()
    ) -> Verdict:
        self.flying += 1
        self.most = max(self.most, self.flying)
        await asyncio.sleep(0)
        self.flying -= 1
        if self.refuses in text:
            raise JudgeError("No.")
        return Verdict("1", {"1": 0.1}, policy.digest, "counting", "ab12", Method.CLASSIFY)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        self.explained.append((text, rule_key))
        return Explanation("Breaks it.", text)


async def test_as_many_are_in_flight_as_the_dispatcher_keeps() -> None:
    judge: Judge = Counting()
    await Asking(judge, policies()).throughput(iter(messages(200, 1)), 60)
    assert isinstance(judge, Counting)
    assert judge.most == IN_FLIGHT == dispatcher.MOST_IN_FLIGHT
    assert casework.MOST_EXPLAINED == EXPLAINED


async def test_every_violation_is_explained_by_its_rule_and_nothing_else() -> None:
    judge, made = Counting(), messages(200, 1)
    tally = await Asking(judge, policies()).throughput(iter(made), 60)
    assert sorted(judge.explained) == sorted((message.text, message.rule) for message in made if message.rule)
    assert tally.judged == 200
    assert len(tally.rationales) == 10


async def test_what_could_not_be_judged_is_counted_apart() -> None:
    made = messages(200, 1)
    refused = sum("honestly" in message.text for message in made)
    tally = await Asking(Counting("honestly"), policies()).throughput(iter(made), 60)
    assert refused > 0
    assert (tally.judged, tally.not_judged) == (200 - refused, refused)


async def test_no_message_is_begun_when_the_time_is_over() -> None:
    tally = await Asking(Counting(), policies()).throughput(iter(messages(200, 1)), 0.0)
    assert tally.judged == IN_FLIGHT


async def test_latencies_are_ranked_and_the_rate_offered_is_told() -> None:
    found = await Asking(Counting(), policies()).latency(messages(40, 1), 10_000.0, 60, seed=1)
    assert found["n"] == 40
    assert 0 < found["p50"] <= found["p95"] <= found["p99"]
    assert found["offered_per_second"] == 10_000.0


async def test_the_cost_of_a_message_is_told_for_one_server_and_for_all_that_were_compiled() -> None:
    judge = Counting()
    found = await cost_by_servers(judge, policies(50), messages(80, 1), 60)
    assert set(found) == {"1", "50"}
    assert len(judge.prepared) == 50


async def test_fewer_servers_are_measured_where_time_runs_out() -> None:
    found = await cost_by_servers(Counting(), policies(50), messages(80, 1), 0.0)
    assert set(found) == {"1"}
