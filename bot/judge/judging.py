"""What the worker does for a request for a verdict: compile, classify. Owns the engine; no I/O of its own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.normalise import normalise
from bot.domain.odds import log_odds, probability_of
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.card import Card
from bot.judge.compile import Compiled, card_of, compiled
from bot.judge.engine import Engine
from bot.judge.kept_cards import KeptCards
from bot.judge.lengthened import long_share
from bot.judge.library import Library
from bot.judge.prompts import asked_text, rule_words
from bot.judge.reader import Heard, Reader
from bot.judge.readout import Floats, Readout, Said
from bot.judge.scoring import RULE_TOKENS, EngineScorer
from bot.language import mark

WINDOW_TOKENS = 480
WINDOW_OVERLAP = 60
MOST_WINDOWS = 12
# From which probability of some rule on a message is read again behind what was said before it.
UNSETTLED = 0.08
# So much of what was said before a message is read, its last lines: emoji and rare scripts have several tokens a
# character.
BEFORE_TOKENS = 200
# Of some hundred kilobytes each where a policy has many examples, else of nothing.
CARDS_KEPT = 256
# As near to 0 and to 1 as a probability counts when it is put together with another.
_CLOSEST = 1e-9


class TooLongError(ValueError):
    """More than is read: a message must go to a human then, never be cut silently; a policy is refused."""


Answer = dict[str, float] | TooLongError
"""Probability per rule, or why there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to judge by the policy with this digest and text.

    `seen` is what one sees of it before clicking, and `before` what was said before it, oldest first; that is never
    judged itself.
    """

    digest: str
    source: str
    text: str
    seen: str | None = None
    before: tuple[str, ...] = ()


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

    def told(self, digest: str, source: str) -> dict[str, Any]:
        """What the card of a policy says, as `bot.judge.card_read.card_in` reads it. TooLongError as above."""
        card = self.card(digest, source)
        labels = [topic.label for topic in self._reader.topics]
        rules = [
            [rule.key, rule.text, len(self._engine.tokenize(rule.text)), [labels[place] for place in rule.topics]]
            for rule in card.rules
        ]
        return {"rules": rules, "examples": len(card.broken), "by_sight": list(card.by_sight)}

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
        """Probability per rule for each message by itself, in order; messages of one policy share passes."""
        return self._seen_and_whole(asked, [()] * len(asked))

    def in_context(self, asked: Sequence[Asked]) -> list[Answer]:
        """The same of messages behind what was said before them."""
        return self._seen_and_whole(asked, [self._last(one.before) for one in asked])

    def may_change(self, asked: Asked, answer: Answer) -> bool:
        """Whether what was said before a message may change the answer that it was given by itself."""
        if isinstance(answer, TooLongError) or max(answer.values(), default=0.0) < UNSETTLED:
            return False
        return self._can_be_an_answer(asked)

    def only_as_answers(self, asked: Sequence[tuple[Asked, str]]) -> list[bool]:
        """Of messages with the keys of rules: whether each breaks its rule only behind what was said before it."""
        cards = [self.card(one.digest, one.source).only(key) for one, key in asked]
        heard = [Heard(normalise(one.text), self._last(one.before)) for one, _ in asked]
        places = [at for at, (one, _) in enumerate(asked) if self._can_be_an_answer(one)]
        alone = self._odds({at: (cards[at], Heard(heard[at].text)) for at in places})
        behind = self._odds({at: (cards[at], heard[at]) for at, odds in alone.items() if odds < 0.0})
        return [at in behind and behind[at] > alone[at] for at in range(len(asked))]

    def _odds(self, pieces: Mapping[int, tuple[Card, Heard]]) -> dict[int, float]:
        """Log-odds of the one rule of each card."""
        return {at: float(odds[0]) for at, odds in zip(pieces, self.read(list(pieces.values())), strict=True)}

    def _can_be_an_answer(self, asked: Asked) -> bool:
        if self._reader.in_context is None or not self._last(asked.before):
            return False
        return len(self._engine.tokenize(asked_text(asked.text))) <= WINDOW_TOKENS

    def _last(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """As many of the last lines before a message as there is room for."""
        room = BEFORE_TOKENS
        kept: list[str] = []
        for line in reversed(before):
            room -= self._scorer.tokens(line)
            if room < 0:
                break
            kept.insert(0, line)
        return tuple(kept)

    def _seen_and_whole(self, asked: Sequence[Asked], before: Sequence[tuple[str, ...]]) -> list[Answer]:
        cards = [self.card(one.digest, one.source) for one in asked]
        answers = self._answers(
            [(card, Heard(one.text, lines)) for card, one, lines in zip(cards, asked, before, strict=True)]
        )
        hiding = [index for index, one in enumerate(asked) if one.seen is not None and cards[index].by_sight]
        seen = self._answers([(cards[index], Heard(asked[index].seen or "", before[index])) for index in hiding])
        for index, without in zip(hiding, seen, strict=True):
            answers[index] = _at_first_sight(answers[index], without, cards[index].by_sight)
        return answers

    def _answers(self, messages: Sequence[tuple[Card, Heard]]) -> list[Answer]:
        answers: list[Answer] = [{} for _ in messages]
        pieces: list[tuple[int, Heard]] = []
        for index, (_, message) in enumerate(messages):
            try:
                pieces += [(index, Heard(part, message.before)) for part in self._windows(message.text)]
            except TooLongError as error:
                answers[index] = error
        read = self.read([(messages[index][0], part) for index, part in pieces])
        for (index, _), odds in zip(pieces, read, strict=True):
            so_far = answers[index]
            assert isinstance(so_far, dict)
            answers[index] = _likelier(so_far, messages[index][0].probabilities(odds))
        return answers

    def read(self, pieces: Sequence[tuple[Card, Heard]]) -> list[Floats]:
        """Log-odds per rule of each piece by its card: all pieces by topics, then rules that these do not settle."""
        if not pieces:
            return []
        heard = [piece for _, piece in pieces]
        rows = self._scorer.heard(heard)
        long = [long_share(self._scorer.tokens(piece.text)) for piece in heard]
        topics = [self._reader.heard_odds(*told) for told in zip(heard, rows, long, strict=True)]
        by_pair: list[dict[int, float]] = [{} for _ in pieces]
        asked = [
            (index, place)
            for index, (card, _) in enumerate(pieces)
            for place in card.worth_reading(topics[index], self._reader)
        ]
        if asked:
            read = self._scorer.heard_with([(pieces[i][0].rules[place].text, heard[i]) for i, place in asked])
            for (index, place), row in zip(asked, read, strict=True):
                by_pair[index][place] = self._reader.heard_pair_odds(heard[index], row, long[index])
        alone = self._by_themselves(pieces, rows)
        return [
            self._reader.tempered(card.odds(topics[index], by_pair[index], alone[index], self._reader), long[index])
            for index, (card, _) in enumerate(pieces)
        ]

    def _by_themselves(self, pieces: Sequence[tuple[Card, Heard]], rows: Said) -> Said:
        """What the model says of pieces without what stands before them, where a policy's examples are to be like them.

        `rows` is what it says of them, shape (pieces, ...).
        """
        again = [place for place, (card, piece) in enumerate(pieces) if piece.before and card.broken]
        if again:
            rows = rows.copy()
            rows[again] = self._scorer.messages([pieces[place][1].text for place in again])
        return rows

    def _windows(self, text: str) -> list[str]:
        """A message whole; a long one in overlapping windows, judged one by one."""
        tokens = self._engine.tokenize(asked_text(text))
        if len(tokens) <= WINDOW_TOKENS:
            return [text]
        step = WINDOW_TOKENS - WINDOW_OVERLAP
        starts = range(0, len(tokens), step)
        if len(starts) > MOST_WINDOWS:
            raise TooLongError(mark("The message is too long for the judge to read whole."))
        return [self._engine.detokenize(tokens[start : start + WINDOW_TOKENS]) for start in starts]


def both(alone: dict[str, float], heard: dict[str, float]) -> dict[str, float]:
    """What a message is told by itself and behind what was said before it, both counted alike.

    The mean of their log-odds. By the second alone messages behind others' that break a rule were told wrongly more
    often (113 of 120 rightly for 114, and for 115 with nothing in sight; 37 of 50 either way where it matters, for 34).
    """
    sums = {key: log_odds(alone[key], _CLOSEST) + log_odds(heard[key], _CLOSEST) for key in alone}
    return {key: probability_of(odds / 2) for key, odds in sums.items()}


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
