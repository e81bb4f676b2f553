"""A backtest: what a draft would make of stored messages, beside what the live policy makes of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.decision import Outcome, ThresholdTable, decide
from bot.domain.evaluation import Confusion, rates
from bot.domain.policy import Policy
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.domain.withholding import withheld_under

MOST_CHANGES = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored message, the verdict it got then, and whether a human found that it breaks a rule.

    `verdict` is None where it was not judged or judging failed, `breaks` where no human answered. `only_linked` says
    that its words may not be shown, by the policy it was judged by; `judged_by` are its versions' numbers, that of the
    outermost first.
    """

    journal_id: int
    submission: Submission
    verdict: Verdict | None = None
    breaks: bool | None = None
    only_linked: bool = False
    judged_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a policy makes of a message: the outcome, the rule it rests on, else the likeliest, its probability, and
    whether the message's words may not be shown.
    """

    outcome: Outcome
    rule: str | None
    probability: float
    only_linked: bool = False

    @property
    def caught(self) -> bool:
        """Whether it would not simply be allowed."""
        return self.outcome is not Outcome.ALLOW


NOTHING = Reading(Outcome.ALLOW, None, 0.0)
"""What is made of a message where there is no policy."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A message under the live policy and under the draft."""

    sample: Sample
    live: Reading
    draft: Reading

    @property
    def only_linked(self) -> bool:
        """Whether the message's words may not be shown, by any of the policies."""
        return self.sample.only_linked or self.live.only_linked or self.draft.only_linked

    @property
    def change(self) -> float:
        """How far the probabilities are apart, from 0 to 1."""
        return abs(self.draft.probability - self.live.probability)


@dataclass(frozen=True, slots=True)
class Against:
    """A policy against the reviews of humans, in shares: of what it agrees with, of what breaks a rule in all that it
    catches (precision), and of what it catches in all that breaks a rule (recall). None stands for a share of nothing.
    """

    agreement: float
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a backtest. `live` and `draft` are None where no message was reviewed."""

    compared: tuple[Compared, ...]
    newly_caught: tuple[Compared, ...]
    let_go: tuple[Compared, ...]
    reviewed: int
    live: Against | None
    draft: Against | None
    biggest: tuple[Compared, ...]


def reading_of(verdict: Verdict, policy: Policy, thresholds: ThresholdTable) -> Reading:
    """What a verdict under a policy comes to with a server's thresholds."""
    decision = decide(verdict, policy, thresholds)
    rule = decision.rule if decision.rule is not None else verdict.rule
    probability = verdict.probabilities[rule] if rule is not None else 0.0
    return Reading(decision.outcome, rule, probability, withheld_under(policy, verdict, decision.rule))


def findings(compared: Sequence[Compared]) -> Findings:
    """Count and rank; the biggest changes are at most ten, and only messages about which anything changed."""
    reviewed = [one for one in compared if one.sample.breaks is not None]
    changed = [one for one in compared if one.change > 0 or one.live.outcome is not one.draft.outcome]
    # What is caught or let go comes before what only became more or less likely.
    changed.sort(key=lambda one: (one.live.caught is not one.draft.caught, one.change), reverse=True)
    return Findings(
        compared=tuple(compared),
        newly_caught=tuple(one for one in compared if one.draft.caught and not one.live.caught),
        let_go=tuple(one for one in compared if one.live.caught and not one.draft.caught),
        reviewed=len(reviewed),
        live=_against([(bool(one.sample.breaks), one.live.caught) for one in reviewed]),
        draft=_against([(bool(one.sample.breaks), one.draft.caught) for one in reviewed]),
        biggest=tuple(changed[:MOST_CHANGES]),
    )


def _against(answers: Sequence[tuple[bool, bool]]) -> Against | None:
    """Of pairs of what a human found and whether the message was caught."""
    if not answers:
        return None
    counts = Confusion(
        caught=answers.count((True, True)),
        missed=answers.count((True, False)),
        wrongly_caught=answers.count((False, True)),
        let_pass=answers.count((False, False)),
    )
    told = rates(counts)
    return Against(
        told["accuracy"],
        told["precision"] if counts.caught + counts.wrongly_caught else None,
        told["recall"] if counts.caught + counts.missed else None,
    )
