"""What a judge that goes by words says: `rule 3 …` breaks rule 3, `perhaps 3 …` may, all else is fine."""

from __future__ import annotations

from bot.domain.policy import Policy

BROKEN, PERHAPS, KEPT = 0.97, 0.7, 0.02
WITH_WORKER = "WORDS_IN_A_WORKER"
"""A variable of a bot's environment: its judge is in a worker of its own."""


def said_of(policy: Policy, text: str) -> dict[str, float]:
    """A probability per rule. Pure."""
    word, key = (*text.split(), "", "")[:2]
    sure = {"rule": BROKEN, "perhaps": PERHAPS}.get(word, KEPT)
    return {rule.key: sure if rule.key == key else KEPT for rule in policy.rules}


def explained(rule_key: str) -> str:
    """Why a message breaks a rule."""
    return f"It says what rule {rule_key} forbids."
