"""A policy: a server's rules in plain language, each rule with the actions it asks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

MAX_POLICY_CHARACTERS = 16_000
MAX_RULES = 20
MAX_TIMEOUT = timedelta(days=28)  # Discord's own limit


class PolicyError(ValueError):
    """A policy text that cannot be used; the message is one sentence that says what to do."""


class ActionKind(StrEnum):
    """What the bot may do about a message or its author."""

    FLAG = "flag"
    DELETE = "delete"
    WARN = "warn"
    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"
    ESCALATE = "escalate"
    HELP = "help"
    LINK = "link"


PUNISHING = frozenset({ActionKind.DELETE, ActionKind.WARN, ActionKind.TIMEOUT, ActionKind.KICK, ActionKind.BAN})
CALLING = frozenset({ActionKind.ESCALATE, ActionKind.HELP})
"""What is done for somebody in need: a human is called, the author is offered help. Never held against them."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a rule; `duration` is set for timeouts only."""

    kind: ActionKind
    duration: timedelta | None = None

    def __str__(self) -> str:
        """Write the action as the policy text does: `delete`, `timeout 1h`."""
        if self.duration is None:
            return self.kind.value
        return f"{self.kind.value} {format_duration(self.duration)}"


def format_duration(duration: timedelta) -> str:
    """Write a duration with the largest unit that divides it: `90m`, `1h`, `7d`."""
    seconds = int(duration.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its key (`"1"`, or a label such as `"SP2.a"`), its words and its actions."""

    key: str
    text: str
    actions: tuple[Action, ...] = (Action(ActionKind.FLAG),)
    has_own_actions: bool = True

    @property
    def escalates(self) -> bool:
        """Whether the rule asks for a human; such a rule never deletes or punishes."""
        return any(action.kind is ActionKind.ESCALATE for action in self.actions)


@dataclass(frozen=True, slots=True)
class Example:
    """A message the policy itself judges; `rule` is None where the message is fine."""

    text: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy; `source` is the text as it was written, which alone makes the digest."""

    source: str
    title: str
    preamble: str
    rules: tuple[Rule, ...]
    fine: tuple[str, ...] = ()
    examples: tuple[Example, ...] = field(default=())

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return policy_digest(self.source)

    def rule(self, key: str) -> Rule:
        """Return the rule with this key; KeyError where there is none."""
        for rule in self.rules:
            if rule.key == key:
                return rule
        raise KeyError(key)

    def key_with_words(self, key: str, words: str) -> str | None:
        """The key of the rule that has these words, `key` itself where several have; None where none has."""
        wanted = words.split()
        same = [rule.key for rule in self.rules if rule.text.split() == wanted]
        return key if key in same else next(iter(same), None)


def policy_digest(source: str) -> str:
    """SHA-256 of a policy's text in UTF-8, in hexadecimal: what a version is known by."""
    return hashlib.sha256(source.encode()).hexdigest()
