"""Advice where moderators keep overturning a rule: a higher `act_at`, or an example. Pure; it changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.figures import ReviewedCase, live_key
from bot.domain.policy import Policy
from bot.domain.records import ReviewKind

LEAST_REVIEWS = 5
"""So many answers, confirmed or overturned, are the fewest that anything is made of."""
MOST_OVERTURNED = 3
"""Advice is given where more than one answer in so many overturns."""
_LEAST_AGREED = 2
_MOST_WRONG = 10
_MOST_CASES = 5
_DIGITS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class RaiseActAt:
    """A threshold parts what moderators confirmed from what they overturned.

    `reviewed` answers there were, of which `overturned` overturn. Of those that are acted on as `act_at` stands,
    `above` lie at `to` or higher, of which `confirmed_above` were confirmed; `below` lie lower, of which
    `overturned_below` were overturned.
    """

    rule: str
    reviewed: int
    overturned: int
    act_at: float
    to: float
    above: int
    confirmed_above: int
    below: int
    overturned_below: int


@dataclass(frozen=True, slots=True)
class AddExample:
    """No threshold parts them: of `reviewed` answers `overturned` overturn, above all those to `cases`, by number."""

    rule: str
    reviewed: int
    overturned: int
    cases: tuple[int, ...]


Advice = RaiseActAt | AddExample


def advice_on(
    reviewed: Iterable[ReviewedCase],
    live: Policy,
    versions: Mapping[tuple[int, ...], Policy],
    thresholds: ThresholdTable,
) -> list[Advice]:
    """Advice on rules of the live policy, in its order; `versions` are the policies that cases were judged by.

    As with `by_rule`, cases count for the rule that has their rule's words now.
    """
    of_rule: defaultdict[str, list[ReviewedCase]] = defaultdict(list)
    for case in reviewed:
        if (key := live_key(case.rule, versions.get(case.judged_by), live)) is not None:
            of_rule[key].append(case)
    found = [advise(rule.key, of_rule[rule.key], thresholds.of(rule.key)) for rule in live.rules if rule.key in of_rule]
    return [advice for advice in found if advice is not None]


def advise(rule: str, reviewed: Sequence[ReviewedCase], thresholds: Thresholds) -> Advice | None:
    """Advice on one rule from its reviewed cases; None where there are too few, or moderators mostly agree.

    Cases answered with another action say neither that the rule was broken nor that it was not, and do not count.
    """
    decided = [case for case in reviewed if case.review is not ReviewKind.OTHER]
    overturned = [case for case in decided if case.review is ReviewKind.OVERTURN]
    if len(decided) < LEAST_REVIEWS or len(overturned) * MOST_OVERTURNED <= len(decided):
        return None
    acted_on = [case for case in decided if case.probability >= thresholds.act_at]
    to = _parting(acted_on)
    if to is None:
        worst = sorted(overturned, key=lambda case: case.probability, reverse=True)[:_MOST_CASES]
        return AddExample(rule, len(decided), len(overturned), tuple(case.number for case in worst))
    above = [case for case in acted_on if case.probability >= to]
    below = [case for case in acted_on if case.probability < to]
    return RaiseActAt(
        rule,
        len(decided),
        len(overturned),
        thresholds.act_at,
        to,
        len(above),
        _confirmed(above),
        len(below),
        len(below) - _confirmed(below),
    )


def _parting(acted_on: Sequence[ReviewedCase]) -> float | None:
    """The lowest threshold from which on moderators agree, parting off cases most of which they overturned; else None.

    There is none where they agree with what is acted on as it is: then they overturn what they were only asked about.
    Nor is one that leaves most of what was confirmed below it: it would stop the rule from acting.
    """
    confirmed = _confirmed(acted_on)
    if _agreed(confirmed, len(acted_on)):
        return None
    confirmed_below = 0
    for below, (lower, upper) in enumerate(pairwise(sorted(acted_on, key=lambda case: case.probability)), start=1):
        confirmed_below += lower.review is ReviewKind.CONFIRM
        if lower.probability == upper.probability:
            continue
        confirmed_above, wrong_below = confirmed - confirmed_below, below - confirmed_below
        agreed_above = _agreed(confirmed_above, len(acted_on) - below)
        if agreed_above and wrong_below > confirmed_below and confirmed_above >= confirmed_below:
            return _between(lower.probability, upper.probability)
    return None


def _agreed(confirmed: int, of: int) -> bool:
    """Whether nine in ten or more were confirmed, and two at least."""
    return confirmed >= _LEAST_AGREED and (of - confirmed) * _MOST_WRONG <= of


def _confirmed(cases: Sequence[ReviewedCase]) -> int:
    return sum(case.review is ReviewKind.CONFIRM for case in cases)


def _between(lower: float, upper: float) -> float:
    """A number above `lower` and not above `upper`, midway and with as few digits as that takes."""
    middle = (lower + upper) / 2
    rounded = (round(middle, digits) for digits in _DIGITS)
    return next((one for one in rounded if lower < one <= upper), upper)
