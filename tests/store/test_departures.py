"""Everything of a server is removed seven days after the bot left it, and nothing of any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, select

from bot.domain.access import AccessChange, Group
from bot.domain.calibration import RuleShift
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.lacks import Lack, LackKind
from bot.domain.lawbook import How, PlaceKind
from bot.domain.learned import Lesson
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store
from bot.store.departures import belongs, lot_of
from bot.store.tables import Base
from tests.store.statements import statements_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
GONE, STAYS = 10, 11
ACT = Decision(Outcome.ACT, "1", (Action(ActionKind.FLAG),))


async def fill(store: Store, guild_id: int) -> None:
    """A row or more in every table there is."""
    await store.guilds.watch(guild_id, 20)
    await store.guilds.exempt(guild_id, "user", 200)
    await store.guilds.set_access(guild_id, AccessChange(210, Group.CASES, is_given=True))
    draft = await store.policies.save_draft(guild_id, "1. No spam.", 9)
    shift = RuleShift("1", -0.5, 5, 9, "e" * 64)
    await store.policies.publish(guild_id, draft.digest, 9, shifts=[shift])
    await store.policies.set_how(guild_id, 20, PlaceKind.CHANNEL, How.EXTEND, 9)
    place = await store.policies.save_draft(guild_id, "2. No ads.", 9, place_id=20)
    await store.policies.publish(guild_id, place.digest, 9, place_id=20)
    one = [Submission(guild_id, 20, guild_id * 100 + n, 0, 30, "ana", f"t {n}", f"t {n}", (), NOW) for n in range(3)]
    for submission, journal_id in zip(one, await store.journal.append(one), strict=True):
        made = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64)
        case = await store.journal.open_case(journal_id, made, ACT, Mode.ENFORCE, 1, ACT.actions, NOW)
        await store.reviews.answer(guild_id, case.number, ReviewKind.CONFIRM, 9)
        await store.reviews.add_note(guild_id, case.number, 9, "looked at")
        await store.appeals.lodge(guild_id, case.number, 30, "that was a joke")
        await store.reports.add(submission, 40, Mode.ENFORCE)
        lesson = Lesson("1", "No spam.", submission.message_id % 2 == 0)
        await store.learned.from_message(guild_id, journal_id, lesson, 9)
    await store.head_posts.due(guild_id, NOW.date())
    await store.lacks.open(guild_id, {Lack(LackKind.DELETE, 20): True}, NOW)


async def rows(store: Store, guild_id: int) -> dict[str, list[str]]:
    """A server's rows by table."""
    async with store._engine.connect() as connection:
        return {
            table.name: [str(row) for row in await connection.execute(select(table).where(belongs(table, guild_id)))]
            for table in Base.metadata.sorted_tables
        }


async def test_every_table_of_a_server_is_emptied_after_seven_days_and_not_before(store: Store) -> None:
    for guild_id in (GONE, STAYS):
        await fill(store, guild_id)
    before = await rows(store, GONE), await rows(store, STAYS)
    assert all(before[0].values()), "a table is not filled by this test: add to it"
    await store.departures.left(GONE, NOW)
    assert await store.departures.remove_due(NOW + WEEK - timedelta(seconds=1)) == []
    assert await store.departures.remove_due(NOW + WEEK) == [GONE]
    assert not any((await rows(store, GONE)).values())
    assert await rows(store, STAYS) == before[1]
    assert await store.departures.remove_due(NOW + 2 * WEEK) == []


async def test_more_than_a_lot_is_removed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.departures.LOT", 2)
    await fill(store, GONE)
    await store.departures.left(GONE, NOW)
    await store.departures.remove_due(NOW + WEEK)
    assert not any((await rows(store, GONE)).values())


async def test_a_transaction_removes_no_more_than_a_lot_and_looks_for_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.departures.LOT", 2)
    await fill(store, GONE)
    await store.departures.left(GONE, NOW)
    with statements_of(store) as sent:
        await store.departures.remove_due(NOW + WEEK)
    removed = [(sql, parameters) for sql, parameters in sent if sql.startswith("DELETE")]
    assert len(removed) > len(Base.metadata.sorted_tables)
    columns = max(len(table.primary_key) for table in Base.metadata.sorted_tables)
    assert [sql for sql, parameters in removed if "SELECT" in sql or len(parameters) > 2 * columns] == []


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
async def test_no_row_of_a_table_is_looked_at_again_for_the_next_lot(lite: Store, table: Table) -> None:
    after = tuple(f"{NOW}" if column.type.python_type is str else 1 for column in table.primary_key)
    async with lite._engine.connect() as connection:
        with statements_of(lite) as sent:
            await connection.execute(lot_of(table, GONE, after))
        sql, parameters = sent[-1]
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(parameters))).all()
    assert plan[0][3].startswith("SEARCH"), plan
    assert not any("LIST" in step[3] or "TEMP B-TREE" in step[3] for step in plan), plan


async def test_coming_back_within_seven_days_cancels_it(store: Store) -> None:
    await fill(store, GONE)
    await store.departures.left(GONE, NOW)
    await store.departures.returned(GONE)
    before = await rows(store, GONE)
    assert await store.departures.remove_due(NOW + 2 * WEEK) == []
    assert await rows(store, GONE) == before


async def test_servers_that_went_or_came_while_the_bot_was_down_are_noticed(store: Store) -> None:
    for guild_id in (GONE, STAYS):
        await fill(store, guild_id)
    await store.departures.left(STAYS, NOW - WEEK)
    await store.departures.notice([STAYS], NOW)
    await store.departures.notice([STAYS], NOW + timedelta(days=3))
    assert await store.departures.remove_due(NOW + WEEK) == [GONE]
