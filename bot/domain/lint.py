"""The linter: what in a policy is unclear, contradictory, too long, or has no action. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.policy import PUNISHING, Policy, Rule
from bot.language import tr

# A card shows at most this much of a rule to good effect; beyond it a small model loses the thread.
LONG_RULE_CHARACTERS = 400
SHORT_RULE_WORDS = 2

_VAGUE = re.compile(
    r"\b(?:be (?:nice|respectful|kind|good)|common sense|behave|bad (?:words?|things?|behaviou?r)|inappropriate"
    r"|anything (?:bad|wrong)|use your (?:head|brain)|toxic(?:ity)?|stupid stuff)\b",
    re.IGNORECASE,
)


class Severity(StrEnum):
    """How much a finding matters: a warning wants a look, a note is for information."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at; `rule` is the key of the rule it is about, None for the whole policy."""

    severity: Severity
    message: str
    rule: str | None = None


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Look at a parsed policy; the order of the findings is that of the rules, then the policy's own."""
    findings = [finding for rule in policy.rules for finding in _lint_rule(rule)]
    return (*findings, *_lint_whole(policy))


def _lint_rule(rule: Rule) -> Iterator[Finding]:
    if not rule.has_own_actions:
        yield Finding(
            Severity.NOTE,
            tr("Rule {rule} names no action, so it only flags: add one as [delete].", rule=rule.key),
            rule.key,
        )
    if rule.escalates and any(action.kind in PUNISHING for action in rule.actions):
        yield Finding(
            Severity.WARNING,
            tr("Rule {rule} escalates, so its other actions on message and author are not taken.", rule=rule.key),
            rule.key,
        )
    if len(rule.text) > LONG_RULE_CHARACTERS:
        yield Finding(
            Severity.WARNING,
            tr(
                "Rule {rule} has {number} characters: split it, a small model judges short rules better.",
                rule=rule.key,
                number=len(rule.text),
            ),
            rule.key,
        )
    if len(rule.text.split()) <= SHORT_RULE_WORDS:
        yield Finding(
            Severity.WARNING, tr("Rule {rule} is very short: say what exactly it forbids.", rule=rule.key), rule.key
        )
    if vague := _VAGUE.search(rule.text):
        yield Finding(
            Severity.WARNING,
            tr(
                "Rule {rule} is unclear at “{words}”: name what people may not do, or give examples.",
                rule=rule.key,
                words=vague.group(0),
            ),
            rule.key,
        )


def _lint_whole(policy: Policy) -> Iterator[Finding]:
    keys = {rule.key for rule in policy.rules}
    texts: dict[str, str] = {}
    for rule in policy.rules:
        same = " ".join(rule.text.casefold().split())
        if same in texts:
            yield Finding(
                Severity.WARNING,
                tr("Rules {rule} and {other} say the same.", rule=texts[same], other=rule.key),
                rule.key,
            )
        texts.setdefault(same, rule.key)
    judged: dict[str, str | None] = {}
    for example in policy.examples:
        shown = example.text if len(example.text) <= 60 else example.text[:57] + "…"
        if example.rule is not None and example.rule not in keys:
            yield Finding(
                Severity.WARNING,
                tr("The example “{text}” breaks rule {rule}, which is not there.", text=shown, rule=example.rule),
            )
        if example.text in judged and judged[example.text] != example.rule:
            yield Finding(Severity.WARNING, tr("The example “{text}” is judged in two ways.", text=shown))
        judged.setdefault(example.text, example.rule)
    if not policy.examples:
        yield Finding(
            Severity.NOTE, tr("The policy has no examples: a few of what breaks a rule and what is fine help.")
        )
