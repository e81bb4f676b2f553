"""Calibration: how moderators' answers to a rule's cases shift what the judge says of it. Pure.

For each rule one number is added to the log-odds of what the judge says: the intercept of a logistic regression of the
answers on these log-odds, whose slope is fixed at 1. That is the scaling of Platt ("Probabilistic Outputs for Support
Vector Machines", 1999) with one of its two parameters, for of one rule there are few answers. A normal prior around 0
holds it back until there are many: the most probable value after the answers (maximum a posteriori) is taken.

What it rests on is a selection: only what became a case was put before a moderator, and not every case was answered.
What the judge let pass is not in it, so it says nothing of how likely the rule is broken there. It is bounded for that
reason, and the judge's order of messages under a rule stays what it was.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.figures import ReviewedCase, live_key
from bot.domain.odds import log_odds, probability_of
from bot.domain.policy import Policy
from bot.domain.records import ReviewKind
from bot.domain.verdict import Verdict

FEWEST_ANSWERS = 8
"""With fewer answers that confirm or overturn, a rule is taken as the judge says."""
MOST_ANSWERS = 200
"""So many of a rule's answers count at most, the newest."""
MOST_SHIFT = 1.5
"""In log-odds: a probability of 0.5 becomes 0.82 at most, and 0.18 at least."""
LEAST_SHIFT = 0.1
"""In log-odds: what would hardly be seen is left out."""
PRIOR_SD = 1.0
"""The standard deviation of the prior, in log-odds."""
_SUREST = 1e-6
_STEPS = 60
_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Answered:
    """What the judge said of a rule in [0, 1], before any calibration, and whether a moderator confirmed it."""

    probability: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class RuleShift:
    """What is added to the log-odds that a model gives a rule, and the answers it rests on.

    `rule` is its key in the version that it is kept with. It holds for verdicts of the model with this digest only. A
    `shift` of 0 says that a moderator took it away.
    """

    rule: str
    shift: float
    confirmed: int
    overturned: int
    model_digest: str

    @property
    def is_taken_away(self) -> bool:
        """Whether the rule is taken as the judge says because a moderator wanted that."""
        return self.shift == 0.0

    @property
    def answers(self) -> int:
        """How many answers it rests on."""
        return self.confirmed + self.overturned


Shifts = Mapping[str, RuleShift]
"""By the key of a rule."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What cases were judged by: the policy that versions came to, and its shifts."""

    policy: Policy
    shifts: Shifts = field(default_factory=dict)


def shifted(probability: float, shift: float) -> float:
    """A probability in [0, 1] with its log-odds shifted; 0 and 1 stay."""
    if shift == 0.0 or not 0.0 < probability < 1.0:
        return probability
    return probability_of(math.log(probability) - math.log1p(-probability) + shift)


def fitted(answers: Sequence[Answered]) -> float:
    """The shift that answers come to, in log-odds, at most MOST_SHIFT either way; 0 where there are none.

    Newton's method on the derivative of the log-posterior, which falls everywhere: a step beyond what is known to hold
    the root is replaced by halving.
    """
    odds = [(log_odds(one.probability, _SUREST), one.confirmed) for one in answers]
    low, high, shift = -MOST_SHIFT, MOST_SHIFT, 0.0
    for _ in range(_STEPS):
        said = [(probability_of(at + shift), confirmed) for at, confirmed in odds]
        slope = sum(confirmed - likely for likely, confirmed in said) - shift / PRIOR_SD**2
        curve = sum(likely * (1 - likely) for likely, _ in said) + 1 / PRIOR_SD**2
        low, high = (shift, high) if slope > 0 else (low, shift)
        step = slope / curve
        after = shift + step if low <= shift + step <= high else (low + high) / 2
        if abs(after - shift) < _ENOUGH:
            break
        shift = after
    return shift


def calibrated(verdict: Verdict, shifts: Shifts) -> Verdict:
    """A verdict as it counts: shifted, and with the rule that is likeliest then.

    The reasons that a judge gave for another rule are left out. Without a shift for its model it is the verdict itself.
    """
    if not any(_holds(one, verdict.model_digest) for key, one in shifts.items() if key in verdict.probabilities):
        return verdict
    said = {
        key: shifted(likely, shift_of(shifts, key, verdict.model_digest))
        for key, likely in verdict.probabilities.items()
    }
    rule = max(said, key=lambda key: (said[key], key == verdict.rule))
    changed = replace(verdict, probabilities=said, rule=rule)
    return changed if rule == verdict.rule else replace(changed, rationale="", quote="")


def shift_of(shifts: Shifts, key: str, model_digest: str) -> float:
    """What is added to the log-odds that a model gives a rule; 0 where nothing is."""
    one = shifts.get(key)
    return one.shift if one is not None and _holds(one, model_digest) else 0.0


def rescaled(case: ReviewedCase, then: Shifts, now: Shifts, key: str) -> ReviewedCase:
    """A case as it would count now: `then` are the shifts it was judged with, `now` those of today's rule `key`."""
    own = shift_of(then, case.rule, case.model_digest)
    shift = shift_of(now, key, case.model_digest) - own
    return replace(case, probability=shifted(case.probability, shift))


def as_now(
    cases: Iterable[ReviewedCase], live: Policy, judged: Mapping[tuple[int, ...], Judged], now: Shifts
) -> list[ReviewedCase]:
    """Cases of rules that the live policy has, as they would count with the shifts it has `now`; the others go."""
    found = []
    for case in cases:
        then = judged.get(case.judged_by)
        key = live_key(case.rule, then.policy if then else None, live)
        if then is not None and key is not None:
            found.append(rescaled(case, then.shifts, now, key))
    return found


def in_force(parts: Sequence[tuple[Policy, Shifts]], whole: Policy) -> dict[str, RuleShift]:
    """The shifts of what versions come to which extend one another, the outermost first, each with its own.

    A rule goes by the innermost version that has it in its words, which is the one that wrote it.
    """
    found: dict[str, RuleShift] = {}
    for rule in whole.rules:
        for policy, shifts in reversed(parts):
            key = policy.key_with_words(rule.key, rule.text)
            if key is not None:
                if key in shifts:
                    found[rule.key] = shifts[key]
                break
    return found


def learned_shifts(
    policy: Policy,
    cases: Iterable[ReviewedCase],
    judged: Mapping[tuple[int, ...], Judged],
    away: Collection[str] = (),
) -> tuple[RuleShift, ...]:
    """The shifts of a version to be published, in the order of its rules.

    `cases` come newest answer first, `judged` is what they were judged by. As with `by_rule` they count for the rule
    that has their rule's words, so one that is worded anew begins anew; and of a rule's answers only those about the
    model that was answered last. `away` are keys of rules that moderators want taken as the judge says: they are
    kept, with no shift, wherever there would be one.
    """
    of_rule: defaultdict[str, list[ReviewedCase]] = defaultdict(list)
    for case in cases:
        then = judged.get(case.judged_by)
        key = live_key(case.rule, then.policy if then else None, policy)
        if key is None or then is None or case.review is ReviewKind.OTHER:
            continue
        same = of_rule[key]
        if len(same) < MOST_ANSWERS and (not same or same[0].model_digest == case.model_digest):
            same.append(rescaled(case, then.shifts, {}, key))
    found = [_learned(rule.key, of_rule[rule.key]) for rule in policy.rules]
    return tuple(replace(one, shift=0.0) if one.rule in away else one for one in found if one is not None)


def ended(before: Judged, now: Judged) -> list[str]:
    """The keys of the rules in an earlier policy that were shifted there, and are not in a later one."""
    found = []
    for key, one in before.shifts.items():
        later = live_key(key, before.policy, now.policy)
        if not one.is_taken_away and (later is None or later not in now.shifts):
            found.append(key)
    return found


def taken_away(shifts: Iterable[RuleShift]) -> tuple[RuleShift, ...]:
    """The same answers with no shift."""
    return tuple(replace(one, shift=0.0) for one in shifts)


def _learned(key: str, cases: Sequence[ReviewedCase]) -> RuleShift | None:
    if len(cases) < FEWEST_ANSWERS:
        return None
    answers = [Answered(case.probability, case.review is ReviewKind.CONFIRM) for case in cases]
    shift, confirmed = fitted(answers), sum(one.confirmed for one in answers)
    if abs(shift) < LEAST_SHIFT:
        return None
    return RuleShift(key, shift, confirmed, len(answers) - confirmed, cases[0].model_digest)


def _holds(one: RuleShift, model_digest: str) -> bool:
    return not one.is_taken_away and one.model_digest == model_digest
