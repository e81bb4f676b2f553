"""What the worker does for a request: compile, classify, explain. Owns the engine; no I/O of its own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.policy_text import parse_policy
from bot.judge.card import Card, Floats
from bot.judge.compile import Progress, compile_card
from bot.judge.engine import Continuation, Engine, log_probabilities
from bot.judge.library import Library
from bot.judge.prompts import message_text, reason_prefix, reason_text
from bot.judge.rationale import clauses, finished, tidy_reason

WINDOW_TOKENS = 480
WINDOW_OVERLAP = 60
MOST_WINDOWS = 12
REASON_TOKENS = 56
REASON_MESSAGE_TOKENS = 360
CARDS_KEPT = 64


class TooLongError(ValueError):
    """The message has more windows than are judged; it must go to a human, never be cut silently."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to classify by the policy with this digest."""

    digest: str
    text: str


class EngineScorer:
    """The compiler's view of the engine."""

    def __init__(self, engine: Engine) -> None:
        """Score with `engine`."""
        self._engine = engine

    def first_token(self, word: str) -> int:
        """The first token of ` word`."""
        return self._engine.tokenize(f" {word}")[0]

    def score(self, prefix: str, tokens: Sequence[int], messages: Sequence[str]) -> Floats:
        """Log-probabilities of the label tokens per message; shape (messages, labels)."""
        resident = self._engine.prefix(prefix)
        continuations = [Continuation(resident, self._engine.tokenize(message_text(m))) for m in messages]
        rows = [log_probabilities(row, tokens) for row in self._engine.last_logits(continuations)]
        return np.array(rows).reshape(len(messages), len(tokens))


class Judging:
    """Cards by policy digest, and the answers they give."""

    def __init__(self, engine: Engine, library: Library) -> None:
        """Judge with a loaded engine and a library of topics."""
        self._engine = engine
        self._library = library
        self._sources: OrderedDict[str, str] = OrderedDict()
        self._cards: dict[str, Card] = {}

    def learn(self, digest: str, source: str) -> None:
        """Keep a policy's text so that later requests can name it by its digest."""
        self._sources[digest] = source
        self._sources.move_to_end(digest)
        while len(self._sources) > CARDS_KEPT:
            old, _ = self._sources.popitem(last=False)
            self._cards.pop(old, None)

    def card(self, digest: str, on_progress: Progress = lambda _: None) -> Card:
        """The card of a policy, compiled now if need be; KeyError where the policy is not known."""
        if digest not in self._cards:
            policy = parse_policy(self._sources[digest])
            self._cards[digest] = compile_card(policy, self._library, EngineScorer(self._engine), on_progress)
        self._engine.prefix(self._cards[digest].prefix)
        return self._cards[digest]

    def classify(self, asked: Sequence[Asked]) -> list[dict[str, float] | TooLongError]:
        """Probability per rule for each message, in order; messages of several policies share passes."""
        pieces: list[Continuation] = []
        owners: list[int] = []
        answers: list[dict[str, float] | TooLongError] = [{} for _ in asked]
        cards = [self.card(one.digest) for one in asked]
        for index, (one, card) in enumerate(zip(asked, cards, strict=True)):
            try:
                windows = self._windows(card, one.text)
            except TooLongError as error:
                answers[index] = error
                continue
            pieces += windows
            owners += [index] * len(windows)
        for owner, logits in zip(owners, self._engine.last_logits(pieces), strict=True):
            found = cards[owner].probabilities(log_probabilities(logits, cards[owner].tokens))
            so_far = answers[owner]
            assert isinstance(so_far, dict)
            answers[owner] = _likelier(so_far, found)
        return answers

    def _windows(self, card: Card, text: str) -> list[Continuation]:
        """A message's tokens after the prefix; a long one in overlapping windows, judged one by one."""
        resident = self._engine.prefix(card.prefix)
        tokens = self._engine.tokenize(message_text(text))
        if len(tokens) <= WINDOW_TOKENS:
            return [Continuation(resident, tokens)]
        step = WINDOW_TOKENS - WINDOW_OVERLAP
        starts = range(0, len(tokens), step)
        if len(starts) > MOST_WINDOWS:
            raise TooLongError("The message is too long for the judge to read whole.")
        parts = [self._engine.detokenize(tokens[start : start + WINDOW_TOKENS]) for start in starts]
        return [Continuation(resident, self._engine.tokenize(message_text(part))) for part in parts]

    def explain(self, digest: str, rule_key: str, text: str) -> tuple[str, str]:
        """Rationale and quote for a message that breaks a rule."""
        policy = parse_policy(self._sources[digest])
        rule = policy.rule(rule_key)
        quote = self._quote(digest, rule_key, text)
        cut = self._engine.detokenize(self._engine.tokenize(text)[:REASON_MESSAGE_TOKENS])
        prefix = self._engine.prefix(reason_prefix())
        tokens = self._engine.tokenize(reason_text(rule.text, cut))
        written = self._engine.generate(Continuation(prefix, tokens), REASON_TOKENS, finished)
        return tidy_reason(rule_key, rule.text, written, quote), quote

    def _quote(self, digest: str, rule_key: str, text: str) -> str:
        """The clause of the message that by itself breaks the rule most: verbatim by construction."""
        spans = clauses(text)
        if len(spans) == 1:
            return spans[0]
        scores = self.classify([Asked(digest, span) for span in spans])
        ranked = [score.get(rule_key, 0.0) if isinstance(score, dict) else 0.0 for score in scores]
        return spans[max(range(len(spans)), key=ranked.__getitem__)]


def _likelier(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    """Of two windows' answers the one in which some rule is likelier."""
    if not first or max(second.values(), default=0.0) > max(first.values(), default=0.0):
        return second
    return first


def milliseconds_since(start: float) -> float:
    """Milliseconds since `start`, a reading of time.perf_counter()."""
    return (time.perf_counter() - start) * 1_000
