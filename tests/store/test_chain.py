"""The chain: whatever is changed past the program is found and named; what the program does leaves it whole."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.domain.chain import Fault
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ReviewKind
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.store import Store, StoreError
from bot.store.chain_kinds import KINDS
from bot.store.engine import sqlite_file
from bot.store.schema import _config, upgrade
from tests.store.chained import findings
from tests.store.conftest import sqlite_url

GUILD, ANA, BO, MODERATOR = 10, 30, 31, 9
ACT = Decision(Outcome.ACT, "1", (Action(ActionKind.DELETE), Action(ActionKind.TIMEOUT, timedelta(hours=1))))
SAID = (ContextMessage("bo", "hello", BO), ContextMessage("cy", "hi", 32))
VERDICT = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64, Method.REASON, "A threat.", "words", "I see a threat.")


def submission(message_id: int, author_id: int = ANA) -> Submission:
    return Submission(GUILD, 20, message_id, 0, author_id, "ana", "words", "norm", SAID, datetime.now(UTC))


async def case(store: Store, message_id: int, author_id: int = ANA) -> int:
    """A case in which everything happened that can; its number."""
    (journal_id,) = await store.journal.append([submission(message_id, author_id)])
    made = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, ACT.actions, datetime.now(UTC))
    for action in made.actions:
        await store.cases.attempt(action.id)
        await store.cases.finish(action.id, ActionOutcome.DONE)
    await store.cases.explained(GUILD, made.number, "A threat, by the look of it.", "words")
    await store.reports.add(submission(message_id, author_id), BO, Mode.ENFORCE)
    await store.reports.add(submission(message_id, author_id), 41, Mode.ENFORCE)
    await store.reviews.add_note(GUILD, made.number, MODERATOR, "looked at")
    await store.appeals.lodge(GUILD, made.number, author_id, "that was a joke")
    await store.appeals.answer(GUILD, made.number, MODERATOR, "no")
    await store.reviews.answer(GUILD, made.number, ReviewKind.OVERTURN, MODERATOR, note="it was")
    await store.reviews.undoing(made.actions[1].id, ActionOutcome.DONE, "lifted")
    await store.journal.settled(journal_id)
    return made.number


_MADE: list[tuple[bytes, bytes]] = []


@pytest.fixture
async def full(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A server on which everything happened that the chain is about, and in which nothing is wrong so far.

    On SQLite it is made once, and each test has a copy.
    """
    file, key = sqlite_file(url), tmp_path / "chain.key"
    if file is not None and _MADE:
        file.write_bytes(_MADE[0][0])
        key.write_bytes(_MADE[0][1])
    else:
        await upgrade(url)
        await make(url, key)
        if file is not None:
            _MADE.append((file.read_bytes(), key.read_bytes()))
    store = Store(url, key)
    yield store
    await store.close()


async def make(url: str, key: Path) -> None:
    store = Store(url, key)
    await store.guilds.update(GUILD, mode=Mode.ENFORCE, by=MODERATOR)
    await store.guilds.exempt(GUILD, "user", 200, by=MODERATOR)
    for source in ("1. No threats.", "1. No threats. [delete]"):
        draft = await store.policies.save_draft(GUILD, source, MODERATOR)
        await store.policies.publish(GUILD, draft.digest, MODERATOR, "why")
    await case(store, 1)
    await case(store, 2)
    assert [str(one) for one in await findings(store)] == []
    await store.close()


async def tamper(store: Store, *statements: str) -> None:
    """What somebody does who can write to the database and has no key."""
    async with store._engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def faults(store: Store) -> list[tuple[Fault, str]]:
    return [(one.fault, one.what) for one in await findings(store)]


async def links(store: Store) -> int:
    covered = await store.chain.covered(GUILD)
    assert covered is not None
    return covered.head.sequence


CHANGES = {
    "UPDATE setting_changes SET author_id = 8 WHERE id = 1": "setting 1",
    "UPDATE setting_changes SET after = 'false' WHERE id = 2": "setting 2",
    "UPDATE policies SET live_number = 1": "policy.live 10",
    "UPDATE policy_versions SET source = '1. Threats are fine.' WHERE number = 1": "policy 1",
    "UPDATE cases SET number = 7 WHERE id = 1": "case 1",
    "UPDATE submissions SET channel_id = 8 WHERE id = 1": "message 1",
    "UPDATE submissions SET text = 'others' WHERE id = 1": "message.words 1",
    "UPDATE submissions SET author_id = 8 WHERE id = 1": "message.author 1",
    "UPDATE verdicts SET decided_rule = '2' WHERE submission_id = 1": "verdict 1",
    "UPDATE verdicts SET quote = 'other' WHERE submission_id = 1": "verdict.reasons 1",
    "UPDATE actions SET outcome = 'failed' WHERE id = 1": "action 1",
    "UPDATE actions SET undo_note = 'not lifted' WHERE id = 2": "action 2",
    "UPDATE reviews SET kind = 'confirm' WHERE id = 1": "review 1",
    "UPDATE reviews SET note = 'it was not' WHERE id = 1": "review.note 1",
    "UPDATE case_notes SET text = 'not looked at' WHERE id = 1": "note 1",
    "UPDATE appeals SET answered_by = 8 WHERE case_id = 1": "appeal 1",
    "UPDATE appeals SET answer = 'yes' WHERE case_id = 1": "appeal.words 1",
    "UPDATE reports SET reporter_id = 8 WHERE case_id = 1 AND reporter_id = 31": "reports 1",
    "DELETE FROM reports WHERE case_id = 2 AND reporter_id = 31": "reports 2",
}


def named(found: list[tuple[Fault, str]], fault: Fault) -> list[str]:
    """The kind and number of each row in which a fault was found; all findings must be of this fault."""
    assert {one for one, _ in found} == {fault}
    return sorted(what.split(" of the table ")[0] for _, what in found)


async def test_whatever_was_changed_is_named(full: Store) -> None:
    is_sqlite = sqlite_file(full.url) is not None
    refusing = "DROP TRIGGER policy_versions_are_immutable" + ("" if is_sqlite else " ON policy_versions")
    await tamper(full, refusing, *CHANGES)
    assert named(await faults(full), Fault.CHANGED) == sorted(CHANGES.values())
    assert {kind.name for kind in KINDS.values()} == {what.split()[0] for what in CHANGES.values()}


async def test_rows_that_were_removed_are_named(full: Store) -> None:
    await tamper(
        full,
        "DELETE FROM setting_changes WHERE id = 2",
        "DELETE FROM actions WHERE id = 1",
        "DELETE FROM case_notes WHERE id = 1",
        "DELETE FROM reports WHERE case_id = 2",
    )
    assert named(await faults(full), Fault.REMOVED) == ["action 1", "note 1", "reports 2", "setting 2"]


async def test_rows_that_were_put_in_are_named_whatever_time_they_say(full: Store) -> None:
    await full.reviews.answer(GUILD, 2, ReviewKind.CONFIRM, MODERATOR, known=1)
    await tamper(
        full,
        "INSERT INTO setting_changes (guild_id, at, author_id, what) "
        "SELECT guild_id, at, 8, 'mode' FROM setting_changes WHERE id = 2",
        "INSERT INTO reviews (id, case_id, kind, reviewer_id, note, at) "
        "VALUES (-5, 2, 'confirm', 8, '', '2020-01-01 00:00:00')",
        "INSERT INTO actions (case_id, kind, outcome, note, nonce) VALUES (1, 'ban', 'done', '', '')",
        "UPDATE reviews SET note = 'I was bribed' WHERE id = 3",
    )
    assert named(await faults(full), Fault.UNLINKED) == ["action 5", "review -5", "review.note 3", "setting 3"]


async def test_a_missing_link_is_found(full: Store) -> None:
    await tamper(full, "DELETE FROM chain_links WHERE sequence = 5")
    assert (await faults(full))[0] == (Fault.MISSING, "link 5 is missing")


async def test_links_removed_with_what_they_are_about_and_numbered_anew_are_found(full: Store) -> None:
    await tamper(
        full,
        "DELETE FROM setting_changes WHERE id = 1",
        "DELETE FROM chain_links WHERE kind = 'setting' AND ref = 1",
        "UPDATE chain_links SET sequence = -sequence",
        "UPDATE chain_links SET sequence = -sequence - 1",
        "UPDATE chains SET sequence = sequence - 1",
    )
    found = await faults(full)
    assert found[0] == (Fault.ORDER, "link 1 does not follow from the one before it")
    assert {fault for fault, _ in found} == {Fault.ORDER, Fault.FORGED}


async def test_a_broken_order_is_found(full: Store) -> None:
    await tamper(
        full,
        "UPDATE chain_links SET sequence = -1 WHERE sequence = 3",
        "UPDATE chain_links SET sequence = 3 WHERE sequence = 4",
        "UPDATE chain_links SET sequence = 4 WHERE sequence = -1",
    )
    found = await faults(full)
    assert (Fault.ORDER, "link 3 does not follow from the one before it") in found
    assert (Fault.ORDER, "link 4 does not follow from the one before it") in found


FORGERIES = (
    "ref = 99",
    "kind = 'case'",
    "event = 'erased'",
    "by_id = 8",
    "at = '2020-01-01 00:00:00'",
    "commitment = hash",
    "hash = commitment",
    "previous = commitment",
    "guild_id = 11",
)


async def test_forged_links_are_found(full: Store) -> None:
    numbers = [2 * n for n in range(1, len(FORGERIES) + 1)]
    await tamper(
        full,
        *(
            f"UPDATE chain_links SET {change} WHERE sequence = {n}"
            for n, change in zip(numbers, FORGERIES, strict=True)
        ),
    )
    found = await faults(full)
    for number in numbers:
        assert (Fault.FORGED, f"link {number} is not what was written: it was changed or forged") in found


async def test_a_link_of_somebody_who_has_no_key_is_found(full: Store) -> None:
    await tamper(
        full,
        "INSERT INTO chain_links (guild_id, sequence, at, kind, ref, event, by_id, key_id, previous, commitment, hash) "
        "SELECT guild_id, sequence + 1, at, kind, ref, 'erased', 0, key_id, hash, commitment, previous "
        "FROM chain_links ORDER BY sequence DESC LIMIT 1",
        "UPDATE chains SET sequence = sequence + 1, "
        "hash = (SELECT hash FROM chain_links ORDER BY sequence DESC LIMIT 1)",
    )
    assert (Fault.FORGED, f"link {await links(full)} is not what was written: it was changed or forged") in (
        await faults(full)
    )


async def test_an_end_that_was_cut_off_is_found(full: Store) -> None:
    last = await links(full)
    await tamper(full, f"DELETE FROM chain_links WHERE sequence > {last - 3}")
    assert (Fault.CUT, f"the chain ends with link {last - 3}, but it went on to link {last}") in await faults(full)


async def test_an_end_cut_off_with_all_that_it_is_about_is_found_by_the_head_that_was_posted(full: Store) -> None:
    last = await links(full)
    await full.guilds.update(GUILD, mode=Mode.OFF, by=MODERATOR)
    covered = await full.chain.covered(GUILD)
    assert covered is not None
    post = await full.head_posts.due(GUILD, datetime.now(UTC).date())
    assert post is not None
    assert post.head == covered.head
    await tamper(
        full,
        f"DELETE FROM chain_links WHERE sequence > {last}",
        "DELETE FROM setting_changes WHERE id = 3",
        f"UPDATE chains SET sequence = {last}, hash = (SELECT hash FROM chain_links WHERE sequence = {last})",
    )
    ((fault, said),) = await faults(full)
    assert (fault, said.split(" on 2")[0]) == (Fault.CUT, f"link {last + 1} is not the one whose hash was posted")
    await tamper(full, "DELETE FROM chain_posts")
    assert await findings(full) == []
    assert not await full.chain.has(post.head.hash)


async def test_all_links_gone_are_found(full: Store) -> None:
    await tamper(full, "DELETE FROM chain_links")
    assert [fault for fault, _ in await faults(full)] == [Fault.CUT]


async def test_content_erased_past_the_program_is_found_with_its_salt_and_without(full: Store) -> None:
    blank = "UPDATE submissions SET text = '', normalised = '', context = '[]', author_name = '', cleared = "
    await tamper(full, f"{blank}{'1' if sqlite_file(full.url) else 'true'} WHERE id = 1")
    said = "message.words 1 of the table submissions"
    assert [(fault, what.split(" (")[0]) for fault, what in await faults(full)] == [(Fault.UNRECORDED, said)]
    await tamper(full, "UPDATE chain_links SET salt = NULL WHERE kind = 'message.words' AND ref = 1")
    assert [(fault, what.split(" (")[0]) for fault, what in await faults(full)] == [(Fault.UNRECORDED, said)]


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
    assert (Fault.MISSING, "links 4 to 5 are missing") in found
    assert [what[:8] for fault, what in found if fault is Fault.CHANGED] == ["action 4"]


async def test_another_key_is_said_once_and_no_link_of_it_passes(full: Store, url: str, tmp_path: Path) -> None:
    assert await full.chain.ends_with(full.chain_key.key())
    other = Store(url, tmp_path / "other.key")
    assert not await other.chain.ends_with(other.chain_key.key())
    await other.guilds.update(GUILD, mode=Mode.OFF)
    ((fault, said),) = await faults(full)
    assert (fault, said) == (Fault.KEY, f"from link {await links(full)} on the chain was made with another key")
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


async def test_the_chain_of_an_older_database_begins_with_what_happens_then(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await upgrade(url)
    store = Store(url)
    number = await case(store, 1)
    await store.guilds.update(GUILD, mode=Mode.OFF, by=MODERATOR)
    with closing(sqlite3.connect(tmp_path / "lawspeaker.sqlite3")) as database, database:
        for table in ("chain_links", "chains", "chain_posts"):
            database.execute(f"DROP TABLE {table}")
        revision = ScriptDirectory.from_config(_config()).get_revision("0011")
        database.execute("UPDATE alembic_version SET version_num = ?", (revision.down_revision,))
    await store.close()
    assert await upgrade(url) is not None
    store = Store(url)
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
