"""The steps that every message takes through the journal, as plain statements: each is one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Connection,
    Integer,
    bindparam,
    column,
    select,
    text,
    update,
)

from bot.domain.records import JournalEntry, JournalState, Stamp
from bot.domain.submission import Submission
from bot.store import tables
from bot.store.plain import Plain
from bot.store.rows import submission_of
from bot.store.sessions import insert_new
from bot.store.values import submission_values

_TABLE = tables.Submission.__table__

Lane = tuple[int, bool]
"""What takes turns: what a server says now, and what was missed of it."""
START: Lane = (-1, False)


class ForgottenError(Exception):
    """A submission's author, or its server, was forgotten while it was judged: nothing is to be made of it."""


class OutdatedError(Exception):
    """What was decided on a submission, or that it is in scope, was decided by what holds no more."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A submission that is to be settled as allowed, with the columns of its verdict.

    `stamp` is that of what it was decided by; None where it is to be settled whatever was changed since.
    """

    journal_id: int
    verdict: Mapping[str, Any]
    stamp: Stamp | None


def append(connection: Connection, submissions: Sequence[Submission], in_scope_by: Collection[Stamp] = ()) -> list[int]:
    """Journal submissions; the ids of those not there before.

    OutdatedError where a stamp that they were found to be in scope by holds no more: nothing is journalled then.
    """
    if in_scope_by:
        _hold(connection, in_scope_by, ())
    return sorted(row.id for row in _appended(connection, submissions, JournalState.PENDING, 0))


def append_claimed(
    connection: Connection, submissions: Sequence[Submission], in_scope_by: Collection[Stamp] = ()
) -> list[JournalEntry]:
    """Journal submissions as claimed at once, where none waits before them; those not there before. As above."""
    now = _hold(connection, in_scope_by, {one.guild_id for one in submissions})
    rows = _appended(connection, submissions, JournalState.CLAIMED, 1)
    by_key = {(one.message_id, one.revision): one for one in reversed(submissions)}
    new = [(row.id, by_key[row.message_id, row.revision]) for row in sorted(rows, key=lambda row: row.id)]
    return [JournalEntry(its_id, one, JournalState.CLAIMED, 1, now[one.guild_id]) for its_id, one in new]


def claim(connection: Connection, limit: int, after: Lane) -> tuple[list[JournalEntry], Lane]:
    """Take up to `limit` pending submissions, in turn from the lane that comes after one; the lane that was last.

    START where nothing is left to be had. `limit` lanes are looked at, and in each `limit` submissions, however many
    there are.
    """
    lanes = _pending(connection, limit, after)
    if len(lanes) < limit and after != START:
        for lane, rows in _pending(connection, limit, START).items():
            lanes.setdefault(lane, rows)
    turns = zip_longest(*list(lanes.values())[:limit])
    in_turn = [(turn, row) for turn, rows in enumerate(turns) for row in rows if row is not None]
    taken = in_turn[:limit]
    if not taken:
        return [], START
    claimed = {row.id: row for row in _CLAIM.rows(connection, {"ids": [row.id for _, row in taken]})}
    entries = [
        _entry(claimed[row.id], Stamp(row.guild_id, row.stamp))
        for _, row in sorted(taken, key=lambda one: (one[0], one[1].id))
        if row.id in claimed
    ]
    last = taken[-1][1]
    return entries, (last.guild_id, last.missed) if len(taken) == limit else START


def release(connection: Connection, journal_ids: Sequence[int]) -> None:
    """Put claimed submissions back in the queue."""
    _RELEASE.rows(connection, {"ids": list(journal_ids)})


def put_back(connection: Connection, journal_ids: Sequence[int]) -> None:
    """Put what was claimed and not tried back in the queue, as if it had not been claimed."""
    _PUT_BACK.rows(connection, {"ids": list(journal_ids)})


def settle(connection: Connection, allowed: Sequence[Allowed]) -> list[Exception | None]:
    """Settle submissions as allowed; for each None, or why it was not: OutdatedError, ForgottenError."""
    stamped = {one.stamp.guild_id for one in allowed if one.stamp is not None}
    now = stamps(connection, stamped) if stamped else {}
    current = [one for one in allowed if one.stamp is None or now[one.stamp.guild_id] == one.stamp]
    settled: set[int] = set()
    if current:
        settled.update(row.id for row in _SETTLE.rows(connection, {"ids": [one.journal_id for one in current]}))
    verdicts = [one.verdict for one in current if one.journal_id in settled]
    _add_verdicts(connection.dialect.name).each(connection, verdicts)
    why = {one.journal_id: None if one.journal_id in settled else ForgottenError() for one in current}
    return [why.get(one.journal_id, OutdatedError()) for one in allowed]


def stamps(connection: Connection, guild_ids: Collection[int]) -> dict[int, Stamp]:
    """The stamps of servers as they are now."""
    found = {row.id: row.stamp for row in _STAMPS.rows(connection, {"ids": list(guild_ids)})}
    return {guild_id: Stamp(guild_id, found.get(guild_id)) for guild_id in guild_ids}


def _hold(connection: Connection, stamped: Collection[Stamp], also: Collection[int]) -> dict[int, Stamp]:
    """The stamps of these servers and others as they are now. OutdatedError where one of them was another."""
    now = stamps(connection, {stamp.guild_id for stamp in stamped}.union(also))
    if any(now[stamp.guild_id] != stamp for stamp in stamped):
        raise OutdatedError
    return now


def _appended(
    connection: Connection, submissions: Sequence[Submission], state: JournalState, attempts: int
) -> Sequence[Any]:
    """The keys of those that were not there before."""
    now = datetime.now(UTC)
    rows = [submission_values(one, now) | {"state": state, "attempts": attempts} for one in submissions]
    return _append(connection.dialect.name).each(connection, rows)


def _pending(connection: Connection, limit: int, after: Lane) -> dict[Lane, list[Any]]:
    """The oldest that wait, by lane, in the lanes that come after one."""
    found: defaultdict[Lane, list[Any]] = defaultdict(list)
    for row in _PENDING.rows(connection, {"guild_id": after[0], "missed": after[1], "most": limit}):
        found[row.guild_id, row.missed].append(row)
    return dict(found)


def _entry(row: Any, stamp: Stamp) -> JournalEntry:
    return JournalEntry(row.id, submission_of(row), JournalState(row.state), row.attempts, stamp)


@lru_cache
def _append(dialect: str) -> Plain:
    new = insert_new(dialect, tables.Submission, ["message_id", "revision"])
    return Plain(new.returning(_TABLE.c.id, _TABLE.c.message_id, _TABLE.c.revision))


@lru_cache
def _add_verdicts(dialect: str) -> Plain:
    return Plain(insert_new(dialect, tables.Verdict, ["submission_id"]))


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# From one lane to the next by the index, never through a lane.
_PENDING = Plain(
    text(
        """
    WITH RECURSIVE lanes(guild_id, missed, nth) AS (
        SELECT CAST(:guild_id AS BIGINT), CAST(:missed AS BOOLEAN), 0
        UNION ALL
        SELECT head.guild_id, head.missed, nth + 1
        FROM lanes JOIN submissions AS head ON head.id = COALESCE(
            (
                SELECT id FROM submissions AS other
                WHERE state = 'pending' AND other.guild_id = lanes.guild_id AND other.missed > lanes.missed
                ORDER BY other.missed, other.id LIMIT 1
            ),
            (
                SELECT id FROM submissions AS other
                WHERE state = 'pending' AND other.guild_id > lanes.guild_id
                ORDER BY other.guild_id, other.missed, other.id LIMIT 1
            )
        )
        WHERE nth < :most
    )
    SELECT one.id, one.guild_id, one.missed, guilds.stamp
    FROM lanes
    JOIN submissions AS one ON one.id IN (
        SELECT id FROM submissions AS other
        WHERE state = 'pending' AND other.guild_id = lanes.guild_id AND other.missed = lanes.missed
        ORDER BY other.id LIMIT :most
    )
    LEFT JOIN guilds ON guilds.id = one.guild_id
    WHERE nth > 0
    ORDER BY lanes.nth, one.id
    """
    ).columns(
        column("id", Integer), column("guild_id", BigInteger), column("missed", Boolean), column("stamp", BigInteger)
    )
)
# An expression, not the column: SQLite would look for the ids among all that wait.
_STATE = _TABLE.c.state.concat("")
_CLAIM = Plain(
    update(tables.Submission)
    .where(_TABLE.c.id.in_(_IDS), _STATE == JournalState.PENDING)
    .values(state=JournalState.CLAIMED, attempts=_TABLE.c.attempts + 1)
    .returning(*_TABLE.c),
)
_FREE = (
    update(tables.Submission)
    .where(_TABLE.c.id.in_(_IDS), _STATE == JournalState.CLAIMED)
    .values(state=JournalState.PENDING)
)
_RELEASE = Plain(_FREE)
_PUT_BACK = Plain(_FREE.values(attempts=_TABLE.c.attempts - 1))
_SETTLE = Plain(
    update(tables.Submission)
    .where(_TABLE.c.id.in_(_IDS), ~_TABLE.c.cleared)
    .values(state=JournalState.SETTLED)
    .returning(_TABLE.c.id),
)
_STAMPS = Plain(
    select(tables.Guild.__table__.c.id, tables.Guild.__table__.c.stamp).where(tables.Guild.__table__.c.id.in_(_IDS)),
)
