"""A server that misbehaves: every question ends in a JudgeError, in time, and none in a verdict."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.domain.policy_text import parse_policy
from bot.judge.interface import JudgeError
from bot.judge.remote.breaker import Breaker
from bot.judge.remote.judge import RemoteJudge
from tests.judge.remote.servers import FakeServer, Handler, client, good, serving, spoken

POLICY = parse_policy("1. No insults. [delete]\n2. No selling of accounts. [ban]\n")
SECONDS = 1.0
LIMIT = 10.0
"""Within which a question must have ended; a test that waits longer has hung."""


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with serving(FakeServer()) as one:
        yield one


@pytest_asyncio.fixture
async def judge(server: FakeServer) -> AsyncIterator[RemoteJudge]:
    """A judge that found the server good at its start."""
    one = RemoteJudge(client(server, SECONDS), None)
    await one.start()
    yield one
    await one.stop()


def raw(body: bytes, **given: Any) -> Handler:
    async def answer(*_: Any) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json", **given)

    return answer


def said(text: str, tops: dict[str, float] | None = None) -> Handler:
    async def answer(*_: Any) -> web.StreamResponse:
        return spoken(text, tops)

    return answer


async def half_an_answer(request: web.Request, _: Any) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"message"')
    assert request.transport is not None
    request.transport.close()
    return response


async def endless(request: web.Request, _: Any) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for _number in range(10_000):
        await response.write(b"data: {}\n\n")
        await asyncio.sleep(0.05)
    return response


async def huge(request: web.Request, _: Any) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _number in range(2_000):
        await response.write(b" " * 100_000)
    return response


async def hangs(*_: Any) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError


async def closes(request: web.Request, _: Any) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


BAD: dict[str, Handler] = {
    "no JSON": raw(b"<html>busy</html>"),
    "wrong JSON": raw(b'{"choices": "none"}'),
    "an array": raw(b"[]"),
    "no choices": raw(b'{"choices": []}'),
    "two choices": raw(b'{"choices": [{"message": {"content": "No"}}, {"message": {"content": "Yes"}}]}'),
    "nested without end": raw(b"[" * 200_000),
    "no UTF-8": raw(b'{"choices": "\xff"}'),
    "a choice that is no object": raw(b'{"choices": [7]}'),
    "a probability above one": said("Yes", {"Yes": 3.0, "No": -9.0}),
    "probabilities that add up to two": said("Yes", {"Yes": 0.0, "No": 0.0}),
    "infinite log-probabilities": raw(
        b'{"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": [{"top_logprobs": '
        b'[{"token": "Yes", "logprob": 1e999}]}]}}]}'
    ),
    "log-probabilities missing": said("Yes"),
    "neither yes nor no": said("Well", {"Well": -0.1, "Hm": -2.0}),
    "half an answer": half_an_answer,
    "an endless stream": endless,
    "a huge body": huge,
    "a packed body": raw(gzip.compress(b" " * 5_000_000), headers={"Content-Encoding": "gzip"}),
    "too many requests": raw(b"", status=429),
    "too many requests for an hour": raw(b"", status=429, headers={"Retry-After": "3600"}),
    "an error of the server's": raw(b"", status=500),
    "a refusal of the question": raw(b"", status=400),
    "a refusal of the key": raw(b"", status=401),
    "no such model": raw(b"", status=404),
    "hangs": hangs,
    "closes the connection": closes,
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_answer_is_a_judge_error_and_never_a_verdict(
    what: str, server: FakeServer, judge: RemoteJudge
) -> None:
    server.answer = BAD[what]
    with pytest.raises(JudgeError) as caught:
        await asyncio.wait_for(judge.classify(POLICY, "you fool", "you fool"), LIMIT)
    assert "\n" not in str(caught.value)
    assert "fool" not in str(caught.value)
    with pytest.raises(JudgeError):
        await asyncio.wait_for(judge.explain(POLICY, "you fool", "1"), LIMIT)


# A server that says yes and no in words only is one that can be asked, in its way.
SPEAKS = {"log-probabilities missing", "probabilities that add up to two"}


@pytest.mark.parametrize("what", sorted(BAD.keys() - SPEAKS))
async def test_a_server_that_is_bad_from_the_start_gives_no_judge(what: str, server: FakeServer) -> None:
    server.answer = BAD[what]
    one = RemoteJudge(client(server, SECONDS), None)
    try:
        with pytest.raises(JudgeError):
            await asyncio.wait_for(one.start(), LIMIT)
        assert not one.info().ready
    finally:
        await one.stop()


async def test_a_redirect_is_not_followed_and_nothing_reaches_where_it_leads(
    server: FakeServer, judge: RemoteJudge
) -> None:
    async with serving(FakeServer()) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            server.answer = raw(b"", status=status, headers={"Location": f"{elsewhere.base}/chat/completions"})
            with pytest.raises(JudgeError):
                await judge.classify(POLICY, "hello", "hello")
        assert elsewhere.headers == []


async def test_what_fails_for_a_moment_is_tried_again_and_retry_after_is_honoured(
    server: FakeServer, judge: RemoteJudge
) -> None:
    failing = iter([500, 429, 503])
    times: list[float] = []

    async def at_first_not(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        times.append(asyncio.get_running_loop().time())
        if (status := next(failing, None)) is not None:
            return web.Response(status=status, headers={"Retry-After": "0"})
        return await good(request, body)

    server.answer = at_first_not
    assert (await judge.classify(POLICY, "hello", "hello")).rule == "1"
    assert len(times) == 5  # two rules, and three tries more


async def test_one_rule_that_is_not_answered_leaves_no_verdict(server: FakeServer, judge: RemoteJudge) -> None:
    async def only_the_first(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if 'break rule "2"' in body["messages"][1]["content"]:
            return spoken("Hm", {"Hm": -0.1})
        return await good(request, body)

    server.answer = only_the_first
    with pytest.raises(JudgeError):
        await judge.classify(POLICY, "hello", "hello")


async def test_a_server_that_keeps_failing_is_left_alone_and_found_again(server: FakeServer) -> None:
    now = 0.0
    judge = RemoteJudge(client(server), None, Breaker(lambda: now))
    await judge.start()
    server.answer = raw(b"", status=404)
    for _ in range(3):
        with pytest.raises(JudgeError):
            await judge.classify(POLICY, "hello", "hello")
    assert not judge.info().ready
    server.answer = good
    asked = len(server.headers)
    with pytest.raises(JudgeError, match="left alone"):
        await judge.classify(POLICY, "hello", "hello")
    assert len(server.headers) == asked
    now = 11.0
    server.models = {"data": [{"id": "another-model"}]}
    assert (await judge.classify(POLICY, "hello", "hello")).model == "another-model"
    await judge.stop()


async def test_messages_that_make_the_model_talk_nonsense_do_not_take_the_judge_from_others(
    server: FakeServer, judge: RemoteJudge
) -> None:
    server.answer = said("Hm", {"Hm": -0.1})
    for _ in range(10):
        with pytest.raises(JudgeError):
            await judge.classify(POLICY, "hello", "hello")
    server.answer = good
    assert (await judge.classify(POLICY, "hello", "hello")).rule == "1"


async def test_what_was_asked_when_the_judge_is_stopped_is_refused(server: FakeServer) -> None:
    reached = asyncio.Event()

    async def waits(*given: Any) -> web.StreamResponse:
        reached.set()
        return await hangs(*given)

    judge = RemoteJudge(client(server, 30.0), None)
    await judge.start()
    server.answer = waits
    asked = asyncio.create_task(judge.classify(POLICY, "hello", "hello"))
    await asyncio.wait_for(reached.wait(), LIMIT)
    await judge.stop()
    with pytest.raises(JudgeError):
        await asyncio.wait_for(asked, LIMIT)
    with pytest.raises(JudgeError, match="not running"):
        await judge.classify(POLICY, "hello", "hello")
