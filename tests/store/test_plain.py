"""Plain statements: what goes to the driver by itself means, converts and fails as what SQLAlchemy executes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.store import Store, tables
from bot.store.plain import Plain
from bot.store.trouble import refuses_a_value
from tests.store.test_store import submission

_ROW = tables.Submission.__table__
_ALL = select(*_ROW.c).order_by(_ROW.c.id)
_SOME = Plain(_ALL.where(_ROW.c.message_id.in_(bindparam("these", expanding=True)), _ROW.c.id >= bindparam("first")))
_ADD = Plain(insert(tables.Submission).returning(tables.Submission.id))


def written(number: int, **other: Any) -> dict[str, Any]:
    values = {"author_name": "a name", "text": "words", "normalised": "words", "context": [["a", "b", 7]]}
    ids = {"guild_id": 1, "channel_id": 2, "author_id": 3, "message_id": number, "revision": 0, "parent_id": None}
    times = dict.fromkeys(("posted_at", "received_at"), datetime(2025, 1, 1, 12, 30, tzinfo=UTC))
    state = {"state": "settled", "attempts": 0, "cleared": False, "missed": True, "category_id": None}
    return {**values, **ids, **times, **state, **other}


async def test_what_is_written_and_read_by_itself_is_what_sqlalchemy_writes_and_reads(store: Store) -> None:
    def work(connection: Connection) -> tuple[list[Any], list[Any]]:
        assert len(_ADD.each(connection, [written(10), written(20), written(30)])) == 3
        connection.execute(insert(tables.Submission), written(40))
        by_itself = _SOME.rows(connection, {"these": [10, 20, 40], "first": 0})
        return [tuple(row) for row in by_itself], [tuple(row) for row in connection.execute(_ALL)]

    by_itself, usual = await store._at_once.write(work)
    assert by_itself == [row for row in usual if row[_ROW.c.keys().index("message_id")] != 30]
    assert len(by_itself) == 3


async def test_none_of_none_and_nothing_of_nothing(store: Store) -> None:
    assert await store._at_once.read(lambda one: list(_SOME.rows(one, {"these": [], "first": 0}))) == []
    assert await store._at_once.write(lambda one: list(_ADD.each(one, []))) == []


async def test_what_the_database_refuses_is_told_as_ever_without_what_members_wrote(store: Store) -> None:
    await store.journal.append([submission(10)])
    again = written(10, text="a secret")
    with pytest.raises(IntegrityError) as raised:
        await store._at_once.write(lambda connection: _ADD.rows(connection, again))
    assert refuses_a_value(raised.value)
    assert "secret" not in str(raised.value)
    count = select(func.count()).select_from(_ROW)
    assert await store._at_once.read(lambda connection: connection.scalars(count).one()) == 1


async def test_a_value_that_is_not_named_is_an_error_and_not_nothing(lite: Store) -> None:
    with pytest.raises(AssertionError, match="not named"):
        await lite._at_once.read(lambda connection: _SOME.rows(connection, {"these": [10]}))
