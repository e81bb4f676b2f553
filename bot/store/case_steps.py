"""The steps that every case takes, as plain statements: each is one transaction, see `bot.store.steps`.

What the chain is about is noted in `touched`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, JournalState
from bot.domain.waiting import waiting
from bot.store import tables
from bot.store.chain_kinds import ACTION, CASE, OF_SUBMISSIONS, REASONS
from bot.store.guilds import add_guild
from bot.store.rows import read_case
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
    there = read_case(connection, _CASE.submission_id == journal_id)
    if there is not None:
        return there
    row = tables.Submission
    kept = select(row.guild_id).where(row.id == journal_id, ~row.cleared).with_for_update()
    guild_id = connection.scalar(kept)
    if guild_id is None:
        raise ForgottenError
    new = insert(_CASE).values(case_values(connection, guild_id, journal_id, now)).returning(_CASE.id)
    case_id = connection.scalars(new).one()
    connection.execute(put(connection.dialect.name, _VERDICT, "submission_id"), dict(verdict))
    this = touched[guild_id]
    this.update({(CASE, case_id): None} | {(kind, journal_id): None for kind in OF_SUBMISSIONS})
    for action in actions:
        added = insert(_ACTION).values(action_values(case_id, action, now)).returning(_ACTION.id)
        this[ACTION, connection.scalars(added).one()] = None
    set_state(connection, journal_id, JournalState.JUDGED)
    return queue(connection, case_id)


def queue(connection: Connection, case_id: int) -> CaseRecord:
    """The record of a case that was changed, once its row says since when it waits for a human, if it does.

    Whatever changes what a case waits for ends with this.
    """
    record = read_case(connection, _CASE.id == case_id)
    assert record is not None
    found = waiting(record)
    since = found.since if found is not None else None
    connection.execute(update(_CASE).where(_CASE.id == case_id).values(waiting_since=since))
    return record


def set_state(connection: Connection, journal_id: int, state: JournalState) -> None:
    """How far a submission has come."""
    row = tables.Submission
    connection.execute(update(row).where(row.id == journal_id).values(state=state))


def attempt(connection: Connection, touched: Servers, action_id: int, now: datetime) -> None:
    """An action is about to be performed. When it was attempted first stays."""
    row = _action(connection, action_id)
    values = {"outcome": ActionOutcome.ATTEMPTED, "attempted_at": row.attempted_at or now}
    _change_action(connection, touched, row, values)


def finish(connection: Connection, touched: Servers, action_id: int, outcome: ActionOutcome, note: str) -> None:
    """What became of an action."""
    _change_action(connection, touched, _action(connection, action_id), {"outcome": outcome, "note": note})


def explain(connection: Connection, touched: Servers, case: ColumnElement[bool], words: Mapping[str, str]) -> bool:
    """Keep words about a case in the columns of its verdict; False where there is no such case."""
    query = select(_VERDICT.submission_id, _CASE.guild_id, _VERDICT.rationale, _VERDICT.quote)
    row = connection.execute(query.join(_CASE, _CASE.submission_id == _VERDICT.submission_id).where(case)).first()
    if row is None:
        return False
    if not _holds(row, words):
        connection.execute(update(_VERDICT).where(_VERDICT.submission_id == row.submission_id).values(**words))
        touched[row.guild_id][REASONS, row.submission_id] = None
    return True


def case_values(connection: Connection, guild_id: int, journal_id: int, now: datetime) -> dict[str, Any]:
    """The columns of a new case of a submission, with its server's next number."""
    guild = tables.Guild
    counted = update(guild).where(guild.id == guild_id).values(last_case=guild.last_case + 1).returning(guild.last_case)
    number = connection.scalar(counted)
    if number is None:
        add_guild(connection, guild_id)
        number = connection.scalars(counted).one()
    return {
        "guild_id": guild_id,
        "number": number,
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


def _action(connection: Connection, action_id: int) -> Any:
    """What of an action may change, and its server."""
    query = select(_ACTION.id, _ACTION.outcome, _ACTION.note, _ACTION.attempted_at, _CASE.guild_id)
    return connection.execute(query.join(_CASE, _CASE.id == _ACTION.case_id).where(_ACTION.id == action_id)).one()


def _change_action(connection: Connection, touched: Servers, row: Any, values: Mapping[str, Any]) -> None:
    if not _holds(row, values):
        connection.execute(update(_ACTION).where(_ACTION.id == row.id).values(**values))
        touched[row.guild_id][ACTION, row.id] = None


def _holds(row: Any, values: Mapping[str, Any]) -> bool:
    """Whether a row has these values already: the chain says nothing of what did not change."""
    return all(row._mapping[name] == value for name, value in values.items())


def _nonce() -> str:
    """What a message we post is found by again; Discord takes 25 characters."""
    return secrets.token_hex(12)
