"""What the model is asked around the reader's texts: of messages, of rules, of rules with messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bot.judge.engine import Continuation, Engine, Keep, Prefix
from bot.judge.prompts import (
    MESSAGE,
    MESSAGE_AFTER,
    PAIR_AFTER,
    PAIR_BEFORE,
    SORTED,
    asked_text,
    message_asked,
    rule_asked,
    said_before,
)
from bot.judge.reader import Heard, Reader
from bot.judge.readout import Layers, Said

RULE_TOKENS = 1_200
# Of the rules behind which messages are read in one call: what the context holds of them at once, with room to spare.
TOKENS_TOGETHER = 8 * RULE_TOKENS
RULES_TOGETHER = 32


class EngineScorer:
    """The compiler's view of the engine, and the judge's."""

    def __init__(self, engine: Engine, reader: Reader, layers: Layers | None) -> None:
        """Score with `engine` around the texts of `reader`: states of these layers, or logits for None."""
        self._engine = engine
        self._reader = reader
        self._layers = layers
        self._layer = layers.rules if layers else None
        self._sorted = len(engine.tokenize(SORTED))

    def messages(self, messages: Sequence[str]) -> Said:
        """What the model says of each message: behind a short frame for a readout, else behind the library's text."""
        return self.heard([Heard(text) for text in messages])

    def heard(self, messages: Sequence[Heard]) -> Said:
        """The same of messages behind what was said before them; without a readout all are read by themselves."""
        if self._layers is None:
            return self._sort(self._engine.prefix(MESSAGE, self._library()), [message.text for message in messages])
        frame = self._engine.frame(self._reader.message_before, layer=self._layers.messages)
        tail = self._engine.tokenize_frame(MESSAGE_AFTER)
        asked = [self._behind(frame, message, tail) for message in messages]
        return np.stack(self._engine.states(asked, self._layers.messages))

    def rules(self, rules: Sequence[str]) -> Said:
        """What the model says of each rule, where rules are sorted."""
        return self._sort(self._shared(self._reader.rules_text, self._library()), rules)

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Said:
        """What the model says of each rule and message, where it is asked whether it breaks it."""
        return self.heard_with([(rule, Heard(text)) for rule, text in pairs])

    def heard_with(self, pairs: Sequence[tuple[str, Heard]]) -> Said:
        """The same of messages behind what was said before them."""
        places: dict[str, list[int]] = {}
        for place, (rule, _) in enumerate(pairs):
            places.setdefault(rule, []).append(place)
        tail = self._engine.tokenize_frame(PAIR_AFTER)
        found: dict[int, Said] = {}
        for rules in self._together(places):
            behind = {rule: self._rule(rule) for rule in rules}
            some = [place for rule in rules for place in places[rule]]
            asked = [self._behind(behind[pairs[place][0]], pairs[place][1], tail) for place in some]
            found.update(zip(some, self._read(asked), strict=True))
        return np.stack([found[place] for place in range(len(pairs))])

    def tokens(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self._engine.tokenize(text))

    def _behind(self, prefix: Prefix, message: Heard, tail: tuple[int, ...]) -> Continuation:
        before = self._engine.tokenize(said_before(message.before)) if message.before else ()
        return Continuation(prefix, self._engine.tokenize(message_asked(message.text)), tail, before)

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
        return self._engine.prefix(text, base, layer=self._layer, keep=Keep.SHARED)

    def _rule(self, rule: str) -> Prefix:
        frame = self._engine.frame(PAIR_BEFORE, layer=self._layer)
        return self._engine.prefix(rule_asked(rule), frame, layer=self._layer, keep=Keep.POLICY)

    def _sort(self, prefix: Prefix, texts: Sequence[str]) -> Said:
        asked = []
        for text in texts:
            # In one piece: a full stop and the line's end after it are one token.
            tokens = self._engine.tokenize(asked_text(text))
            own = max(len(tokens) - self._sorted, 1)
            asked.append(Continuation(prefix, tokens[:own], tokens[own:]))
        return np.stack(self._read(asked))

    def _read(self, asked: Sequence[Continuation]) -> list[Said]:
        return self._engine.last_logits(asked) if self._layer is None else self._engine.states(asked, self._layer)
