"""Who writes to SQLite waits for a turn, first come, first served, however many there are and however long it takes."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest

from bot.domain.decision import Mode
from bot.store import Store, engine
from bot.store.sqlite_turns import WriteTurns, turns_of
from bot.store.trouble import Trouble, trouble_in
from tests.stage import until
from tests.store.chained import submission
from tests.store.conftest import file_of

MANY = 150


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections wait for a small part of the time that all writers take together."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.3)


async def wait_in(turns: WriteTurns, many: int) -> None:
    """Return when so many wait for their turn."""

    async def wait() -> bool:
        return turns.waiting() == many

    await until(wait)


async def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order = WriteTurns(), list[int]()

    def take(number: int) -> None:
        turns.take(60.0)
        order.append(number)
        turns.give_back(wrote=1)

    turns.take(60.0)
    threads = [threading.Thread(target=take, args=(number,)) for number in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        await wait_in(turns, number + 1)
    turns.give_back(wrote=1)
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert order == list(range(20))


async def test_who_waits_while_nobody_writes_is_told_that_the_database_is_locked_and_others_have_their_turn() -> None:
    turns = WriteTurns()
    turns.take(60.0)
    with pytest.raises(sqlite3.OperationalError) as caught:
        await asyncio.to_thread(turns.take, 0.05)
    assert trouble_in(caught.value) is Trouble.LOCKED
    turns.give_back(wrote=0)
    turns.take(0.0)


@pytest.mark.usefixtures("little_patience")
async def test_none_of_many_writers_fails_though_all_together_take_longer_than_one_would_wait(lite: Store) -> None:
    other = Store(lite.url)  # of the same process, as erasing has one
    try:
        await asyncio.gather(
            *((lite, other)[number % 2].guilds.update(number + 10, mode=Mode.ENFORCE) for number in range(MANY)),
            *(lite.journal.append([submission(number + 1_000)]) for number in range(MANY)),
        )
        for number in range(MANY):
            assert (await lite.guilds.get(number + 10)).mode is Mode.ENFORCE
    finally:
        await other.close()


async def test_another_program_that_writes_for_a_moment_only_delays(lite: Store) -> None:
    turns = turns_of(file_of(lite))
    with closing(sqlite3.connect(file_of(lite), isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        writing = [asyncio.create_task(lite.guilds.update(number, mode=Mode.ENFORCE)) for number in range(2, 7)]
        await wait_in(turns, len(writing) - 1)
        program.execute("ROLLBACK")
    await asyncio.gather(*writing)


async def test_a_writer_that_is_cancelled_while_it_waits_holds_up_nobody(lite: Store) -> None:
    turns = turns_of(file_of(lite))
    turns.take(0.0)
    cancelled = asyncio.create_task(lite.guilds.update(2, mode=Mode.ENFORCE))
    await wait_in(turns, 1)
    cancelled.cancel()
    after = asyncio.create_task(lite.guilds.update(3, mode=Mode.ENFORCE))
    await wait_in(turns, 2)
    turns.give_back(wrote=1)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await after
    assert (await lite.guilds.get(2)).mode is not Mode.ENFORCE
    turns.take(0.0)


async def test_a_writer_that_fails_holds_up_nobody(lite: Store) -> None:
    for number in range(3):
        with pytest.raises(Exception, match=r"."):
            await lite.journal.append([submission(1 << 63)])
        await lite.guilds.update(number + 2, mode=Mode.ENFORCE)
    turns_of(file_of(lite)).take(0.0)
