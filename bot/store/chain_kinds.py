"""What the chain is about: the kinds of things it commits to, and how their content is read.

A kind's columns are never changed, for older links commit to just these: what is added to a table later is a kind of
its own. What may be erased is apart from what stays, so that the rest can still be checked afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.chain import Rows
from bot.domain.submission import NOBODY
from bot.store import tables
from bot.store.calibration_tables import PolicyCalibration
from bot.store.chain_tables import ChainLink
from bot.store.plain import Plain

CHUNK = 500
"""Rows that are looked up in one statement."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Some columns of a table's rows. `key` is the column that a link's `ref` names: rows that share it count as one.

    `empty` is what the columns hold where there is nothing, or nothing any more; None where only a row that is gone
    is nothing. `time` is the column that says when a row was made, None where only its case knows.
    """

    name: str
    table: type[tables.Base]
    key: str
    columns: tuple[str, ...]
    empty: Mapping[str, Any] | None = None
    time: str | None = None

    def is_empty(self, content: Rows) -> bool:
        """Whether content is nothing, or nothing any more."""
        return all(row == self.empty for row in content)


SETTING = Kind("setting", tables.SettingChange, "id", ("at", "author_id", "what", "before", "after"), time="at")
POLICY = Kind(
    "policy",
    tables.PolicyVersion,
    "number",
    ("source", "digest", "author_id", "reason", "created_at", "published_at", "place_id"),
    time="published_at",
)
LIVE = Kind("policy.live", tables.Policy, "guild_id", ("live_number",), {"live_number": None})
# All shifts of a version together, as they were published with it.
CALIBRATION = Kind(
    "policy.calibration",
    PolicyCalibration,
    "number",
    ("rule", "shift", "confirmed", "overturned", "model_digest", "at"),
    time="at",
)
CASE = Kind("case", tables.Case, "id", ("number", "submission_id", "created_at"), time="created_at")
MESSAGE = Kind(
    "message",
    tables.Submission,
    "id",
    ("channel_id", "parent_id", "message_id", "revision", "posted_at", "received_at"),
)
WORDS = Kind(
    "message.words",
    tables.Submission,
    "id",
    ("text", "normalised", "context", "author_name"),
    {"text": "", "normalised": "", "context": [], "author_name": ""},
)
AUTHOR = Kind("message.author", tables.Submission, "id", ("author_id",), {"author_id": NOBODY})
VERDICT = Kind(
    "verdict",
    tables.Verdict,
    "submission_id",
    (
        *("rule", "probabilities", "policy_digest", "policy_number", "model", "model_digest", "method"),
        *("outcome", "decided_rule", "reason", "mode", "judged_at", "extends", "stepped", "ahead"),
    ),
)
REASONS = Kind(
    "verdict.reasons",
    tables.Verdict,
    "submission_id",
    ("rationale", "quote", "reasoning"),
    {"rationale": "", "quote": "", "reasoning": None},
)
ACTION = Kind(
    "action",
    tables.Action,
    "id",
    (
        *("case_id", "kind", "duration_seconds", "until", "outcome", "note", "attempted_at", "asked_by"),
        *("undo_outcome", "undo_note"),
    ),
)
REVIEW = Kind("review", tables.Review, "id", ("case_id", "kind", "reviewer_id", "at"), time="at")
REVIEW_NOTE = Kind("review.note", tables.Review, "id", ("note",), {"note": ""}, time="at")
NOTE = Kind("note", tables.CaseNote, "id", ("case_id", "author_id", "text", "at"), time="at")
APPEAL = Kind("appeal", tables.Appeal, "case_id", ("at", "answered_by", "answered_at", "note"), time="at")
APPEAL_WORDS = Kind("appeal.words", tables.Appeal, "case_id", ("text", "answer"), {"text": "", "answer": ""}, time="at")
# All reports of a case together: a link about one of them would go on naming a reporter who was forgotten.
REPORTS = Kind("reports", tables.Report, "case_id", ("reporter_id", "at"), time="at")

KINDS = {
    kind.name: kind
    for kind in (
        *(SETTING, POLICY, LIVE, CALIBRATION, CASE, MESSAGE, WORDS, AUTHOR, VERDICT, REASONS, ACTION),
        *(REVIEW, REVIEW_NOTE, NOTE, APPEAL, APPEAL_WORDS, REPORTS),
    )
}
OF_SUBMISSIONS = (MESSAGE, WORDS, AUTHOR, VERDICT, REASONS)
"""What the chain is about only once there is a case: messages that were allowed are in no chain."""


def contents(
    connection: Connection, guild_id: int, wanted: Collection[tuple[Kind, int]]
) -> dict[tuple[Kind, int], Rows]:
    """What a server's rows hold now, by what links call them; what is gone is not in it. Reads each table once."""
    found: dict[tuple[Kind, int], list[dict[str, Any]]] = {}
    by_table: dict[type[tables.Base], dict[Kind, set[int]]] = {}
    for kind, wanted_ref in wanted:
        by_table.setdefault(kind.table, {}).setdefault(kind, set()).add(wanted_ref)
    for kinds in by_table.values():
        refs, names, query = sorted(set().union(*kinds.values())), _names(tuple(kinds)), _rows(tuple(kinds))
        for start in range(0, len(refs), CHUNK):
            for row in query.rows(connection, {"guild_id": guild_id, "refs": refs[start : start + CHUNK]}):
                ref, said = int(row[0]), dict(zip(names, row[1:], strict=True))
                for kind in (kind for kind, its in kinds.items() if ref in its):
                    found.setdefault((kind, ref), []).append({name: said[name] for name in kind.columns})
    for (kind, _), rows in found.items():
        if kind is CALIBRATION:
            # Their key is a text, which databases order by languages of their own.
            rows.sort(key=lambda row: str(row["rule"]))
    return dict(found)


async def unlinked(session: AsyncSession, kind: Kind, guild_id: int, begun: datetime, after: int | None) -> list[int]:
    """The next at most CHUNK rows from the time after a chain's beginning that no link is about, beyond `after`."""
    key = _key(kind)
    times = [getattr(kind.table, kind.time) >= begun] if kind.time else []
    if _case_of(kind) is not None:
        times.append(tables.Case.created_at >= begun)
    if not times:
        return []
    link = ChainLink
    linked = select(link.id).where(link.guild_id == guild_id, link.kind == kind.name, link.ref == key).exists()
    query = _of_server(select(key), kind, guild_id).where(or_(*times), ~linked)
    if after is not None:
        query = query.where(key > after)
    return list(await session.scalars(query.distinct().order_by(key).limit(CHUNK)))


@lru_cache
def _rows(kinds: tuple[Kind, ...]) -> Plain:
    """What reads the rows of kinds of one table: what links call them, and the columns of `_names`."""
    one, columns = kinds[0], (getattr(kinds[0].table, name) for name in _names(kinds))
    query = _of_server(select(_key(one), *columns), one, bindparam("guild_id"))
    query = query.where(_key(one).in_(bindparam("refs", expanding=True)))
    return Plain(query.order_by(*one.table.__table__.primary_key))


def _names(kinds: tuple[Kind, ...]) -> list[str]:
    return list(dict.fromkeys(name for kind in kinds for name in kind.columns))


def _key(kind: Kind) -> InstrumentedAttribute[int]:
    key: InstrumentedAttribute[int] = getattr(kind.table, kind.key)
    return key


def _case_of(kind: Kind) -> ColumnElement[bool] | None:
    """What joins a kind's rows to their case; None where they have none."""
    if kind in OF_SUBMISSIONS:
        return tables.Case.submission_id == _key(kind)
    column = getattr(kind.table, "case_id", None)
    return None if column is None else tables.Case.id == column


def _of_server(query: Select[Any], kind: Kind, guild_id: Any) -> Select[Any]:
    case = _case_of(kind)
    if case is None:
        return query.where(getattr(kind.table, "guild_id") == guild_id)  # noqa: B009 - not all tables have it
    return query.join(tables.Case, case).where(tables.Case.guild_id == guild_id)
