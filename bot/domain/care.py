"""Care: which rules are about people who may hurt themselves, and who is offered help. Pure.

A rule says so itself, by the action `help` in its brackets, in whatever language it is written. Rules written before
there was such a word, as those of the packs, need not be changed: one that calls a human and whose words are, in
English, about somebody who may hurt themselves is one too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.decision import Decision, Outcome, ThresholdTable, decide
from bot.domain.policy import Action, ActionKind, Policy, Rule
from bot.domain.verdict import Verdict
from bot.domain.withholding import is_only_linked
from bot.language import tr

_SELF = r"(?:them|him|her|it|one|your|my)sel(?:f|ves)"
_SELF_HARM = re.compile(
    rf"\b(?:hurt|harm|injur|kill|cut|danger)\w*(?:\W+\w+){{0,3}}?\W+{_SELF}\b"
    r"|\bself\W?(?:harm|hurt|injur|mutilat)|\bsuicid"
    r"|\b(?:end|take|taking|ending) (?:their|his|her|your|one's) (?:own )?li(?:fe|ves)\b"
    r"|\bwants? to die\b",
    re.IGNORECASE,
)


def offers_help(rule: Rule) -> bool:
    """Whether the author of a message that the rule is about is offered the server's help lines."""
    if any(action.kind is ActionKind.HELP for action in rule.actions):
        return True
    return rule.escalates and _SELF_HARM.search(rule.text) is not None


def read_as(rule: Rule) -> tuple[str, ...]:
    """What a rule's words make of it beside its actions, for moderators to see; empty where they make nothing."""
    named = {action.kind for action in rule.actions}
    helps = offers_help(rule) and ActionKind.HELP not in named
    links = is_only_linked(rule) and ActionKind.LINK not in named
    return tuple(
        words
        for holds, words in (
            (helps, tr("about self-harm: offers help lines")),
            (links, tr("about minors: only linked")),
        )
        if holds
    )


def with_help(
    decision: Decision, verdict: Verdict, policy: Policy, thresholds: ThresholdTable, help_lines: str | None
) -> Decision:
    """The decision with help offered, where the server set help lines and a rule that it rests on offers them.

    These are the decision's own rule and, where the bot acts, every rule that reaches its own `act_at`. Without help
    lines only what the policy itself asks for is left, so that its failing is seen on the case.
    """
    if help_lines is None or decision.outcome is Outcome.ALLOW:
        return decision
    if any(action.kind is ActionKind.HELP for action in decision.actions):
        return decision
    if not any(offers_help(rule) and _rests_on(decision, rule, verdict, thresholds) for rule in policy.rules):
        return decision
    return replace(decision, actions=(*decision.actions, Action(ActionKind.HELP)))


def decide_with_help(verdict: Verdict, policy: Policy, thresholds: ThresholdTable, help_lines: str | None) -> Decision:
    """What is decided on a verdict given under `policy`, with help offered where it is due."""
    return with_help(decide(verdict, policy, thresholds), verdict, policy, thresholds, help_lines)


def _rests_on(decision: Decision, rule: Rule, verdict: Verdict, thresholds: ThresholdTable) -> bool:
    if rule.key == decision.rule:
        return True
    reaches = verdict.probabilities.get(rule.key, 0.0) >= thresholds.of(rule.key).act_at
    return decision.outcome is Outcome.ACT and reaches
