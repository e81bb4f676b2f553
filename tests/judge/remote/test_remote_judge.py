"""The remote judge on servers that answer: every way of asking, the key, quotes, and the fall-back's truth."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.card_read import CardRead
from bot.judge.fallback import FallbackJudge
from bot.judge.interface import JudgeError, JudgeInfo
from bot.judge.remote.breaker import Breaker
from bot.judge.remote.client import Client, Patience, seconds_asked_for
from bot.judge.remote.judge import RemoteJudge
from tests.judge.remote.servers import HASTY, MODEL, FakeServer, client, good, serving, spoken

POLICY = parse_policy("1. No insults. [delete]\n2. No selling of accounts. [ban]\n")
LONG = (
    "Good evening to you all, and to everybody who came late. " * 3
    + "You are a fool! See you tomorrow at the usual place."
)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with serving(FakeServer()) as one:
        yield one


async def started(server: FakeServer) -> RemoteJudge:
    judge = RemoteJudge(client(server), None)
    await judge.start()
    return judge


async def no_logprobs(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    if "response_format" in body:
        return await good(request, body)
    return spoken("Certainly, I can help.")


async def words_only(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    if "response_format" in body or "logprobs" in body:
        return web.Response(status=400)
    return spoken("Yes." if "insult" in body["messages"][1]["content"].rsplit("break rule", 1)[1] else "No.")


@pytest.mark.parametrize(
    ("answer", "way", "expected"),
    [
        (good, "log-probabilities", {"1": 0.9, "2": 0.1}),
        (no_logprobs, "structured output", {"1": 1.0, "2": 1.0}),
        (words_only, "words", {"1": 0.95, "2": 0.05}),
    ],
)
async def test_the_best_way_that_a_server_offers_is_taken(
    answer: Any, way: str, expected: dict[str, float], server: FakeServer
) -> None:
    server.answer = answer
    judge = await started(server)
    verdict = await judge.classify(POLICY, "you fool", "you fool")
    await judge.stop()
    assert judge.answers_with == way
    assert dict(verdict.probabilities) == pytest.approx(expected, abs=1e-3)
    assert (verdict.rule, verdict.model, verdict.policy_digest) == ("1", MODEL, POLICY.digest)
    assert len(verdict.model_digest) == 64


async def test_each_message_is_judged_by_the_policy_that_comes_with_it(server: FakeServer) -> None:
    judge = await started(server)
    await judge.prepare(POLICY)
    other = parse_policy("1. No pineapple on pizza.\n")
    verdict = await judge.classify(other, "hi", "hi")
    await judge.stop()
    assert verdict.policy_digest == other.digest
    assert "pineapple" in server.asked[-1]["messages"][0]["content"]
    assert "selling" not in json.dumps(server.asked[-1])


async def test_an_explanation_names_the_rule_and_its_quote_is_a_span_of_the_message(server: FakeServer) -> None:
    judge = await started(server)
    why = await judge.explain(POLICY, LONG, "1")
    await judge.stop()
    assert why.quote
    assert why.quote in LONG
    assert why.rationale.startswith("Breaks rule 1: the message calls somebody a fool")


async def test_several_models_and_none_named_is_one_sentence_that_says_what_to_do(server: FakeServer) -> None:
    server.models = {"data": [{"id": "a"}, {"id": "b"}]}
    judge = RemoteJudge(client(server), None)
    with pytest.raises(JudgeError, match="LAWSPEAKER_REMOTE_MODEL"):
        await judge.start()
    await judge.stop()


async def test_a_message_that_is_too_long_is_not_sent_cut(server: FakeServer) -> None:
    judge = await started(server)
    asked = len(server.asked)
    with pytest.raises(JudgeError, match="too long"):
        await judge.classify(POLICY, "x" * 50_000, "x" * 50_000)
    await judge.stop()
    assert len(server.asked) == asked


async def test_the_key_goes_into_its_header_and_nowhere_else(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    judge = RemoteJudge(Client(server.base, SecretStr("sesame-open"), 5.0, HASTY), None)
    with capture_logs() as lines:
        await judge.start()
        await judge.classify(POLICY, "you fool", "you fool")

        async def refuses(*_: Any) -> web.StreamResponse:
            return web.Response(status=401, text="bad key sesame-open for: you fool")

        server.answer = refuses
        with pytest.raises(JudgeError, match="LAWSPEAKER_REMOTE_API_KEY") as caught:
            await judge.classify(POLICY, "you fool", "you fool")
    await judge.stop()
    assert {one.get("Authorization") for one in server.headers} == {"Bearer sesame-open"}
    assert "sesame-open" not in json.dumps(server.asked)
    told = f"{lines} {caplog.text} {caught.value!r} {judge.__dict__!r}"
    assert "sesame-open" not in told
    assert "you fool" not in told


def test_waits_double_are_bounded_and_follow_retry_after_up_to_a_bound() -> None:
    patience = Patience(tries=4, first_wait=1.0, longest_wait=3.0)
    assert [patience.wait(tried, None, 0.0) for tried in (1, 2, 3, 4)] == [1.0, 2.0, 3.0, None]
    assert patience.wait(1, None, 0.999) == pytest.approx(0.5, abs=0.01)
    assert patience.wait(1, 2.5, 0.5) == 2.5
    assert patience.wait(1, 3_600.0, 0.5) is None
    now = datetime(2026, 1, 1, tzinfo=UTC)
    in_a_minute = (now + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert [seconds_asked_for(one, now) for one in (None, "7", in_a_minute, "soon")] == [None, 7.0, 60.0, None]


# -- falling back -----------------------------------------------------------------------------------------------


class Local:
    """Stands for the local judge, which has tests of its own."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def prepare(self, policy: Policy) -> None: ...

    async def classify(self, policy: Policy, *_: Any) -> Verdict:
        return Verdict("1", {"1": 0.2, "2": 0.1}, policy.digest, "local", "ab" * 32)

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        return Explanation("Breaks rule 1: here.", text)

    def info(self) -> JudgeInfo:
        return JudgeInfo("local", "ab" * 32, ready=True)


async def broken(*_: Any) -> web.StreamResponse:
    return web.Response(status=500)


async def test_the_local_judge_stands_in_and_the_verdict_and_the_log_say_so_once_each_way(server: FakeServer) -> None:
    now = 0.0
    judge = FallbackJudge(RemoteJudge(client(server), None, Breaker(lambda: now)), Local())
    models = []
    with capture_logs() as lines:
        server.answer = broken
        await judge.start()
        await judge.prepare(POLICY)
        models += [(await judge.classify(POLICY, "hi", "hi")).model for _ in range(4)]
        assert judge.info().model == "local"
        assert (await judge.explain(POLICY, "hi", "1")).quote == "hi"
        server.answer, now = good, 1_000.0
        models += [(await judge.classify(POLICY, "hi", "hi")).model for _ in range(4)]
        assert judge.info().model == MODEL
        await judge.prepare(POLICY)
        assert (await judge.explain(POLICY, "hi", "1")).rationale.startswith("Breaks rule 1: the message calls")
    await judge.stop()
    assert models == ["local"] * 4 + [MODEL] * 4
    events = [line["event"] for line in lines]
    assert events.count("judge_fell_back") == 1
    assert events.count("judge_is_back") == 1


async def test_the_card_is_that_of_the_local_judge_where_it_makes_one(server: FakeServer) -> None:
    class Carding(Local):
        async def card(self, policy: Policy) -> CardRead | None:
            return CardRead((), 3, ())

    remote = RemoteJudge(client(server), None)
    assert await FallbackJudge(remote, Carding()).card(POLICY) == CardRead((), 3, ())
    assert await FallbackJudge(remote, Local()).card(POLICY) is None


async def test_nonsense_about_one_message_is_judged_by_the_local_model_and_that_one_only(server: FakeServer) -> None:
    judge = FallbackJudge(RemoteJudge(client(server), None), Local())
    await judge.start()

    async def at_odds(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return spoken("Hm") if "odd" in json.dumps(body) else await good(request, body)

    server.answer = at_odds
    texts = ("hi", "odd", "hello")
    found = await asyncio.gather(*(judge.classify(POLICY, text, text) for text in texts))
    await judge.stop()
    assert [one.model for one in found] == [MODEL, "local", MODEL]


async def test_where_neither_can_answer_there_is_no_verdict(server: FakeServer) -> None:
    class Down(Local):
        async def classify(self, policy: Policy, *_: Any) -> Verdict:
            raise JudgeError("The judge was stopped.")

    judge = FallbackJudge(RemoteJudge(client(server), None), Down())
    await judge.start()
    server.answer = broken
    with pytest.raises(JudgeError):
        await judge.classify(POLICY, "hi", "hi")
    await judge.stop()
