"""A backtest counts what would newly be caught, what would be let go, and who agrees with the reviews."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.backtest import NOTHING, Against, Compared, Reading, Sample, findings, reading_of
from bot.domain.decision import Outcome, Thresholds, ThresholdTable
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict

POLICY = parse_policy("1. No ads. [delete]\n2. No cats. [flag]\n")
FINE, ACTED, ASKED = (
    Reading(Outcome.ALLOW, "1", 0.1),
    Reading(Outcome.ACT, "1", 0.9),
    Reading(Outcome.REVIEW, "2", 0.6),
)


def compared(number: int, live: Reading, draft: Reading, breaks: bool | None = None) -> Compared:
    said = Submission(10, 20, number, 0, 30, "ana", f"text {number}", "", (), datetime(2026, 1, 2, tzinfo=UTC))
    return Compared(Sample(number, said, None, breaks), live, draft)


def verdict(first: float, second: float) -> Verdict:
    said = {"1": first, "2": second}
    return Verdict(max(said, key=lambda key: said[key]), said, POLICY.digest, "m", "0" * 64)


def test_what_only_one_policy_catches_is_newly_caught_or_let_go() -> None:
    found = findings(
        [
            compared(1, FINE, ACTED),
            compared(2, FINE, ASKED),
            compared(3, ACTED, FINE),
            compared(4, ACTED, ASKED),
            compared(5, NOTHING, FINE),
        ]
    )
    assert [one.sample.journal_id for one in found.newly_caught] == [1, 2]
    assert [one.sample.journal_id for one in found.let_go] == [3]


def test_each_policy_is_held_against_the_reviews() -> None:
    found = findings(
        [
            compared(1, ACTED, ACTED, breaks=True),
            compared(2, FINE, ASKED, breaks=True),
            compared(3, ACTED, FINE, breaks=False),
            compared(4, ACTED, ACTED, breaks=False),
            compared(5, ACTED, FINE),
        ]
    )
    assert found.reviewed == 4
    assert found.live == Against(agreement=0.25, precision=1 / 3, recall=0.5)
    assert found.draft == Against(agreement=0.75, precision=2 / 3, recall=1.0)


def test_a_share_of_nothing_is_not_known() -> None:
    assert findings([compared(1, FINE, ACTED)]).draft is None
    found = findings([compared(1, FINE, FINE, breaks=False)])
    assert found.draft == Against(agreement=1.0, precision=None, recall=None)


def test_the_biggest_changes_are_ten_and_what_is_caught_or_let_go_comes_first() -> None:
    likelier = [compared(n, FINE, Reading(Outcome.ALLOW, "1", 0.1 + n / 100)) for n in range(1, 21)]
    found = findings([*likelier, compared(99, ASKED, Reading(Outcome.ALLOW, "2", 0.55)), compared(100, ACTED, ACTED)])
    assert [one.sample.journal_id for one in found.biggest] == [99, 20, 19, 18, 17, 16, 15, 14, 13, 12]
    assert findings([compared(1, ACTED, ACTED)]).biggest == ()


def test_a_reading_is_that_of_the_decision_with_the_servers_thresholds() -> None:
    table = ThresholdTable(Thresholds(), {"1": Thresholds(0.99, 0.98)})
    assert reading_of(verdict(0.9, 0.6), POLICY, table) == Reading(Outcome.REVIEW, "2", 0.6)
    assert reading_of(verdict(0.9, 0.1), POLICY, ThresholdTable()) == Reading(Outcome.ACT, "1", 0.9)
    assert reading_of(verdict(0.3, 0.1), POLICY, ThresholdTable()) == Reading(Outcome.ALLOW, "1", 0.3)
