"""Which of a member's cases count for the server's ladder, and what they make of the decision on a new one. Pure.

A case counts where the bot acted on it, or would have if not for shadow mode, and where a human confirmed it or
answered it with another action. It does not where it was overturned, where it waits for a human, where it rests on no
rule, and where it called for a human or offered help: whoever may need it has broken nothing. A message counts once,
however many of its edits have a case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.decision import Ahead, Decision, Outcome
from bot.domain.ladder import LadderTable, Reached, Step, reached, stepped_up
from bot.domain.policy import CALLING, ActionKind, format_duration
from bot.domain.records import CaseRecord, ReviewKind
from bot.language import tr, trn


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case of a member as a ladder looks at it, opened at `at`.

    `answer` is what a human made of it last, None where nobody has; `in_need` whether the bot called for one or
    offered help.
    """

    message_id: int
    at: datetime
    rule: str | None
    outcome: Outcome
    answer: ReviewKind | None = None
    in_need: bool = False

    @property
    def stands(self) -> bool:
        """Whether it counts as a violation."""
        if self.rule is None or self.in_need:
            return False
        if self.answer is None:
            return self.outcome is Outcome.ACT
        return self.answer is not ReviewKind.OVERTURN


def counting(
    cases: Iterable[PastCase], ladder: LadderTable, rule: str, besides: int | None = None
) -> tuple[datetime, ...]:
    """When the cases were opened that count for the ladder of a rule, one time a message, that of its last case.

    Those of the message `besides` are left out.
    """
    last: dict[int, datetime] = {}
    for case in cases:
        if case.stands and case.rule is not None and case.message_id != besides and ladder.counts(case.rule, rule):
            last[case.message_id] = max(case.at, last.get(case.message_id, case.at))
    return tuple(last.values())


def step_up(
    decision: Decision, ladder: LadderTable, cases: Collection[PastCase], message_id: int, at: datetime
) -> Decision:
    """The decision on a message whose case is opened at `at`, with what the ladder adds and what it brings next.

    `cases` are the author's others. Only where the bot acts by itself something is added; where a human is asked, it
    is only said what comes next, should the case stand. Nothing is added where a human is called or help is
    offered; nothing comes next for whoever is banned.
    """
    if decision.rule is None or _in_need(decision):
        return decision
    earlier = counting(cases, ladder, decision.rule, message_id)
    found = reached(ladder.of(decision.rule), at, earlier) if decision.outcome is Outcome.ACT else None
    actions = stepped_up(decision.actions, found.step.action if found else None)
    own_rule = decision.rule if decision.rule in ladder.by_rule else ""
    is_banned = any(action.kind is ActionKind.BAN for action in actions)
    return replace(
        decision,
        actions=actions,
        stepped=_why(found, own_rule) if found and actions != decision.actions else "",
        ahead=None if is_banned else what_is_next(ladder, decision.rule, (*earlier, at), at),
    )


def what_is_next(ladder: LadderTable, rule: str, times: Collection[datetime], now: datetime) -> Ahead | None:
    """What the next case brings if it comes soon enough; None where it reaches no step.

    `times` are those of the cases that count, none of them later than `now`.
    """
    found = reached(ladder.of(rule), now, times)
    if found is None:
        return None
    # So many of the newest must still be within the window when the next one comes.
    oldest = sorted(times, reverse=True)[found.step.count - 2]
    return Ahead(found.step.action, oldest + found.step.window, rule if rule in ladder.by_rule else None)


def counts_now(ladder: LadderTable, rule: str, times: Collection[datetime], now: datetime) -> list[tuple[Step, int]]:
    """Each step of a rule's ladder with how many cases there are within its window; `times` are those that count."""
    return [(step, sum(now - time < step.window for time in times)) for step in ladder.of(rule)]


def as_past(case: CaseRecord) -> PastCase:
    """A case as a ladder looks at it when there is a later one."""
    return PastCase(
        case.submission.message_id,
        case.created_at,
        case.decision.rule,
        case.decision.outcome,
        case.answer.kind if case.answer else None,
        _in_need(case.decision),
    )


def in_words(duration: timedelta) -> str:
    """A duration as one says it: `7 days`, `1 hour`, `90 minutes`."""
    short = format_duration(duration)
    number = int(short[:-1])
    match short[-1]:
        case "d":
            return trn("{n} day", "{n} days", number)
        case "h":
            return trn("{n} hour", "{n} hours", number)
        case "m":
            return trn("{n} minute", "{n} minutes", number)
        case _:
            return trn("{n} second", "{n} seconds", number)


def _in_need(decision: Decision) -> bool:
    return any(action.kind in CALLING for action in decision.actions)


def _why(found: Reached, own_rule: str) -> str:
    """Why there is more than the rule asks for: `3rd case in 7 days: timeout 1h`."""
    ordinal, time, action = _ordinal(found.count), in_words(found.step.window), found.step.action
    if own_rule:
        return tr(
            "{ordinal} case of rule {rule} in {time}: {action}",
            ordinal=ordinal,
            rule=own_rule,
            time=time,
            action=action,
        )
    return tr("{ordinal} case in {time}: {action}", ordinal=ordinal, time=time, action=action)


def _ordinal(number: int) -> str:
    match 0 if number % 100 in (11, 12, 13) else number % 10:
        case 1:
            return tr("{number}st", number=number)
        case 2:
            return tr("{number}nd", number=number)
        case 3:
            return tr("{number}rd", number=number)
        case _:
            return tr("{number}th", number=number)
