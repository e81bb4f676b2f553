"""What the server's ladder makes of a decision, by its member's cases as they are now."""

from __future__ import annotations

from datetime import datetime

from bot.domain.decision import Decision
from bot.domain.ladder import LadderTable
from bot.domain.standing import PastCase, step_up
from bot.domain.submission import Submission
from bot.store import Store


async def with_ladder(
    store: Store, ladder: LadderTable, decision: Decision, submission: Submission, at: datetime
) -> Decision:
    """The decision on a submission whose case is about to be opened at `at`, with what the server's ladder adds to it.

    Until the case is there nobody else may open one of the same author: each must see those before it.
    """
    if decision.rule is None:
        return decision
    cases = await cases_for(store, ladder, decision.rule, submission, at)
    return decision if cases is None else step_up(decision, ladder, cases, submission.message_id, at)


async def cases_for(
    store: Store, ladder: LadderTable, rule: str, submission: Submission, at: datetime
) -> list[PastCase] | None:
    """The author's cases up to `at` that are not too old for any step of a rule's ladder; None where it has no step."""
    windows = [step.window for step in ladder.of(rule)]
    if not windows:
        return None
    return await store.standing.of(submission.guild_id, submission.author_id, at - max(windows))
