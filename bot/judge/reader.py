"""What the model says of a message, whatever the policy, or with one rule: log-odds of topics, of breaking the rule."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.judge.examples import library_examples
from bot.judge.in_context import in_context_for
from bot.judge.lengthened import lengthened_for
from bot.judge.library import Library
from bot.judge.prompts import (
    MESSAGE_AFTER,
    NO,
    ORDINARY,
    PAIR_AFTER,
    PAIR_BEFORE,
    REPORT,
    YES,
    library_text,
    message_before,
    rules_text,
)
from bot.judge.readout import Floats, Readout, Said

_ORDINARY_MEANING = "everyday chat, questions, jokes, opinions, news, anything that breaks no rule"
# Without a home of their own a small model takes reports for the thing they speak of.
_REPORT_MEANING = (
    "reporting, quoting or warning of what others did, asking whether something is allowed or real, advice against it"
)
# Rules on nothing that the library knows, among the examples of how rules are sorted.
_OTHER_RULES = ("Stay on topic.", "Use threads for long talks.", "Tag your posts.", "One picture a day.")


def library_labels(library: Library) -> list[tuple[str, str]]:
    """Labels with their meanings: what is fine, then the topics in the library's order."""
    topics = [(topic.label, topic.meaning) for topic in library.topics]
    return [(ORDINARY, _ORDINARY_MEANING), (REPORT, _REPORT_MEANING), *topics]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it is read: its text, and what was said before it, which is in sight and not judged."""

    text: str
    before: tuple[str, ...] = ()


class Reader:
    """Turns what the model says into log-odds: by the trained readout, or by the answers' own logits without one."""

    def __init__(self, library: Library, first_token: Callable[[str], int], readout: Readout | None) -> None:
        """Read with a library; a readout that was trained for another library's text is left aside."""
        labels = library_labels(library)
        self.text = library_text(labels, library_examples(library))
        self.rules_text = rules_text(
            [(topic.meaning, topic.label) for topic in library.topics] + [(rule, ORDINARY) for rule in _OTHER_RULES]
        )
        self.message_before = message_before([label for label, _ in labels])
        self.topics = library.topics
        self.fine_tokens = [first_token(f" {ORDINARY}"), first_token(f" {REPORT}")]
        self.topic_tokens = [first_token(f" {topic.label}") for topic in library.topics]
        self.yes, self.no = first_token(YES), first_token(NO)
        self.digest = text_digest(
            self.text + self.rules_text + self.message_before + MESSAGE_AFTER + PAIR_BEFORE + PAIR_AFTER
        )
        fits = readout is not None and readout.text_digest == self.digest
        self.readout = readout if fits else None
        self.lengthened = lengthened_for(self.readout)
        self.in_context = in_context_for(self.readout)
        # Untrained, topics alone tell a rule that has some, and its words one that has none.
        untrained = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
        self.blend_on_topics, self.blend_on_none = untrained if self.readout is None else self.readout.blend

    def message_odds(self, said: Said, long: float = 0.0) -> Floats:
        """Log-odds per topic, and of breaking anything at all; shape (..., topics + 1). `long` is its `long_share`."""
        if self.readout is not None:
            told = self.readout.of_messages(said)
            return told + long * self.lengthened.correction.of_messages(said) if self.lengthened and long else told
        # Each label by itself against those of what is fine, not against one another: a message may break several
        # rules, and must not look doubtful for that.
        fine = np.logaddexp.reduce(said[..., self.fine_tokens].astype(np.float64), axis=-1, keepdims=True)
        odds = said[..., self.topic_tokens].astype(np.float64) - fine
        anything = np.logaddexp.reduce(odds, axis=-1, keepdims=True)
        return np.concatenate([odds, anything], axis=-1)

    def pair_odds(self, said: Said, long: float = 0.0) -> Floats:
        """Log-odds that a message breaks the rule it was read with; shape (...); `long` as for `message_odds`."""
        if self.readout is not None:
            told = self.readout.of_pairs(said)
            return told + long * self.lengthened.correction.of_pairs(said) if self.lengthened and long else told
        odds: Floats = said[..., self.yes].astype(np.float64) - said[..., self.no].astype(np.float64)
        return odds

    def heard_odds(self, message: Heard, said: Said, long: float = 0.0) -> Floats:
        """`message_odds` of a message as it was read: behind what was said before it, or by itself."""
        odds = self.message_odds(said, long)
        return odds + self.in_context.of_messages(said) if self.in_context and message.before else odds

    def heard_pair_odds(self, message: Heard, said: Said, long: float = 0.0) -> float:
        """`pair_odds` of a message as it was read with a rule."""
        odds = self.pair_odds(said, long)
        return float(odds + self.in_context.of_pairs(said) if self.in_context and message.before else odds)

    def tempered(self, odds: Floats, long: float) -> Floats:
        """Log-odds of rules, shape (rules,), no surer than a text of such length lets one be."""
        return self.lengthened.tempered(odds, long) if self.lengthened and long else odds


def text_digest(text: str) -> str:
    """SHA-256 of what the model reads around messages and rules: a readout is good for one such text."""
    return hashlib.sha256(text.encode()).hexdigest()
