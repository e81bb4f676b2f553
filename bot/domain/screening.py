"""Where a screen may let messages pass so that it misses no more than one is ready to miss. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, floor, lgamma, log, log1p

from bot.domain.evaluation import Judged

# With fewer breaking texts than this a recall can be off by more than some hundredths, whatever it was on these.
FEW_BREAKING = 200


@dataclass(frozen=True, slots=True)
class Screening:
    """A threshold for a screen, and what it does to the labelled texts it was chosen on.

    What is less likely than `pass_below` passes. `recall` is the share of breaking texts that go on, `recall_at_least`
    what it is with 95 % confidence on texts like these, and `passed_on` the share of all texts that go on to the second
    stage. `breaking` says on how many breaking texts this rests.
    """

    pass_below: float
    recall: float
    recall_at_least: float
    passed_on: float
    breaking: int

    @property
    def rests_on_few(self) -> bool:
        """Whether there are too few breaking texts to trust the recall to a hundredth."""
        return self.breaking < FEW_BREAKING


def threshold_for(judged: Sequence[Judged], recall: float) -> Screening:
    """The highest threshold with which at least this share of the breaking texts goes on to the second stage.

    It has four digits, rounded down; a text of just its probability goes on. ValueError where no text breaks the
    policy, or for a recall outside (0, 1].
    """
    if not 0.0 < recall <= 1.0:
        raise ValueError("the recall must be above 0 and at most 1")
    breaking = sorted((one.probability for one in judged if one.breaks), reverse=True)
    if not breaking:
        raise ValueError("no text breaks the policy")
    # Less a hair, for 0.95 * 20 is a little more than 19.
    highest = breaking[ceil(recall * len(breaking) - 1e-9) - 1]
    threshold = floor(highest * 10_000) / 10_000
    caught = sum(probability >= threshold for probability in breaking)
    passed_on = sum(one.probability >= threshold for one in judged)
    return Screening(
        threshold,
        caught / len(breaking),
        lower_bound(caught, len(breaking)),
        passed_on / len(judged),
        len(breaking),
    )


def lower_bound(successes: int, trials: int) -> float:
    """What a share is at least, with 95 % confidence, by its one-sided exact bound (Clopper and Pearson, 1934)."""
    if successes == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(successes, trials, middle) < 0.05 else (low, middle)
    return low


def _at_least(successes: int, trials: int, share: float) -> float:
    """The chance of so many successes or more."""
    ways = lgamma(trials + 1)
    yes, no = log(share), log1p(-share)
    return sum(
        exp(ways - lgamma(k + 1) - lgamma(trials - k + 1) + k * yes + (trials - k) * no)
        for k in range(successes, trials + 1)
    )
