"""What a compiled card says, to be read by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from bot.domain.policy import Policy
from bot.judge.interface import JudgeError
from bot.language import mark


@dataclass(frozen=True, slots=True)
class RuleRead:
    """A rule as the model reads it: its words with what is fine, how many tokens they are, its topics' labels."""

    key: str
    text: str
    tokens: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardRead:
    """A policy's card. `examples` is how many of the policy's own decide for messages like them; `by_sight` are the
    keys of rules that what is behind spoiler bars does not break.
    """

    rules: tuple[RuleRead, ...]
    examples: int
    by_sight: tuple[str, ...]


@runtime_checkable
class ShowsCards(Protocol):
    """A judge that compiles policies into cards; one that reads the policy itself has none to show."""

    async def card(self, policy: Policy) -> CardRead | None:
        """A policy's card, compiled now if need be; None where this judge makes none. JudgeError."""


def card_in(answer: dict[str, Any], policy: Policy) -> CardRead:
    """A worker's answer as a card; JudgeError where it is none of this policy."""
    try:
        rules = tuple(
            RuleRead(str(key), str(text), int(tokens), tuple(str(topic) for topic in topics))
            for key, text, tokens, topics in answer["rules"]
        )
        found = CardRead(rules, int(answer["examples"]), tuple(str(key) for key in answer["by_sight"]))
    except (KeyError, TypeError, ValueError):
        raise JudgeError(mark("The judge's answer is no card.")) from None
    if [rule.key for rule in found.rules] != [rule.key for rule in policy.rules]:
        raise JudgeError(mark("The judge's answer is the card of another policy."))
    return found
