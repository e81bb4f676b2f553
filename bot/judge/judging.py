"""What the worker does for a request for a verdict: compile, classify. Owns the engine; no I/O of its own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.card import Card
from bot.judge.compile import Compiled, card_of, compiled
from bot.judge.engine import Continuation, Engine, Keep, Prefix
from bot.judge.kept_cards import KeptCards
from bot.judge.lengthened import long_share
from bot.judge.library import Library
from bot.judge.prompts import (
    MESSAGE,
    MESSAGE_AFTER,
    PAIR_AFTER,
    PAIR_ASKED,
    PAIR_BEFORE,
    SORTED,
    asked_text,
    message_asked,
    rule_asked,
    rule_words,
)
from bot.judge.reader import Reader
from bot.judge.readout import Floats, Layers, Readout, Said

WINDOW_TOKENS = 480
WINDOW_OVERLAP = 60
RULE_TOKENS = 1_200
MOST_WINDOWS = 12
# Of the rules behind which messages are read in one call: what the context holds of them at once, with room to spare.
TOKENS_TOGETHER = 8 * RULE_TOKENS
RULES_TOGETHER = 32
# Of some hundred kilobytes each where a policy has many examples, else of nothing.
CARDS_KEPT = 256


class TooLongError(ValueError):
    """More than is read: a message must go to a human then, never be cut silently; a policy is refused."""


Answer = dict[str, float] | TooLongError
"""Probability per rule, or why there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to judge by the policy with this digest and text; `seen` is what one sees of it before clicking."""

    digest: str
    source: str
    text: str
    seen: str | None = None


class EngineScorer:
    """The compiler's view of the engine, and the judge's."""

    def __init__(self, engine: Engine, reader: Reader, layers: Layers | None) -> None:
        """Score with `engine` around the texts of `reader`: states of these layers, or logits for None."""
        self._engine = engine
        self._reader = reader
        self._of_messages = layers.messages if layers else None
        self._of_rules = layers.rules if layers else None
        self._sorted = len(engine.tokenize(SORTED))

    def messages(self, messages: Sequence[str]) -> Said:
        """What the model says of each message: behind a short frame for a readout, else behind the library's text."""
        if self._of_messages is None:
            return self._sort(self._engine.prefix(MESSAGE, self._library()), messages)
        frame = self._engine.frame(self._reader.message_before, layer=self._of_messages)
        tail = self._engine.tokenize_frame(MESSAGE_AFTER)
        asked = [Continuation(frame, self._engine.tokenize(message_asked(text)), tail) for text in messages]
        return np.stack(self._read(asked, self._of_messages))

    def rules(self, rules: Sequence[str]) -> Said:
        """What the model says of each rule, where rules are sorted."""
        return self._sort(self._shared(self._reader.rules_text, self._library()), rules)

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Said:
        """What the model says of each rule and message, where it is asked whether it breaks it."""
        places: dict[str, list[int]] = {}
        for place, (rule, _) in enumerate(pairs):
            places.setdefault(rule, []).append(place)
        tail = self._engine.tokenize_frame(PAIR_ASKED if self._of_messages is None else PAIR_AFTER)
        found: dict[int, Said] = {}
        for rules in self._together(places):
            behind = {rule: self._rule(rule) for rule in rules}
            some = [place for rule in rules for place in places[rule]]
            texts = [self._engine.tokenize(message_asked(pairs[place][1])) for place in some]
            asked = [Continuation(behind[pairs[at][0]], text, tail) for at, text in zip(some, texts, strict=True)]
            found.update(zip(some, self._read(asked, self._of_messages), strict=True))
        return np.stack([found[place] for place in range(len(pairs))])

    def tokens(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self._engine.tokenize(text))

    def _together(self, rules: Iterable[str]) -> Iterator[list[str]]:
        """Rules in their order, as many as the context holds at once."""
        some: list[str] = []
        held = 0
        for rule in rules:
            tokens = self.tokens(rule_asked(rule))
            if some and (held + tokens > TOKENS_TOGETHER or len(some) == RULES_TOGETHER):
                yield some
                some, held = [], 0
            some.append(rule)
            held += tokens
        if some:
            yield some

    def _library(self) -> Prefix:
        return self._shared(self._reader.text)

    def _shared(self, text: str, base: Prefix | None = None) -> Prefix:
        return self._engine.prefix(text, base, layer=self._of_rules, keep=Keep.SHARED)

    def _rule(self, rule: str) -> Prefix:
        frame = self._engine.frame(PAIR_BEFORE, layer=self._of_messages)
        return self._engine.prefix(rule_asked(rule), frame, layer=self._of_messages, keep=Keep.POLICY)

    def _sort(self, prefix: Prefix, texts: Sequence[str]) -> Said:
        asked = []
        for text in texts:
            # In one piece: a full stop and the line's end after it are one token.
            tokens = self._engine.tokenize(asked_text(text))
            own = max(len(tokens) - self._sorted, 1)
            asked.append(Continuation(prefix, tokens[:own], tokens[own:]))
        return np.stack(self._read(asked, self._of_rules))

    def _read(self, asked: Sequence[Continuation], layer: int | None) -> list[Said]:
        return self._engine.last_logits(asked) if layer is None else self._engine.states(asked, layer)


class Judging:
    """Cards by policy digest, and the answers they give."""

    def __init__(self, engine: Engine, library: Library, readout: Readout | None) -> None:
        """Judge with a loaded engine, a library of topics, and the readout trained for this model if there is one."""
        self._engine = engine
        self._reader = Reader(library, lambda text: engine.tokenize(text)[0], readout)
        layers = self._reader.readout.layers if self._reader.readout else None
        self._scorer = EngineScorer(engine, self._reader, layers)
        self._cards: OrderedDict[str, Card] = OrderedDict()
        kept = engine.settings.kept
        self._kept = KeptCards(kept.folder, kept.model_digest, self._reader) if kept else None

    def card(self, digest: str, source: str) -> Card:
        """The card of a policy by its digest and text, compiled now if it is not kept; the least used are forgotten.

        TooLongError where a rule is too long to be read.
        """
        if digest not in self._cards:
            policy = parse_policy(source)
            self._hold_to_length(policy)
            self._cards[digest] = card_of(policy, self._reader, self._compiled(policy))
        self._cards.move_to_end(digest)
        while len(self._cards) > CARDS_KEPT:
            self._cards.popitem(last=False)
        return self._cards[digest]

    def _compiled(self, policy: Policy) -> Compiled:
        found = self._kept.recall(policy) if self._kept else None
        if found is None:
            found = compiled(policy, self._reader, self._scorer)
            if self._kept:
                self._kept.keep(policy, found)
        return found

    def _hold_to_length(self, policy: Policy) -> None:
        """Raise TooLongError for a rule that could not be read with every message that may break it."""
        for rule in policy.rules:
            if len(self._engine.tokenize(rule_words(rule.text, policy.fine))) > RULE_TOKENS:
                raise TooLongError(
                    f"Rule {rule.key}, with what the policy says is fine, is too long for the judge: shorten it."
                )

    def classify(self, asked: Sequence[Asked]) -> list[Answer]:
        """Probability per rule for each message, in order; messages of one policy share passes."""
        cards = [self.card(one.digest, one.source) for one in asked]
        answers = self._answers([(card, one.text) for card, one in zip(cards, asked, strict=True)])
        hiding = [index for index, one in enumerate(asked) if one.seen is not None and cards[index].by_sight]
        seen = self._answers([(cards[index], asked[index].seen or "") for index in hiding])
        for index, without in zip(hiding, seen, strict=True):
            answers[index] = _at_first_sight(answers[index], without, cards[index].by_sight)
        return answers

    def _answers(self, texts: Sequence[tuple[Card, str]]) -> list[Answer]:
        answers: list[Answer] = [{} for _ in texts]
        pieces: list[tuple[int, str]] = []
        for index, (_, text) in enumerate(texts):
            try:
                pieces += [(index, part) for part in self._windows(text)]
            except TooLongError as error:
                answers[index] = error
        read = self.read([(texts[index][0], part) for index, part in pieces])
        for (index, _), odds in zip(pieces, read, strict=True):
            so_far = answers[index]
            assert isinstance(so_far, dict)
            answers[index] = _likelier(so_far, texts[index][0].probabilities(odds))
        return answers

    def read(self, pieces: Sequence[tuple[Card, str]]) -> list[Floats]:
        """Log-odds per rule of each piece by its card: all pieces by topics, then rules that these do not settle."""
        if not pieces:
            return []
        rows = self._scorer.messages([text for _, text in pieces])
        long = [long_share(self._scorer.tokens(text)) for _, text in pieces]
        topics = [self._reader.message_odds(row, share) for row, share in zip(rows, long, strict=True)]
        by_pair: list[dict[int, float]] = [{} for _ in pieces]
        asked = [
            (index, place)
            for index, (card, _) in enumerate(pieces)
            for place in card.worth_reading(topics[index], self._reader)
        ]
        if asked:
            read = self._scorer.pairs([(pieces[i][0].rules[place].text, pieces[i][1]) for i, place in asked])
            for (index, place), row in zip(asked, read, strict=True):
                by_pair[index][place] = float(self._reader.pair_odds(row, long[index]))
        return [
            self._reader.tempered(card.odds(topics[index], by_pair[index], rows[index], self._reader), long[index])
            for index, (card, _) in enumerate(pieces)
        ]

    def _windows(self, text: str) -> list[str]:
        """A message whole; a long one in overlapping windows, judged one by one."""
        tokens = self._engine.tokenize(asked_text(text))
        if len(tokens) <= WINDOW_TOKENS:
            return [text]
        step = WINDOW_TOKENS - WINDOW_OVERLAP
        starts = range(0, len(tokens), step)
        if len(starts) > MOST_WINDOWS:
            raise TooLongError("The message is too long for the judge to read whole.")
        return [self._engine.detokenize(tokens[start : start + WINDOW_TOKENS]) for start in starts]


def _likelier(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    """Of two windows' answers the one in which some rule is likelier."""
    if not first or max(second.values(), default=0.0) > max(first.values(), default=0.0):
        return second
    return first


def _at_first_sight(whole: Answer, seen: Answer, by_sight: Sequence[str]) -> Answer:
    """The whole message's answer, but for rules `by_sight` no likelier than by what one sees of it."""
    if isinstance(whole, TooLongError) or isinstance(seen, TooLongError):
        return whole
    return whole | {key: min(whole[key], seen[key]) for key in by_sight}


def milliseconds_since(start: float) -> float:
    """Milliseconds since `start`, a reading of time.perf_counter()."""
    return (time.perf_counter() - start) * 1_000
