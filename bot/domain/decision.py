"""The decision: what a server's settings make of a verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.policy import CALLING, PUNISHING, Action, ActionKind, Policy, Rule
from bot.domain.verdict import Verdict
from bot.language import tr

ACT_AT = 0.85
REVIEW_AT = 0.50


class Mode(StrEnum):
    """What the bot does in a server or channel: nothing, look only, or act."""

    OFF = "off"
    SHADOW = "shadow"
    ENFORCE = "enforce"


class Outcome(StrEnum):
    """What is made of a verdict."""

    ALLOW = "allow"
    ACT = "act"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From `act_at` on a rule's actions are taken, from `review_at` on a human is asked."""

    act_at: float = ACT_AT
    review_at: float = REVIEW_AT

    def __post_init__(self) -> None:
        if not 0.0 <= self.review_at <= self.act_at <= 1.0:
            raise ValueError("thresholds must satisfy 0 <= review_at <= act_at <= 1")


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """A server's thresholds: its own default, and those of single rules by key."""

    default: Thresholds = Thresholds()
    by_rule: Mapping[str, Thresholds] = field(default_factory=dict)

    def of(self, rule_key: str) -> Thresholds:
        """The thresholds that hold for a rule."""
        return self.by_rule.get(rule_key, self.default)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the author's next case brings by the server's ladder, besides its rule's own actions, if it comes before
    `until`; `rule` is the one whose own ladder says so, None where it is the general one.
    """

    action: Action
    until: datetime
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the rule it rests on, the actions to take, and a reason where it is not the verdict's.

    `stepped` says why there are more actions than the rule asks for, empty where there are not; `ahead` is what the
    author's next case brings. Both are the ladder's, see `bot.domain.standing`.
    """

    outcome: Outcome
    rule: str | None = None
    actions: tuple[Action, ...] = ()
    reason: str = ""
    stepped: str = ""
    ahead: Ahead | None = None


def actions_of(rule: Rule) -> tuple[Action, ...]:
    """The actions a rule may take: one that escalates never deletes or punishes."""
    if rule.escalates:
        return tuple(action for action in rule.actions if action.kind not in PUNISHING)
    return rule.actions


def outcome_of(probabilities: Mapping[str, float], thresholds: ThresholdTable) -> tuple[Outcome, list[str]]:
    """What probabilities come to, and the rules that reach it, the likeliest first; none where all is allowed."""
    ranked = sorted(probabilities, key=lambda key: probabilities[key], reverse=True)
    if certain := [key for key in ranked if probabilities[key] >= thresholds.of(key).act_at]:
        return Outcome.ACT, certain
    if likely := [key for key in ranked if probabilities[key] >= thresholds.of(key).review_at]:
        return Outcome.REVIEW, likely
    return Outcome.ALLOW, []


def decide(verdict: Verdict, policy: Policy, thresholds: ThresholdTable) -> Decision:
    """Decide on a verdict given under `policy`.

    Of the rules that reach their own `act_at` the likeliest is acted on, and a human is called too where one that
    escalates reaches its own; else of those that reach their `review_at` the likeliest goes to a human, who is called
    at once where the rule escalates; else the message is allowed.
    """
    if verdict.policy_digest != policy.digest:
        return review_for(tr("the verdict was given under another version of the policy"))
    outcome, keys = outcome_of(verdict.probabilities, thresholds)
    match outcome:
        case Outcome.ACT:
            first, *others = map(policy.rule, keys)
            calls = () if first.escalates else next((_calls(rule) for rule in others if rule.escalates), ())
            return Decision(outcome, first.key, (*actions_of(first), *calls))
        case Outcome.REVIEW:
            return Decision(outcome, keys[0], _calls(policy.rule(keys[0])))
        case Outcome.ALLOW:
            return Decision(outcome)


def _calls(rule: Rule) -> tuple[Action, ...]:
    """What a rule asks for where the bot does not act by itself: a human, and help for the author."""
    return tuple(action for action in rule.actions if action.kind in CALLING)


def review_for(reason: str) -> Decision:
    """The decision where judging failed: a human looks, nothing is done to the message."""
    return Decision(Outcome.REVIEW, None, (), reason)


def planned(decision: Decision) -> tuple[Action, ...]:
    """The actions a case of this decision performs; an act with none asked for is at least a flag."""
    if decision.outcome is Outcome.ACT and not decision.actions:
        return (Action(ActionKind.FLAG),)
    return decision.actions
