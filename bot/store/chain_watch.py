"""Notices, within a transaction, what happens to rows that the chain is about.

What passes the ORM is noticed by itself. A statement that changes many rows at once is not: who executes one says what
it touched, by `written` or `erased`. A store's test that ends with a chain that is not whole shows who forgot to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from bot.domain.audit import THE_SHELL
from bot.store import tables
from bot.store.chain_kinds import KINDS, OF_SUBMISSIONS, Kind

_NOTICED = "chain"


@dataclass(slots=True)
class Noticed:
    """What a transaction did: `changed` has a row of which the server can be told, `erased` who had it erased."""

    changed: dict[tuple[Kind, int], tables.Base] = field(default_factory=dict)
    erased: dict[int, dict[tuple[Kind, int], int]] = field(default_factory=dict)


class WatchedSession(Session):
    """A session that notices."""


def take_noticed(session: AsyncSession) -> Noticed | None:
    """What was noticed since this was asked last; None where nothing was."""
    found: Noticed | None = session.info.pop(_NOTICED, None)
    return found


def written(session: AsyncSession, row: tables.Base) -> None:
    """A statement made or changed a row, past the ORM."""
    _note(session, ((kind, row) for kind in _kinds_of(row)))


def erased(session: AsyncSession, guild_id: int, kind: Kind, refs: Iterable[int], by_id: int = THE_SHELL) -> None:
    """A statement erased a server's content: `by_id` is the member who wanted it, 0 where its time had come."""
    _noticed(session).erased.setdefault(guild_id, {}).update(((kind, ref), by_id) for ref in refs)


@event.listens_for(WatchedSession, "after_flush")
def _after_flush(session: Session, _: object) -> None:
    _note(session, ((kind, row) for row in session.new for kind in _new_kinds(row)))
    _note(session, ((kind, row) for row in session.dirty for kind in _kinds_of(row) if _touches(kind, row)))


def _new_kinds(row: Any) -> Iterator[Kind]:
    """Kinds of a row that was not there before: with a case all that it is about comes into the chain."""
    yield from (kind for kind in _kinds_of(row) if kind not in OF_SUBMISSIONS)
    if isinstance(row, tables.Case):
        yield from OF_SUBMISSIONS


def _kinds_of(row: Any) -> list[Kind]:
    return [kind for kind in KINDS.values() if type(row) is kind.table]


def _touches(kind: Kind, row: Any) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in kind.columns)


def _note(session: Session | AsyncSession, found: Iterable[tuple[Kind, Any]]) -> None:
    for kind, row in found:
        ref = row.submission_id if kind in OF_SUBMISSIONS and isinstance(row, tables.Case) else getattr(row, kind.key)
        _noticed(session).changed[kind, ref] = row


def _noticed(session: Session | AsyncSession) -> Noticed:
    found: Noticed = session.info.setdefault(_NOTICED, Noticed())
    return found
