"""What is asked again and again is found by an index: its cost does not grow with what a server ever said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot.store import Store
from tests.store.chained import GUILD, case
from tests.store.statements import statements_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ASKED: dict[str, Callable[[Store], Awaitable[object]]] = {
    "the latest messages": lambda store: store.samples.latest(GUILD, 200),
    "reviewed messages": lambda store: store.samples.reviewed(GUILD, {5}, {20}),
    "a page of cases": lambda store: store.cases.list(GUILD, 200, 100),
    "appeals of which something is to be told": lambda store: store.appeals.untold(),
    "what the brake counts": lambda store: store.cases.recent_punishments(GUILD, NOW),
}
MANY = ("submissions", "verdicts", "cases", "actions", "reviews")


@pytest.mark.parametrize("name", ASKED)
async def test_it_reads_no_table_from_end_to_end_and_no_servers_part_of_one_nor_sorts_either(
    lite: Store, name: str
) -> None:
    for number in range(2, 5):
        await case(lite, number)
    with statements_of(lite) as sent:
        await ASKED[name](lite)
    # What is read of cases that were found is a page, whatever their number.
    asked = [(sql, values) for sql, values in sent if sql.startswith("SELECT") and "case_id IN" not in sql]
    assert asked
    async with lite._engine.connect() as connection:
        for sql, values in asked:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values))
            plan = [row[3] for row in rows]
            assert not any(step == f"SCAN {table}" for step in plan for table in MANY), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan
            # Where it counts, it does not stop when there is enough.
            assert "count(" not in sql or not any("(guild_id=?)" in step for step in plan), plan
