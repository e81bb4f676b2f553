"""What is said of where an author stands on the server's ladder, for embeds and pages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ladder import LadderTable
from bot.domain.records import CaseRecord
from bot.domain.standing import PastCase, as_past, counting, counts_now, what_is_next
from bot.language import mark, tr

_COUNTED_APART = mark(
    "Counts cases of this rule alone; not overturned ones, nor those that wait for a human, called for one or offered "
    "help lines."
)
_COUNTED_TOGETHER = mark(
    "Counts cases of all rules without a ladder of their own; not overturned ones, nor those that wait for a human, "
    "called for one or offered help lines."
)


@dataclass(frozen=True, slots=True)
class LadderText:
    """Its lines, what is counted, and the rule whose own ladder it is, None where it is the general one."""

    rule: str | None
    lines: tuple[str, ...]
    counted: str


def ladder_text(
    case: CaseRecord,
    ladder: LadderTable,
    cases: Iterable[PastCase],
    now: datetime,
    written: Callable[[datetime], str],
) -> LadderText | None:
    """How many of the author's cases count for the ladder of the case's rule by now, and what the next one brings.

    `cases` are the author's, this one included, as far back as the ladder looks; `written` writes a time. None where
    the case rests on no rule, or its rule has no ladder.
    """
    rule = case.decision.rule
    if rule is None or not ladder.of(rule):
        return None
    times = counting(cases, ladder, rule)
    is_own = rule in ladder.by_rule
    lines = [
        tr("{step} · {number} of the author now", step=step, number=count)
        for step, count in counts_now(ladder, rule, times, now)
    ]
    lines.append(tr("This case counts.") if as_past(case).stands else tr("This case does not count."))
    if (ahead := what_is_next(ladder, rule, times, now)) is not None:
        until = written(ahead.until)
        lines.append(tr("The next one before {until} brings: {action}.", until=until, action=ahead.action))
    return LadderText(rule if is_own else None, tuple(lines), tr(_COUNTED_APART) if is_own else tr(_COUNTED_TOGETHER))
