"""Verdicts, settled submissions and cases as JSON objects. Pure; every id is a string, as in Discord's own JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.decision import Decision, Outcome, planned
from bot.domain.policy import Action
from bot.domain.records import ActionRecord, Appeal, CaseRecord, Judgement, Undoing
from bot.domain.submission import message_link
from bot.domain.verdict import Verdict
from bot.domain.withholding import NOT_SHOWN, as_shown


def verdict_json(text: str, verdict: Verdict | None, decision: Decision) -> dict[str, Any]:
    """A verdict with what the decision makes of it.

    Keys: `text` as posted; `violates`, true unless the decision is `allow`; `rule`, the key of the rule the decision
    rests on or null; `probability`, that rule's or else the likeliest rule's; `rules`, each rule's probability;
    `decision`: `allow`, `act` or `review`; `actions`, a list of {"kind", "duration_seconds"}, the duration null but
    for timeouts; `rationale` and `quote`, empty where nothing was explained; `policy_digest`, `model`,
    `model_digest`, `method` and `timings_ms`. Where judging failed (`verdict` is None) all that a verdict says is
    null, and `rules` and `timings_ms` are empty.
    """
    return {
        "text": text,
        "violates": decision.outcome is not Outcome.ALLOW,
        "rule": decision.rule,
        "probability": _probability(verdict, decision),
        "rules": dict(verdict.probabilities) if verdict else {},
        "decision": decision.outcome.value,
        "actions": [_action_json(action) for action in planned(decision)],
        "rationale": verdict.rationale if verdict else "",
        "quote": verdict.quote if verdict else "",
        "policy_digest": verdict.policy_digest if verdict else None,
        "model": verdict.model if verdict else None,
        "model_digest": verdict.model_digest if verdict else None,
        "method": verdict.method.value if verdict else None,
        "timings_ms": {name: round(value, 1) for name, value in verdict.timings_ms.items()} if verdict else {},
    }


def settled_json(judgement: Judgement, case: CaseRecord | None, channel: str) -> dict[str, Any]:
    """A settled submission: its verdict and what became of it.

    Adds to `verdict_json`: `message_id`; `revision`, 0 for a message as first posted; `channel`, which is the name
    given here; `author`, a display name; `case`, the case's number or null. Each of `actions` gains `outcome`
    (`planned`, `attempted`, `done`, `failed` or `skipped`) and `note`, which says why it was not done.
    """
    submission = judgement.submission
    return {
        **verdict_json(submission.text, judgement.verdict, judgement.decision),
        "actions": _outcomes(case.actions if case else ()),
        "message_id": str(submission.message_id),
        "revision": submission.revision,
        "channel": channel,
        "author": submission.author_name,
        "case": judgement.case_number,
    }


def case_json(case: CaseRecord) -> dict[str, Any]:
    """A case with its reviews, for exports.

    Adds to `settled_json`, where `channel` is the channel's id: `guild_id`, `author_id`, `mode`, `policy_version` (null
    where there was none), `policy_extends` (the versions that it extends, that of the outermost first), `reasoning`
    (what a judge that reasons thought, for moderators only), `reason` (why a human was asked, where judging failed),
    `ladder` (why there are more actions than the rule asks for, else empty), `created_at` (ISO 8601), `status` (`open`,
    `confirmed`, `overturned` or `other`), `reviews`, a list of {"kind", "reviewer_id", "note", "at"}, and `notes`, a
    list of {"author_id", "text", "at"}, and `appeal`, what its author says against it, {"text", "at", "answer",
    "answered_by", "answered_at", "note"} or null, and `reporters`, the ids of members who reported the message. Each of
    `actions` gains `asked_by`, the moderator who asked for it or null, and `undoing`, {"outcome", "note"} or null.
    `text`, `author`, `reasoning` and what quotes them are empty once the server's time for keeping them is over, and
    where `withheld` says that they are not shown: it is null but for cases that are only linked. `link` is Discord's
    link to the message.
    """
    case = as_shown(case)
    submission = case.submission
    return {
        **settled_json(case.judgement(case.created_at), case, str(case.submission.channel_id)),
        "link": message_link(case.guild_id, submission.channel_id, submission.message_id),
        "withheld": NOT_SHOWN if case.only_linked else None,
        "guild_id": str(case.guild_id),
        "author_id": str(case.submission.author_id),
        "mode": case.mode.value,
        "policy_version": case.policy_number,
        "policy_extends": list(case.extends),
        "reasoning": case.verdict.reasoning if case.verdict else "",
        "reason": case.decision.reason,
        "ladder": case.decision.stepped,
        "created_at": case.created_at.isoformat(),
        "status": case.status.value,
        "reviews": [
            {
                "kind": review.kind.value,
                "reviewer_id": str(review.reviewer_id),
                "note": review.note,
                "at": review.at.isoformat(),
            }
            for review in case.reviews
        ],
        "notes": [
            {"author_id": str(note.author_id), "text": note.text, "at": note.at.isoformat()} for note in case.notes
        ],
        "reporters": [str(one) for one in case.reporters],
        "appeal": _appeal_json(case.appeal) if case.appeal is not None else None,
        "actions": [
            {
                **told,
                "asked_by": str(record.asked_by) if record.asked_by is not None else None,
                "undoing": _undoing_json(record.undoing) if record.undoing is not None else None,
            }
            for told, record in zip(_outcomes(case.actions), case.actions, strict=True)
        ],
    }


def _appeal_json(appeal: Appeal) -> dict[str, str | None]:
    return {
        "text": appeal.text,
        "at": appeal.at.isoformat(),
        "answer": appeal.answer,
        "answered_by": str(appeal.answered_by) if appeal.answered_by is not None else None,
        "answered_at": appeal.answered_at.isoformat() if appeal.answered_at is not None else None,
        "note": appeal.note,
    }


def _undoing_json(undoing: Undoing) -> dict[str, str]:
    return {"outcome": undoing.outcome.value, "note": undoing.note}


def _probability(verdict: Verdict | None, decision: Decision) -> float | None:
    if verdict is None:
        return None
    if decision.rule is not None:
        return verdict.probabilities[decision.rule]
    return verdict.probability


def _action_json(action: Action) -> dict[str, Any]:
    seconds = int(action.duration.total_seconds()) if action.duration is not None else None
    return {"kind": action.kind.value, "duration_seconds": seconds}


def _outcomes(records: Sequence[ActionRecord]) -> list[dict[str, Any]]:
    return [{**_action_json(record.action), "outcome": record.outcome.value, "note": record.note} for record in records]
