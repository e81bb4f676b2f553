"""What a worker says to a request, read with no trust in it: whatever is not as it should be is a JudgeError."""

from __future__ import annotations

from typing import Any

from bot.domain.policy import Policy
from bot.judge.interface import JudgeError, NoAnswerError
from bot.language import mark

_LONGEST_MS = 1e12


def outcome_in(said: dict[str, Any]) -> dict[str, Any] | JudgeError:
    """What a worker answers to a request, or why it does not."""
    if isinstance(answer := said.get("ok"), dict):
        return answer
    kind = JudgeError if said.get("again", True) else NoAnswerError
    return kind(str(said.get("error", mark("The judge failed."))))


def probabilities_in(answer: dict[str, Any], policy: Policy) -> dict[str, float]:
    """The answer's probability per rule; JudgeError where it is not exactly that."""
    given = answer.get("probabilities")
    keys = {rule.key for rule in policy.rules}
    if not isinstance(given, dict) or set(given) != keys:
        raise JudgeError(mark("The judge's answer does not name each rule once."))
    if not all(isinstance(value, float) and 0.0 <= value <= 1.0 for value in given.values()):
        raise JudgeError(mark("The judge's answer holds a number that is no probability."))
    return {rule.key: given[rule.key] for rule in policy.rules}


def timings_in(answer: dict[str, Any]) -> dict[str, float]:
    """The answer's timings by their names, milliseconds for the most part; JudgeError where they are no numbers."""
    given = answer.get("timings_ms")
    if not isinstance(given, dict):
        raise JudgeError(mark("The judge's answer does not say how long it took."))
    if not all(isinstance(value, float | int) and 0.0 <= value < _LONGEST_MS for value in given.values()):
        raise JudgeError(mark("The judge's answer holds a number that is no time."))
    return dict(given)


def said_in(answer: dict[str, Any], text: str) -> tuple[str, str, str]:
    """Rationale, quote and reasoning that came with an answer, empty where none did; JudgeError for a false quote."""
    rationale, quote, reasoning = (str(answer.get(name, "")) for name in ("rationale", "quote", "reasoning"))
    if quote not in text:
        raise JudgeError(mark("The judge's explanation does not fit the message."))
    return rationale, quote, reasoning
