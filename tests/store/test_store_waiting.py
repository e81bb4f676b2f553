"""The review queue in the store: what waits, since when, claimed by one at a time, found without reading all cases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update

from bot.domain.decision import Decision, Mode, Outcome, review_for
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CLAIM_LASTS, CaseRecord, ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.domain.waiting import Why, waiting
from bot.store import Store, schema, tables
from bot.store.claims import ClaimedError
from bot.store.engine import sqlite_file
from bot.store.reviews import AnsweredError
from tests.store.statements import statements_of

GUILD, MODERATOR, OTHER, AUTHOR, REPORTER = 10, 70, 71, 30, 31
CHANNEL, HIDDEN = 20, 21
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
UNSURE, ACT = Decision(Outcome.REVIEW, "1"), Decision(Outcome.ACT, "1")
CALL, FLAG = Action(ActionKind.ESCALATE), Action(ActionKind.FLAG)
VERDICT = Verdict("1", {"1": 0.6}, "d" * 64, "tiny", "e" * 64)


def submission(message_id: int, channel: int = CHANNEL, guild_id: int = GUILD, parent: int | None = None) -> Submission:
    return Submission(guild_id, channel, message_id, 0, AUTHOR, "ana", "text", "text", (), NOW, parent)


async def opened(store: Store, decision: Decision, *actions: Action, days: int = 0, **where: Any) -> CaseRecord:
    """A case of a new message, opened so many days after `NOW`."""
    message_id = 1 + sum([len(await store.cases.list(guild_id)) for guild_id in (GUILD, 11)])
    (journal_id,) = await store.journal.append([submission(message_id, **where)])
    verdict = VERDICT if decision.rule else None
    at = NOW + timedelta(days=days)
    return await store.journal.open_case(journal_id, verdict, decision, Mode.ENFORCE, 1, actions, at)


async def queue(store: Store, hidden: frozenset[int] = frozenset()) -> list[tuple[int, Why]]:
    """Numbers and reasons of what waits, in order; what the store finds and what the domain says must agree."""
    found = await store.waiting.find(GUILD, hidden, 50)
    assert await store.waiting.count(GUILD, hidden) == len(found)
    reasons = [(case.number, made.why) for case in found if (made := waiting(case)) is not None]
    assert len(reasons) == len(found)
    return reasons


async def test_what_falls_between_the_thresholds_failures_and_escalations_wait_and_what_was_acted_on_does_not(
    store: Store,
) -> None:
    await opened(store, ACT, FLAG)
    await opened(store, UNSURE, days=2)
    await opened(store, review_for("the judge is away"), days=1)
    await opened(store, ACT, FLAG, CALL)
    await opened(store, UNSURE, guild_id=11)
    assert await queue(store) == [(4, Why.ESCALATION), (3, Why.FAILURE), (2, Why.UNSURE)]
    await store.reviews.answer(GUILD, 3, ReviewKind.CONFIRM, MODERATOR)
    await store.reviews.answer(GUILD, 4, ReviewKind.OVERTURN, MODERATOR)
    assert await queue(store) == [(2, Why.UNSURE)]


async def test_an_appeal_waits_though_the_case_was_answered_and_until_it_is_answered_itself(store: Store) -> None:
    await opened(store, ACT, FLAG)
    await store.reviews.answer(GUILD, 1, ReviewKind.CONFIRM, MODERATOR)
    assert await queue(store) == []
    await store.appeals.lodge(GUILD, 1, AUTHOR, "that was a joke")
    assert await queue(store) == [(1, Why.APPEAL)]
    await store.reviews.claim(GUILD, 1, MODERATOR, datetime.now(UTC))
    with pytest.raises(ClaimedError):
        await store.appeals.answer(GUILD, 1, OTHER, "no")
    await store.appeals.answer(GUILD, 1, MODERATOR, "no")
    assert await queue(store) == []
    with pytest.raises(AnsweredError):
        await store.reviews.claim(GUILD, 1, OTHER, datetime.now(UTC))


async def test_deciding_on_an_appealed_case_anew_answers_the_appeal(store: Store) -> None:
    await opened(store, ACT, FLAG)
    await store.reviews.answer(GUILD, 1, ReviewKind.CONFIRM, MODERATOR)
    await store.appeals.lodge(GUILD, 1, AUTHOR, "that was a joke")
    await store.reviews.answer(GUILD, 1, ReviewKind.OVERTURN, MODERATOR, known=1)
    assert await queue(store) == []


async def test_what_a_member_reports_waits_also_where_the_bot_acted_before(store: Store) -> None:
    case = await opened(store, ACT, FLAG)
    await store.reports.add(case.submission, REPORTER, Mode.ENFORCE)
    await store.reports.add(submission(99), REPORTER, Mode.ENFORCE)
    assert await queue(store) == [(1, Why.REPORT), (2, Why.REPORT)]


async def test_what_only_somebody_who_was_forgotten_reported_waits_for_what_else_it_waits_for(store: Store) -> None:
    acted = await opened(store, ACT, FLAG)
    unsure = await opened(store, UNSURE)
    for case in (acted, unsure):
        await store.reports.add(case.submission, REPORTER, Mode.ENFORCE)
        await store.journal.settled(case.journal_id)
    assert await queue(store) == [(1, Why.REPORT), (2, Why.REPORT)]
    await store.erasure.erase(GUILD, REPORTER, ())
    assert await queue(store) == [(2, Why.UNSURE)]


async def test_hidden_channels_and_their_threads_are_left_out(store: Store) -> None:
    await opened(store, UNSURE, channel=HIDDEN)
    await opened(store, UNSURE, channel=22, parent=HIDDEN)
    await opened(store, UNSURE)
    hidden = frozenset({HIDDEN})
    assert [number for number, _ in await queue(store, hidden)] == [3]
    for expected in (3, None):
        claimed = await store.waiting.claim_next(GUILD, hidden, MODERATOR, NOW)
        assert (claimed.number if claimed is not None else None) == expected


async def test_of_those_who_take_the_next_at_once_each_gets_another(store: Store) -> None:
    for _ in range(3):
        await opened(store, UNSURE)
    given = await asyncio.gather(
        *(store.waiting.claim_next(GUILD, (), moderator, NOW) for moderator in (70, 71, 72, 73))
    )
    assert sorted(case.number for case in given if case is not None) == [1, 2, 3]
    assert {case.claimed_by for case in given if case is not None} <= {70, 71, 72, 73}


async def test_a_claimed_case_is_free_again_after_ten_minutes(store: Store) -> None:
    await opened(store, UNSURE)
    assert await store.waiting.claim_next(GUILD, (), MODERATOR, NOW) is not None
    assert await store.waiting.claim_next(GUILD, (), OTHER, NOW + CLAIM_LASTS - timedelta(seconds=1)) is None
    again = await store.waiting.claim_next(GUILD, (), OTHER, NOW + CLAIM_LASTS)
    assert again is not None
    assert again.claimed_by == OTHER


async def test_the_head_of_the_queue_is_found_by_its_index_however_many_cases_there_are(store: Store) -> None:
    if sqlite_file(store.url) is None:
        pytest.skip("only SQLite plans the same however little there is")
    with statements_of(store) as asked:
        await store.waiting.find(GUILD, frozenset({HIDDEN}), 10)
        await store.waiting.count(GUILD, frozenset({HIDDEN}))
        await store.waiting.claim_next(GUILD, frozenset({HIDDEN}), MODERATOR, NOW)
    plans = []
    async with store._engine.connect() as connection:
        for statement, parameters in asked:
            if "waiting_since IS NOT NULL" in statement:
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
                plans.append([row[3] for row in rows])
    assert len(plans) == 3
    for plan in plans:
        assert any("ix_cases_waiting" in step for step in plan), plan
        assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan), plan


async def test_cases_from_before_the_queue_are_in_it_after_migrating(store: Store) -> None:
    await opened(store, ACT, FLAG)
    await opened(store, UNSURE, days=1)
    await opened(store, ACT, FLAG, CALL)
    reported = await opened(store, ACT, FLAG)
    await store.reports.add(reported.submission, REPORTER, Mode.ENFORCE)
    for number in (1, 2):
        await store.reviews.answer(GUILD, number, ReviewKind.CONFIRM, MODERATOR)
    await store.appeals.lodge(GUILD, 1, AUTHOR, "that was a joke")
    before = await since(store)
    assert [number for number, _ in before] == [3, 4, 1]
    migration = ScriptDirectory.from_config(schema._config()).get_revision("0013")
    assert migration is not None
    async with store._engine.begin() as connection:
        await connection.execute(update(tables.Case).values(waiting_since=None))
        for statement in migration.module.BACKFILL:
            await connection.execute(text(statement))
    assert await since(store) == before


async def since(store: Store) -> list[tuple[int, datetime | None]]:
    """Since when which case waits, as it is kept."""
    case = tables.Case
    query = select(case.number, case.waiting_since).where(case.waiting_since.is_not(None)).order_by(case.waiting_since)
    async with store._engine.connect() as connection:
        return [(number, at) for number, at in await connection.execute(query)]
