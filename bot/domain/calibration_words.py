"""What people are told of a calibration. Pure."""

from __future__ import annotations

from bot.domain.calibration import RuleShift, shifted
from bot.language import tr

_SHOWN = 0.85
"""What is said of this probability stands for all."""


def shift_line(one: RuleShift, name: str) -> str:
    """One sentence that says how a rule is taken and why; `name` is its key as it may be shown."""
    said = {"rule": name, "why": _why(one)}
    if one.is_taken_away:
        return tr("Rule {rule} is taken as the judge says, as moderators wanted, though {why}.", **said)
    said["counts"] = counts_as(one)
    if one.shift < 0:
        return tr("Rule {rule} is taken as less likely than the judge says: {why}; {counts}.", **said)
    return tr("Rule {rule} is taken as more likely than the judge says: {why}; {counts}.", **said)


def counts_as(one: RuleShift) -> str:
    """`what it calls 85% counts as 74%`."""
    counted = shifted(_SHOWN, one.shift)
    return tr("what it calls {share:.0%} counts as {counted:.0%}", share=_SHOWN, counted=counted)


def ended_line(name: str, number: int) -> str:
    """That a rule of an earlier version is no longer shifted."""
    return tr(
        "Rule {rule} of version {number} was calibrated, and is no longer: it has other words or other answers now.",
        rule=name,
        number=number,
    )


def _why(one: RuleShift) -> str:
    if one.overturned * 2 >= one.answers:
        return tr("of {answers} answers {overturned} overturned it", answers=one.answers, overturned=one.overturned)
    return tr("of {answers} answers {confirmed} confirmed it", answers=one.answers, confirmed=one.confirmed)
