"""What the program does leaves the chain whole: erasing, writers at once, other servers, older databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.domain.chain import Fault
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.records import ActionOutcome, ReviewKind
from bot.store import Store, StoreError
from bot.store.schema import _config, upgrade
from tests.store.chained import (
    ACT,
    ANA,
    BO,
    GUILD,
    MODERATOR,
    VERDICT,
    case,
    faults,
    findings,
    links,
    submission,
    tamper,
)
from tests.store.conftest import sqlite_url


async def erased_by(store: Store) -> set[tuple[str, int]]:
    async with store._engine.connect() as connection:
        found = await connection.execute(text("SELECT kind, by_id FROM chain_links WHERE event = 'erased'"))
        return {(kind, by_id) for kind, by_id in found}


async def salts(store: Store) -> dict[str, int]:
    """How many salts there are, by kind."""
    async with store._engine.connect() as connection:
        found = await connection.execute(
            text("SELECT kind, count(*) FROM chain_links WHERE salt IS NOT NULL GROUP BY kind")
        )
        return dict(row._tuple() for row in found)


WORDS = ("message.words", "verdict.reasons", "review.note", "note", "appeal.words")


async def test_forgetting_a_member_leaves_the_chain_whole_and_says_who_wanted_it(full: Store) -> None:
    await full.erasure.erase(GUILD, ANA, (), by=7)
    await full.erasure.unname_unposted(GUILD, ANA, by=7)
    assert await findings(full) == []
    assert await erased_by(full) == {(kind, 7) for kind in (*WORDS, "message.author")}
    assert not set(await salts(full)) & {*WORDS, "message.author"}
    await tamper(full, "UPDATE submissions SET text = 'words' WHERE id = 1")
    assert [fault for fault, _ in await faults(full)] == [Fault.REFILLED]


async def test_what_somebody_had_erased_is_in_what_is_disclosed_about_them(full: Store) -> None:
    await full.erasure.erase(GUILD, BO, (), by=7)
    told = [record async for _, record in full.disclosure.of_member(GUILD, 7, ())]
    assert sum(one["erased_contents"] for one in told) == 6


async def test_forgetting_who_reported_or_wrote_before_leaves_what_others_did_in_the_chain(full: Store) -> None:
    await full.erasure.erase(GUILD, BO, (), by=7)
    assert await findings(full) == []
    assert await erased_by(full) == {("reports", 7), ("message.words", 7), ("verdict.reasons", 7)}
    await tamper(full, "UPDATE reports SET at = '2020-01-01 00:00:00' WHERE case_id = 1")
    assert [fault for fault, _ in await faults(full)] == [Fault.CHANGED]
    await tamper(full, "DELETE FROM reports WHERE case_id = 1", "UPDATE submissions SET context = '[]' WHERE id = 1")
    assert {fault for fault, _ in await faults(full)} == {Fault.REMOVED, Fault.CHANGED}


async def test_nobodys_id_is_left_in_a_link_after_they_were_forgotten(full: Store) -> None:
    await full.erasure.erase(GUILD, BO, (), by=7)
    async with full._engine.connect() as connection:
        rows = (await connection.execute(text("SELECT kind, ref, by_id FROM chain_links"))).all()
    assert not [row for row in rows if BO in row[1:] and row[0] == "reports"]
    assert not [row for row in rows if row[2] == BO]


async def test_retention_leaves_the_chain_whole_and_takes_the_salts(full: Store) -> None:
    await full.retention.clear(datetime.now(UTC) + timedelta(days=31))
    assert await findings(full) == []
    assert await erased_by(full) == {(kind, 0) for kind in ("message.words", "verdict.reasons", "appeal.words")}
    assert not set(await salts(full)) & {"message.words", "verdict.reasons", "appeal.words"}
    before = await links(full)
    await full.retention.clear(datetime.now(UTC) + timedelta(days=31))
    assert await links(full) == before


async def test_a_salt_lives_as_long_as_the_content_that_it_belongs_to(full: Store) -> None:
    """Of what was another thing before there is nothing to check any more, and nothing to guess."""
    kept = await salts(full)
    assert (kept["action"], kept["appeal.words"], kept["verdict.reasons"], kept["reports"]) == (4, 2, 2, 2)


async def test_writers_at_once_do_not_fork_the_chain(full: Store, url: str, tmp_path: Path) -> None:
    before = await links(full)
    other = Store(url, tmp_path / "chain.key")
    try:
        await asyncio.gather(
            *(full.guilds.exempt(GUILD, "user", 300 + n, by=1) for n in range(4)),
            *(other.guilds.exempt(GUILD, "role", 400 + n, by=2) for n in range(4)),
            *(other.reviews.add_note(GUILD, 1, 3, f"note {n}") for n in range(4)),
            *(full.reports.add(submission(2), 500 + n, Mode.ENFORCE) for n in range(4)),
        )
    finally:
        await other.close()
    assert await links(full) == before + 16
    assert await findings(full) == []


async def test_checking_while_others_write_finds_nothing_and_holds_nobody_up(full: Store, url: str) -> None:
    done = asyncio.Event()

    async def write() -> None:
        for n in range(10):
            await full.guilds.update(GUILD, mode=(Mode.OFF, Mode.ENFORCE)[n % 2], by=MODERATOR)
            await full.reviews.add_note(GUILD, 1, MODERATOR, f"note {n}")
        done.set()

    writing = asyncio.create_task(write())
    rounds: list[Sequence[object]] = []
    while not done.is_set():
        rounds.append(await findings(full))
    await writing
    assert rounds
    assert not any(rounds)


async def test_a_transaction_that_fails_leaves_no_link(full: Store) -> None:
    before = await links(full)
    with pytest.raises(StoreError):
        await full.reviews.answer(GUILD, 1, ReviewKind.CONFIRM, MODERATOR)
    with pytest.raises(StoreError):
        await full.appeals.lodge(GUILD, 1, ANA, "again")
    assert await links(full) == before


async def test_pages_are_followed_across_their_bounds(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("chain_check", "chain_kinds"):
        monkeypatch.setattr(f"bot.store.{module}.CHUNK", 3)
    assert await findings(full) == []
    await tamper(full, "DELETE FROM chain_links WHERE sequence IN (4, 5)", "UPDATE actions SET note = 'x' WHERE id = 4")
    found = await faults(full)
    assert (Fault.MISSING, "Links 4 to 5 are missing.") in found
    assert [what[:8] for fault, what in found if fault is Fault.CHANGED] == ["action 4"]


async def test_another_key_is_said_once_and_no_link_of_it_passes(full: Store, url: str, tmp_path: Path) -> None:
    assert await full.chain.ends_with(full.chain_key.key())
    other = Store(url, tmp_path / "other.key")
    assert not await other.chain.ends_with(other.chain_key.key())
    await other.guilds.update(GUILD, mode=Mode.OFF)
    ((fault, said),) = await faults(full)
    assert (fault, said) == (Fault.KEY, f"From link {await links(full)} on the chain was made with another key.")
    await other.close()


async def test_the_chains_of_servers_are_apart(full: Store) -> None:
    await full.guilds.update(11, mode=Mode.OFF)
    before = await full.chain.covered(11)
    assert before is not None
    assert before.head.sequence == 1
    await tamper(full, "UPDATE setting_changes SET author_id = 8 WHERE guild_id = 11")
    assert [one.guild_id for one in await findings(full)] == [11]


async def test_messages_that_are_allowed_are_in_no_chain(store: Store) -> None:
    (journal_id,) = await store.journal.append([submission(1)])
    await store.journal.settle_allowed(journal_id, VERDICT, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
    await store.erasure.erase(GUILD, BO, ())
    await store.erasure.erase(GUILD, ANA, ())
    assert await store.chain.covered(GUILD) is None


def _make_anew(connection: Connection) -> None:
    """The chain's tables as their migration leaves them, whatever other migrations come after it."""
    for table in ("chain_links", "chains", "chain_posts"):
        connection.execute(text(f"DROP TABLE {table}"))
    migration = ScriptDirectory.from_config(_config()).get_revision("0011")
    assert migration is not None
    with Operations.context(MigrationContext.configure(connection)):
        migration.module.upgrade()


async def test_the_chain_of_an_older_database_begins_with_what_happens_then(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await upgrade(url)
    store = Store(url)
    number = await case(store, 1)
    await store.guilds.update(GUILD, mode=Mode.OFF, by=MODERATOR)
    async with store._engine.begin() as connection:
        await connection.run_sync(_make_anew)
    assert await findings(store) == []
    assert await store.chain.covered(GUILD) is None
    await store.reviews.add_note(GUILD, number, MODERATOR, "still there")
    covered = await store.chain.covered(GUILD)
    assert covered is not None
    assert covered.head.sequence == 1
    assert (datetime.now(UTC) - covered.since).total_seconds() < 60
    assert await findings(store) == []
    await store.retention.clear(datetime.now(UTC) + timedelta(days=31))
    await store.erasure.erase(GUILD, ANA, ())
    assert await findings(store) == []
    await store.close()


async def test_what_a_step_leaves_as_it_was_gets_no_link(store: Store) -> None:
    (journal_id,) = await store.journal.append([submission(1)])
    made = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, ACT.actions, datetime.now(UTC))
    await store.cases.attempt(made.actions[0].id)
    before = await links(store)
    await store.cases.attempt(made.actions[0].id)
    assert await links(store) == before
    await store.cases.finish(made.actions[0].id, ActionOutcome.DONE)
    assert await links(store) == before + 1
