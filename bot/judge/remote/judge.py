"""A judge on another machine: any server that speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from bot.domain.normalise import normalise
from bot.domain.policy import Policy, Rule
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Method, Verdict
from bot.judge.interface import JudgeError, JudgeInfo
from bot.judge.rationale import clauses, tidy_reason
from bot.judge.remote.answers import (
    Reply,
    part_and_reason,
    probability_of_yes,
    read_reply,
    stated_probabilities,
    word_of_yes,
)
from bot.judge.remote.breaker import Breaker, State
from bot.judge.remote.client import Client
from bot.judge.remote.errors import AnswerError, RemoteError
from bot.judge.remote.questions import Form, Question, message_text, rule_question, rules_question, why_question
from bot.judge.remote.server import Server, find_server
from bot.language import mark

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_AT_ONCE = 8
# Policy and message together. What is longer would fit few models, and a server that cuts it off need not say so.
MOST_CHARACTERS = 48_000
# What a rationale goes on after, which a model may well repeat.
_BEGUN = "the message"
_NEUTRAL = "Good morning, everybody!"


class RemoteJudge:
    """A judge behind a client (see `bot.judge.interface.Judge`); start it before use.

    What a server is and offers is found out at the start, and again after each time that it was away: another model may
    stand there then. While it is away it is not asked: every question is refused at once.
    """

    def __init__(self, client: Client, wanted: str | None, breaker: Breaker | None = None) -> None:
        """Judge with the model called `wanted`, or with the only one that the server offers."""
        self._client = client
        self._wanted = wanted
        self._breaker = breaker or Breaker(time.monotonic)
        # While the breaker is closed, what is asked; else None, but at the start.
        self._server: Server | None = None
        self._known = JudgeInfo(wanted or client.base, "", ready=False)
        self._running = False
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def start(self) -> None:
        """Find out what the server offers; JudgeError where it cannot judge now, after which it may be asked later."""
        self._running = True
        await self._client.open()
        await self._reached()

    async def stop(self) -> None:
        """Break off what is being asked."""
        self._running = False
        await self._client.close()

    def info(self) -> JudgeInfo:
        """The model last found there, and whether nothing is known against asking it now."""
        known = self._known
        ready = self._running and known.ready and self._breaker.might_answer
        return JudgeInfo(known.model, known.model_digest, ready)

    @property
    def answers_with(self) -> str:
        """How the server answers, in words; empty while it is away."""
        return self._server.way.form.value if self._server else ""

    async def prepare(self, policy: Policy) -> None:
        """Judge a harmless message: the server reads the policy, and says now if it is too long. JudgeError."""
        await self.classify(policy, _NEUTRAL, normalise(_NEUTRAL))

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        """Ask about each rule. The verdict is of all of them or there is none: JudgeError."""
        started = time.perf_counter()
        server = await self._reached()
        message = message_text(text, normalised, context)
        asked = time.perf_counter()
        probabilities = await self._probabilities(server, policy, message)
        done = time.perf_counter()
        return Verdict(
            rule=max(probabilities, key=probabilities.__getitem__) if probabilities else None,
            probabilities=probabilities,
            policy_digest=policy.digest,
            model=server.model,
            model_digest=server.digest,
            method=Method.CLASSIFY,
            timings_ms={"judge": (done - asked) * 1_000, "total": (done - started) * 1_000},
        )

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        """A rationale, and a quote that is one of the message's own clauses: the model only gives its number."""
        server = await self._reached()
        rule = policy.rule(rule_key)
        spans = clauses(text)
        reply = await self._ask(server, why_question(policy, rule, spans, context))
        number, reason = part_and_reason(reply, len(spans))
        quote = spans[number]
        return Explanation(tidy_reason(rule.key, rule.text, _clause(reason), quote), quote)

    # -- asking ------------------------------------------------------------------------------------------

    async def _probabilities(self, server: Server, policy: Policy, message: str) -> dict[str, float]:
        if not policy.rules:
            return {}
        if server.way.form is Form.STRUCTURED:
            return stated_probabilities(await self._ask(server, rules_question(policy, message)), policy)
        understand = probability_of_yes if server.way.form is Form.LOGPROBS else word_of_yes

        async def one(rule: Rule) -> float:
            return understand(await self._ask(server, rule_question(policy, message, rule, server.way.form)))

        answers = await _all_or_none(one, policy.rules)
        return {rule.key: answer for rule, answer in zip(policy.rules, answers, strict=True)}

    async def _ask(self, server: Server, question: Question) -> Reply:
        if len(question.instructions) + len(question.asked) > MOST_CHARACTERS:
            raise AnswerError(mark("The message is too long for the remote judge."))
        endpoint, body = server.put(question)
        async with self._room:
            # It may have gone while this waited; whatever waits is then refused at once.
            if self._server is not server:
                raise RemoteError(mark("The remote server went away before it could be asked."))
            try:
                reply = read_reply(await self._client.post(endpoint, body), endpoint)
            except RemoteError as error:
                if self._server is server:
                    self._count_failure(error)
                raise
            self._breaker.succeeded()
            return reply

    async def _reached(self) -> Server:
        """The server, found anew where it was away; JudgeError where it is, or is not to be asked yet."""
        if not self._running:
            raise JudgeError(mark("The remote judge is not running."))
        if self._server is not None:
            return self._server
        if not self._breaker.admits():
            raise RemoteError(mark("The remote server failed and is left alone for a while."))
        try:
            server = await find_server(self._client, self._wanted)
        except (RemoteError, AnswerError) as error:
            self._breaker.failed()
            self._breaker.trip()  # at the start too: a server of which nothing is known cannot be asked
            log.warning("remote_judge_away", reason=str(error))
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        self._server = server
        self._known = JudgeInfo(server.model, server.digest, ready=True)
        log.info("remote_judge_found", model=server.model, way=f"{server.way.endpoint}, {server.way.form}")
        return server

    def _count_failure(self, error: RemoteError) -> None:
        self._breaker.failed()
        if self._breaker.state is State.OPEN:
            self._server = None
            log.warning("remote_judge_away", reason=str(error))


async def _all_or_none(work: Callable[[Rule], Awaitable[T]], rules: Sequence[Rule]) -> list[T]:
    """What `work` gives for each rule; where one fails the others are broken off, and its error is raised."""
    tasks = [asyncio.ensure_future(work(rule)) for rule in rules]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _clause(reason: str) -> str:
    """A reason without the words it was to go on after."""
    stripped = reason.strip()
    return stripped[len(_BEGUN) :].strip() if stripped.casefold().startswith(_BEGUN) else stripped
