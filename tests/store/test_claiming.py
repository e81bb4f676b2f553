"""Claiming: each server has its turn also when few are taken at a time, and what waits behind costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import Store
from tests.store.statements import engines_of, statements_of
from tests.store.test_store import submission

RAIDED, QUIET = 10, 11


async def test_a_quiet_server_is_not_behind_a_raided_one_however_few_are_taken_at_a_time(store: Store) -> None:
    await store.journal.append([submission(number, RAIDED) for number in range(1, 41)])
    first = await store.journal.claim(1)
    await store.journal.append([submission(number, QUIET) for number in (41, 42, 43)])
    taken = first + [entry for _ in range(6) for entry in await store.journal.claim(1)]
    assert [entry.submission.message_id for entry in taken] == [1, 41, 2, 42, 3, 43, 4]


async def test_two_at_a_time_go_round_all_servers_and_each_goes_oldest_first(store: Store) -> None:
    await store.journal.append([submission(number, 10 + number % 3) for number in range(1, 10)])
    taken = [[entry.submission.message_id for entry in await store.journal.claim(2)] for _ in range(5)]
    assert taken == [[1, 3], [2, 6], [4, 5], [7, 9], [8]]
    assert await store.journal.claim(2) == []


async def test_what_was_missed_has_its_turn_while_a_server_goes_on_speaking(store: Store) -> None:
    await store.journal.append([replace(submission(number), missed=True) for number in (1, 2)])
    await store.journal.append([submission(number) for number in range(3, 9)])
    taken = [(await store.journal.claim(1))[0].submission.message_id for _ in range(4)]
    assert taken == [3, 1, 4, 2]


async def test_what_comes_while_there_is_room_is_claimed_as_it_is_journalled(store: Store) -> None:
    assert await store.journal.claim(2) == []
    store.journal.claim_ahead(2)
    with statements_of(store) as sent:
        await store.journal.append([submission(1)])
        (one,) = await store.journal.claim(2)
    assert (one.submission, one.attempts) == (submission(1), 1)
    assert [statement.split()[0] for statement, _ in sent if "BEGIN" not in statement] == ["SELECT", "INSERT"]
    other = Store(store.url)
    assert await other.journal.claim(2) == []
    await other.close()
    assert await store.journal.claim(2) == []
    store.journal.claim_ahead(2)
    await store.journal.append([submission(number) for number in range(2, 7)])
    taken = [[entry.submission.message_id for entry in await store.journal.claim(2)] for _ in range(4)]
    assert taken == [[2, 3], [4, 5], [6], []]


async def test_what_was_claimed_as_it_was_journalled_goes_back_where_there_is_room_for_none(store: Store) -> None:
    assert await store.journal.claim(2) == []
    store.journal.claim_ahead(2)
    await store.journal.append([submission(1)])
    assert await store.journal.claim(0) == []
    other = Store(store.url)
    claimed = await other.journal.claim(2)
    assert [(entry.submission.message_id, entry.attempts) for entry in claimed] == [(1, 1)]
    await other.close()
    await store.journal.append([submission(2)])
    assert [entry.attempts for entry in await store.journal.claim(2)] == [1]


async def test_what_was_released_is_not_passed_over_for_what_comes_then(store: Store) -> None:
    await store.journal.append([submission(1)])
    (one,) = await store.journal.claim(2)
    assert await store.journal.claim(2) == []
    store.journal.claim_ahead(2)
    await store.journal.append([submission(2)])
    await store.journal.release([one.id])
    assert sorted(entry.submission.message_id for entry in await store.journal.claim(2)) == [1, 2]


@contextmanager
def steps_counted(store: Store) -> Iterator[list[int]]:
    """Counts what SQLite's machine does from here on, in hundreds of its steps."""
    counted = [0]

    def step() -> None:
        counted[0] += 1

    def count(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, 100)

    (_, of_threads) = engines_of(store)
    of_threads.dispose()  # those that are opened from here on count
    event.listen(of_threads, "connect", count)
    yield counted
    event.remove(of_threads, "connect", count)


@pytest.mark.parametrize("limit", [1, 32])
async def test_a_claim_costs_the_same_however_many_wait(lite: Store, limit: int) -> None:
    costs = []
    with steps_counted(lite) as counted:
        for waiting in (10 * 40, 10 * 400):
            there = sum((await lite.journal.backlog()).values())
            numbers = range(1_000 + there, 1_000 + waiting)
            await lite.journal.append([submission(number, 100 + number % 10) for number in numbers])
            before = counted[0]
            for _ in range(4):
                await lite.journal.claim(limit)
            costs.append(counted[0] - before)
    few, many = costs
    assert many < 1.5 * few + 10
