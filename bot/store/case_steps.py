"""The steps that every case takes, as plain statements: each is one transaction, see `bot.store.steps`.

What the chain is about is noted in `touched`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, insert, select, update

from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, JournalState
from bot.domain.waiting import waiting
from bot.store import tables
from bot.store.chain_kinds import ACTION, CASE, OF_SUBMISSIONS, REASONS
from bot.store.guilds import add_guild
from bot.store.plain import Plain
from bot.store.rows import BY_ID, BY_JOURNAL, read_case, read_cases
from bot.store.sessions import Servers, put
from bot.store.steps import ForgottenError

_ACTION, _CASE, _VERDICT = tables.Action, tables.Case, tables.Verdict


def open_case(
    connection: Connection,
    touched: Servers,
    journal_id: int,
    verdict: Mapping[str, Any],
    actions: Sequence[Action],
    now: datetime,
) -> CaseRecord:
    """Record verdict, case and planned actions; the case there is, if there is one. ForgottenError."""
    there = read_case(connection, BY_JOURNAL, journal_id=journal_id)
    if there is not None:
        return there
    kept = _KEPT.first(connection, {"journal_id": journal_id})
    if kept is None:
        raise ForgottenError
    case_id = _NEW_CASE.first(connection, case_values(connection, kept.guild_id, journal_id, now)).id
    _put_verdict(connection.dialect.name).rows(connection, verdict)
    this = touched[kept.guild_id]
    this.update({(CASE, case_id): None} | {(kind, journal_id): None for kind in OF_SUBMISSIONS})
    for action in actions:
        this[ACTION, _NEW_ACTION.first(connection, action_values(case_id, action, now)).id] = None
    set_state(connection, journal_id, JournalState.JUDGED)
    return queue(connection, case_id)


def queue(connection: Connection, case_id: int) -> CaseRecord:
    """The record of a case that was changed, once its row says since when it waits for a human, if it does.

    Whatever changes what a case waits for ends with this.
    """
    record = read_case(connection, BY_ID, case_id=case_id)
    assert record is not None
    _QUEUE.rows(connection, _queued(case_id, record))
    return record


def queue_all(connection: Connection, case_ids: Sequence[int]) -> None:
    """The same of many cases, in a few reads."""
    records = read_cases(connection, select(_CASE.id).where(_CASE.id.in_(case_ids)).order_by(_CASE.id))
    _QUEUE.each(connection, [_queued(case_id, one) for case_id, one in zip(sorted(case_ids), records, strict=True)])


def set_state(connection: Connection, journal_id: int, state: JournalState) -> None:
    """How far a submission has come."""
    _SET_STATE.rows(connection, {"of": journal_id, "to": state})


def attempt(connection: Connection, touched: Servers, action_id: int, now: datetime) -> None:
    """An action is about to be performed. When it was attempted first stays."""
    row = _action(connection, action_id)
    new = {"outcome": ActionOutcome.ATTEMPTED, "note": row.note, "attempted_at": row.attempted_at or now}
    _change(connection, touched, row, new)


def finish(connection: Connection, touched: Servers, action_id: int, outcome: ActionOutcome, note: str) -> None:
    """What became of an action."""
    row = _action(connection, action_id)
    _change(connection, touched, row, {"outcome": outcome, "note": note, "attempted_at": row.attempted_at})


def explain(connection: Connection, touched: Servers, guild_id: int, number: int, words: Mapping[str, str]) -> bool:
    """Keep a case's rationale and quote; False where there is no such case."""
    row = _REASONS.first(connection, {"guild_id": guild_id, "number": number})
    if row is None:
        return False
    if not _holds(row, words):
        _EXPLAIN.rows(connection, {"of": row.submission_id, "new": words["rationale"], "words": words["quote"]})
        touched[guild_id][REASONS, row.submission_id] = None
    return True


def log(connection: Connection, guild_id: int, number: int, channel_id: int, message_id: int) -> bool:
    """The case stands in the mod log; False where there is no such case."""
    place = {"in_channel": channel_id, "message": message_id}
    return bool(_LOG.rows(connection, {"of": guild_id, "numbered": number, **place}))


def case_values(connection: Connection, guild_id: int, journal_id: int, now: datetime) -> dict[str, Any]:
    """The columns of a new case of a submission, with its server's next number."""
    counted = _COUNT.first(connection, {"of": guild_id})
    if counted is None:
        add_guild(connection, guild_id)
        counted = _COUNT.first(connection, {"of": guild_id})
    return {
        "guild_id": guild_id,
        "number": counted.last_case,
        "submission_id": journal_id,
        "created_at": now,
        "log_nonce": _nonce(),
    }


def action_values(case_id: int, action: Action, now: datetime) -> dict[str, Any]:
    """The columns of an action that is planned at `now`."""
    # A timeout's end is fixed here, once: a retry hours later must not make it longer.
    until = now + (action.duration or timedelta()) if action.kind is ActionKind.TIMEOUT else None
    return {
        "case_id": case_id,
        "kind": action.kind,
        "duration_seconds": action.duration.total_seconds() if action.duration else None,
        "until": until,
        "outcome": ActionOutcome.PLANNED,
        "note": "",
        "nonce": _nonce(),
    }


def _queued(case_id: int, record: CaseRecord) -> dict[str, Any]:
    found = waiting(record)
    return {"of": case_id, "since": found.since if found is not None else None}


def _action(connection: Connection, action_id: int) -> Any:
    """What of an action may change, and its server."""
    return _OF_ACTION.first(connection, {"action_id": action_id})


def _change(connection: Connection, touched: Servers, row: Any, new: Mapping[str, Any]) -> None:
    if not _holds(row, new):
        _CHANGE.rows(connection, {"of": row.id, **{f"new_{name}": value for name, value in new.items()}})
        touched[row.guild_id][ACTION, row.id] = None


def _holds(row: Any, values: Mapping[str, Any]) -> bool:
    """Whether a row has these values already: the chain says nothing of what did not change."""
    return all(getattr(row, name) == value for name, value in values.items())


def _nonce() -> str:
    """What a message we post is found by again; Discord takes 25 characters."""
    return secrets.token_hex(12)


@lru_cache
def _put_verdict(dialect: str) -> Plain:
    return Plain(put(dialect, _VERDICT, "submission_id"))


_SUBMISSION, _GUILD = tables.Submission, tables.Guild
_OF: BindParameter[Any] = bindparam("of")
_KEPT = Plain(
    select(_SUBMISSION.guild_id)
    .where(_SUBMISSION.id == bindparam("journal_id"), ~_SUBMISSION.cleared)
    .with_for_update()
)
_COUNT = Plain(
    update(_GUILD).where(_GUILD.id == _OF).values(last_case=_GUILD.last_case + 1).returning(_GUILD.last_case)
)
_NEW_CASE = Plain(insert(_CASE).returning(_CASE.id))
_NEW_ACTION = Plain(insert(_ACTION).returning(_ACTION.id))
_QUEUE = Plain(update(_CASE).where(_CASE.id == _OF).values(waiting_since=bindparam("since")))
_LOG = Plain(
    update(_CASE)
    .where(_CASE.guild_id == _OF, _CASE.number == bindparam("numbered"))
    .values(log_channel_id=bindparam("in_channel"), log_message_id=bindparam("message"))
    .returning(_CASE.id)
)
_SET_STATE = Plain(update(_SUBMISSION).where(_SUBMISSION.id == _OF).values(state=bindparam("to")))
_REASONS = Plain(
    select(_VERDICT.submission_id, _VERDICT.rationale, _VERDICT.quote)
    .join(_CASE, _CASE.submission_id == _VERDICT.submission_id)
    .where(_CASE.guild_id == bindparam("guild_id"), _CASE.number == bindparam("number"))
)
_EXPLAIN = Plain(
    update(_VERDICT).where(_VERDICT.submission_id == _OF).values(rationale=bindparam("new"), quote=bindparam("words"))
)
_OF_ACTION = Plain(
    select(_ACTION.id, _ACTION.outcome, _ACTION.note, _ACTION.attempted_at, _CASE.guild_id)
    .join(_CASE, _CASE.id == _ACTION.case_id)
    .where(_ACTION.id == bindparam("action_id"))
)
_CHANGE = Plain(
    update(_ACTION)
    .where(_ACTION.id == _OF)
    .values(outcome=bindparam("new_outcome"), note=bindparam("new_note"), attempted_at=bindparam("new_attempted_at"))
)
