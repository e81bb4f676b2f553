"""What the columns of new rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.decision import Decision, Mode
from bot.domain.records import JournalState
from bot.domain.submission import Submission
from bot.domain.verdict import Method, Verdict
from bot.store.json_columns import ahead_json


def submission_values(submission: Submission, now: datetime) -> dict[str, Any]:
    """The columns of a submission that waits to be judged."""
    return {
        "guild_id": submission.guild_id,
        "channel_id": submission.channel_id,
        "parent_id": submission.parent_id,
        "category_id": submission.category_id,
        "message_id": submission.message_id,
        "revision": submission.revision,
        "author_id": submission.author_id,
        "author_name": submission.author_name,
        "text": submission.text,
        "normalised": submission.normalised,
        "context": [[message.author, message.text, message.author_id] for message in submission.context],
        "posted_at": submission.posted_at,
        "missed": submission.missed,
        "received_at": now,
        "state": JournalState.PENDING,
        "attempts": 0,
        "cleared": False,
    }


def verdict_values(
    journal_id: int,
    verdict: Verdict | None,
    decision: Decision,
    mode: Mode,
    policy_number: int | None,
    extends: Sequence[int] = (),
) -> dict[str, Any]:
    """The columns of a verdict and of what was decided on it; `verdict` is None where there is none.

    `policy_number` and `extends` are the versions judged by, as in a CaseRecord.
    """
    return {
        "submission_id": journal_id,
        "rule": verdict.rule if verdict else None,
        "probabilities": dict(verdict.probabilities) if verdict else None,
        "policy_digest": verdict.policy_digest if verdict else "",
        "policy_number": policy_number,
        "extends": list(extends) or None,
        "model": verdict.model if verdict else "",
        "model_digest": verdict.model_digest if verdict else "",
        "method": verdict.method if verdict else Method.CLASSIFY,
        "rationale": verdict.rationale if verdict else "",
        "quote": verdict.quote if verdict else "",
        "reasoning": (verdict.reasoning or None) if verdict else None,
        "timings_ms": dict(verdict.timings_ms) if verdict else {},
        "outcome": decision.outcome,
        "decided_rule": decision.rule,
        "reason": decision.reason,
        "stepped": decision.stepped or None,
        "ahead": ahead_json(decision.ahead) if decision.ahead is not None else None,
        "mode": mode,
        "judged_at": datetime.now(UTC),
    }
