"""What the worker does with a model that reasons: it thinks about each message by the policy itself, then answers.

See `bot.judge.harmony` for how it is asked. One message at a time; what a policy's messages are asked behind stays in
the cache. Each decode call is a sign of life, so that long thinking is not taken for a hang.
"""

from __future__ import annotations

import math
import queue
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage
from bot.judge.alive import SignOfLife
from bot.judge.engine import Continuation, Engine, EngineError, Prefix
from bot.judge.harmony import (
    Answered,
    Control,
    Lack,
    Part,
    Thinking,
    Transcript,
    Unanswered,
    message_pieces,
    parse,
    policy_pieces,
)
from bot.judge.judging import Asked, TooLongError, milliseconds_since
from bot.judge.rationale import stated_reason, verbatim
from bot.judge.readout import Logits
from bot.language import mark

# How long an answer may be once it has begun: two sentences and a quote take some 150 tokens.
ANSWER_TOKENS = 400
LEAST_THINKING_TOKENS = 64
# What is kept of what a model thought, in characters.
MOST_REASONING = 20_000
# The probability where the model's own for its digit cannot be had: a guess, not measured on anything.
SAID_YES, SAID_NO = 0.97, 0.03
POLICIES_KEPT = 256
_DIGIT_NEXT = re.compile(r'"violation"\s*:\s*$')

Request = dict[str, Any]


class NoAnswer(Exception):  # noqa: N818 - an outcome, not an error of the program
    """The model came to no answer; the message is one sentence."""

    def __init__(self, lack: Lack) -> None:
        """For this reason."""
        super().__init__(lack.value)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """What came of a message: probability per rule, and where one is broken why, with a verbatim quote."""

    probabilities: dict[str, float]
    rationale: str
    quote: str
    reasoning: str
    tokens: int


class Reasoning:
    """Thinks with a loaded engine."""

    def __init__(self, engine: Engine, thinking: Thinking) -> None:
        """EngineError where the model does not know harmony's control tokens."""
        self._engine = engine
        self._thinking = thinking
        self._policies: OrderedDict[str, Policy] = OrderedDict()
        self._controls: dict[int, Control] = {}
        for control in Control:
            tokens = engine.tokenize_frame(control.value)
            if len(tokens) != 1:
                raise EngineError("the model does not know harmony's control tokens: choose another model")
            self._controls[tokens[0]] = control
        pairs = [(engine.tokenize(f"{before}1"), engine.tokenize(f"{before}0")) for before in ("", " ")]
        self._digits = [(one[0], zero[0]) for one, zero in pairs if len(one) == len(zero) == 1]

    def policy(self, digest: str, source: str) -> Policy:
        """The policy of this digest and text, parsed once; the least used are forgotten."""
        if digest not in self._policies:
            self._policies[digest] = parse_policy(source)
        self._policies.move_to_end(digest)
        while len(self._policies) > POLICIES_KEPT:
            self._policies.popitem(last=False)
        return self._policies[digest]

    def prepare(self, policy: Policy) -> Prefix:
        """What a policy's messages are asked behind, in the cache; EngineError where it is too long."""
        return self._engine.mixed(policy_pieces(policy, self._thinking.effort))

    def judge(self, asked: Asked, posted: str, context: Sequence[ContextMessage] = ()) -> Reasoned:
        """Judge a message, `posted` as it was written, after those of `context`. NoAnswer, TooLongError, EngineError.

        Of what was said before, the first is left out until there is room to think.
        """
        policy = self.policy(asked.digest, asked.source)
        prefix = self.prepare(policy)
        most = self._engine.longest_continuation(prefix) - ANSWER_TOKENS
        tokens = self._engine.tokenize_pieces(message_pieces(asked.text, context))
        while context and most - len(tokens) < min(self._thinking.tokens, most // 2):
            context = context[1:]
            tokens = self._engine.tokenize_pieces(message_pieces(asked.text, context))
        room = most - len(tokens)
        if room < LEAST_THINKING_TOKENS:
            raise TooLongError(mark("The policy and the message are too long for the model to think about."))
        parts, said, written = self._think(Continuation(prefix, tokens), min(self._thinking.tokens, room))
        answer = parse(parts, [rule.key for rule in policy.rules])
        if isinstance(answer, Unanswered):
            raise NoAnswer(answer.lack)
        return _reasoned(answer, policy, posted, said, written)

    def explain(self, asked: Asked, rule_key: str) -> tuple[str, str]:
        """Rationale and quote for a rule that the model did not name itself: from the rule's own words."""
        rule = self.policy(asked.digest, asked.source).rule(rule_key)
        quote = verbatim(asked.text, "", rule.text)
        return stated_reason(rule.key, rule.text, "", quote), quote

    def _think(self, continuation: Continuation, most: int) -> tuple[list[Part], float | None, int]:
        """What the model writes, the probability of its yes where its digit shows it, and how many tokens it wrote.

        It stops by itself, after `most` tokens without an answer begun, or after ANSWER_TOKENS of an answer.
        """
        parts: list[Part] = []
        transcript = Transcript()
        run: list[int] = []
        said: float | None = None
        at_answer, count, left = False, 0, most
        with closing(self._engine.written(continuation)) as written:
            for token, logits in written:
                count += 1
                left -= 1
                control = self._controls.get(token)
                if control is None and self._engine.ends(token):
                    control = Control.RETURN  # another token by which the model ends its text
                if control is not None:
                    new: list[Part] = [*([self._engine.detokenize(run)] if run else []), control]
                    run = []
                    parts += new
                    for part in new:
                        transcript.add(part)
                    if not at_answer and transcript.answering:
                        at_answer, left = True, ANSWER_TOKENS
                else:
                    if at_answer and said is None and _DIGIT_NEXT.search(self._engine.detokenize(run)):
                        said = self._yes(token, logits)
                    run.append(token)
                if left <= 0:
                    break
        return [*parts, *([self._engine.detokenize(run)] if run else [])], said, count

    def _yes(self, token: int, logits: Logits) -> float | None:
        """The probability of 1 against 0 where `token`, chosen by these logits, is one of the two."""
        for one, zero in self._digits:
            if token in (one, zero):
                apart = float(logits[zero] - logits[one])
                return 1.0 / (1.0 + math.exp(max(min(apart, 30.0), -30.0)))
        return None


def _reasoned(answer: Answered, policy: Policy, posted: str, said: float | None, tokens: int) -> Reasoned:
    """Probabilities and explanation of an answer.

    A no is about all rules: each gets the probability that was left for a yes. A yes is about the one it names.
    """
    reasoning = answer.analysis.replace("\0", "")[:MOST_REASONING]
    if answer.rule is None:
        yes = SAID_NO if said is None else said
        return Reasoned({rule.key: yes for rule in policy.rules}, "", "", reasoning, tokens)
    yes = SAID_YES if said is None else said
    probabilities = {rule.key: yes if rule.key == answer.rule else 0.0 for rule in policy.rules}
    stated = answer.rationale.replace("\0", "")
    quote = verbatim(posted, answer.quote, stated)
    rationale = stated_reason(answer.rule, policy.rule(answer.rule).text, stated, quote)
    return Reasoned(probabilities, rationale, quote, reasoning, tokens)


class ReasoningWorker:
    """Answers requests from a queue, in their order; see `bot.judge.worker` for how they look."""

    def __init__(self, reasoning: Reasoning, engine: Engine, send: Callable[[dict[str, Any]], None]) -> None:
        """Answer with `reasoning`; `send` writes one answer, and a sign of life every few seconds of decoding."""
        self._reasoning = reasoning
        self._send = send
        engine.on_decode = SignOfLife(send, "thinking")

    def serve(self, requests: queue.Queue[Request]) -> None:
        """Answer for ever; the process ends from outside."""
        while True:
            self.answer(requests.get())

    def answer(self, request: Request) -> None:
        """Answer one request."""
        try:
            self._send({"id": request["id"], "ok": self._done(request)})
        except NoAnswer as lack:
            self._send({"id": request["id"], "error": str(lack), "again": False})
        except KeyError:
            self._send({"id": request["id"], "error": mark("The policy has no such rule.")})
        except (EngineError, ValueError) as error:
            self._send({"id": request["id"], "error": str(error) or mark("The judge failed.")})

    def _done(self, request: Request) -> dict[str, Any]:
        start = time.perf_counter()
        if request["op"] == "prepare":
            self._reasoning.prepare(self._reasoning.policy(request["digest"], request["source"]))
            return {"compile_ms": milliseconds_since(start)}
        asked = Asked(request["digest"], request["source"], request["text"])
        if request["op"] == "explain":
            rationale, quote = self._reasoning.explain(asked, request["rule"])
            return {"rationale": rationale, "quote": quote, "explain_ms": milliseconds_since(start)}
        context = [ContextMessage(author, text) for author, text in request.get("context", ())]
        found = self._reasoning.judge(asked, request["posted"], context)
        return {
            "probabilities": found.probabilities,
            "rationale": found.rationale,
            "quote": found.quote,
            "reasoning": found.reasoning,
            "timings_ms": {"judge": milliseconds_since(start), "batch": 1},
        }
