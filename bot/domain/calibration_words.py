"""What people are told of a calibration. Pure."""

from __future__ import annotations

from bot.domain.calibration import RuleShift, shifted

_SHOWN = 0.85
"""What is said of this probability stands for all."""


def shift_line(one: RuleShift, name: str) -> str:
    """One sentence that says how a rule is taken and why; `name` is its key as it may be shown."""
    if one.is_taken_away:
        return f"Rule {name} is taken as the judge says, as moderators wanted, though {_why(one)}."
    how = "less" if one.shift < 0 else "more"
    return f"Rule {name} is taken as {how} likely than the judge says: {_why(one)}; {counts_as(one)}."


def counts_as(one: RuleShift) -> str:
    """`what it calls 85% counts as 74%`."""
    return f"what it calls {_SHOWN:.0%} counts as {shifted(_SHOWN, one.shift):.0%}"


def ended_line(name: str, number: int) -> str:
    """That a rule of an earlier version is no longer shifted."""
    return f"Rule {name} of version {number} was calibrated, and is no longer: it has other words or other answers now."


def _why(one: RuleShift) -> str:
    if one.overturned * 2 >= one.answers:
        return f"of {one.answers} answers {one.overturned} overturned it"
    return f"of {one.answers} answers {one.confirmed} confirmed it"
