"""What the server's ladder makes of a decision, read from the database as it is now."""

from __future__ import annotations

from datetime import datetime

from bot.domain.decision import Decision
from bot.domain.standing import step_up
from bot.domain.submission import Submission
from bot.store import Store


async def with_ladder(store: Store, decision: Decision, submission: Submission, at: datetime) -> Decision:
    """The decision on a submission whose case is about to be opened at `at`, with what the ladder adds to it.

    Until the case is there nobody else may open one of the same author: each must see those before it.
    """
    if decision.rule is None:
        return decision
    ladder = (await store.guilds.get(submission.guild_id)).ladder
    windows = [step.window for step in ladder.of(decision.rule)]
    if not windows:
        return decision
    cases = await store.standing.of(submission.guild_id, submission.author_id, at - max(windows))
    return step_up(decision, ladder, cases, submission.message_id, at)
