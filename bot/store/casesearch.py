"""Looking for cases, by the index of what they are found by: their own rows are read for those that are shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    ScalarSelect,
    Select,
    Text,
    cast,
    column,
    false,
    func,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.domain.case_filter import CaseFilter
from bot.domain.case_words import parse_query
from bot.domain.records import CaseRecord
from bot.store import tables
from bot.store.index_tables import CaseIndex
from bot.store.index_words import asked
from bot.store.rows import read_cases
from bot.store.sealed_columns import seal_of
from bot.store.sessions import Sessions

_PAGE = 200
# PostgreSQL thinks little of what it costs to look through the words of row after row.
_BY_INDEX = text("SET LOCAL enable_seqscan = off")
# FTS5's: its hidden column of the same name is what a query is held against, and its rows are in the order of cases.
_WORDS = table("case_words", column("rowid", Integer), column("case_words", Text))


class CaseSearch:
    """Finds a server's cases, newest first."""

    def __init__(self, sessions: Sessions) -> None:
        """Read with the store's sessions."""
        self._sessions = sessions

    async def find(self, guild_id: int, wanted: CaseFilter, limit: int, offset: int = 0) -> list[CaseRecord]:
        """Up to `limit` cases after the first `offset`."""

        def read(connection: Connection) -> list[CaseRecord]:
            key, matching = _matching(connection, guild_id, wanted)
            query = matching.with_only_columns(key).order_by(key.desc())
            return read_cases(connection, query.limit(limit).offset(offset))

        return await self._sessions.read_at_once(read)

    async def count(self, guild_id: int, wanted: CaseFilter) -> int:
        """How many cases there are: all are counted, whatever is asked for."""

        def read(connection: Connection) -> int:
            _, matching = _matching(connection, guild_id, wanted)
            if wanted.text and connection.dialect.name == "postgresql":
                connection.execute(_BY_INDEX)
            return connection.scalar(matching.with_only_columns(func.count())) or 0

        return await self._sessions.read_at_once(read)

    async def all(self, guild_id: int, wanted: CaseFilter) -> AsyncIterator[CaseRecord]:
        """Every case, read a page at a time so that memory holds one page."""
        while page := await self.find(guild_id, wanted, _PAGE):
            for case in page:
                yield case
            wanted = replace(wanted, up_to=page[-1].number - 1)


def _matching(connection: Connection, guild_id: int, wanted: CaseFilter) -> tuple[ColumnElement[int], Select[Any]]:
    """The cases' ids, which on one server are in the order of their numbers, and what selects them."""
    key, query = _selected(connection, guild_id, wanted)
    if wanted.up_to is not None:
        query = query.where(key <= _id_at(guild_id, wanted.up_to))
    return key, query


def _selected(connection: Connection, guild_id: int, wanted: CaseFilter) -> tuple[ColumnElement[int], Select[Any]]:
    """The same, however high their numbers are."""
    index, dialect = CaseIndex, connection.dialect
    key: Any = index.case_id
    of_server, conditions = index.guild_id == guild_id, _conditions(wanted)
    sought = parse_query(wanted.text or "")
    if sought is None:
        return key, select(key).where(of_server, *conditions)
    if not sought.phrases:
        return key, select(key).where(false())
    query = asked(dialect.name, seal_of(dialect), guild_id, sought)
    if dialect.name == "postgresql":
        # The query itself names the server: where nothing else is asked for, the index of words is enough to count.
        holds = index.words.op("@@")(cast(query, TSQUERY))
        return key, select(key).where(holds, *([of_server, *conditions] if conditions else ()))
    found = select(_WORDS.c.rowid).where(_WORDS.c.case_words.op("MATCH")(query))
    if conditions:
        found = found.join(index, key == _WORDS.c.rowid).where(*conditions)
    return _WORDS.c.rowid, found


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """What must hold of a row of a server beside the words and the number; empty where everything does."""
    index, conditions = CaseIndex, list[ColumnElement[bool]]()
    if wanted.member_id is not None:
        conditions.append(index.author_id == wanted.member_id)
    if wanted.rule is not None:
        conditions.append(index.rule == wanted.rule)
    if wanted.channel_id is not None:
        conditions.append(or_(index.channel_id == wanted.channel_id, index.parent_id == wanted.channel_id))
    if wanted.since is not None:
        conditions.append(index.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(index.created_at < wanted.until)
    if wanted.status is not None:
        conditions.append(index.status == wanted.status)
    if wanted.moderator_id is not None:
        review = tables.Review
        conditions.append(index.case_id.in_(select(review.case_id).where(review.reviewer_id == wanted.moderator_id)))
    if wanted.hidden:
        conditions.append(index.channel_id.not_in(wanted.hidden))
        conditions.append(or_(index.parent_id.is_(None), index.parent_id.not_in(wanted.hidden)))
    return conditions


def _id_at(guild_id: int, number: int) -> ScalarSelect[int]:
    """The id of the newest case of at most a number; NULL, which is no bound that anything is below, for none."""
    case = tables.Case
    newest = select(case.id).where(case.guild_id == guild_id, case.number <= number)
    return newest.order_by(case.number.desc()).limit(1).scalar_subquery()
