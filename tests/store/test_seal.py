"""Members' words are sealed where a key is set: no file shows them, and whoever has the key loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from bot.domain.case_filter import CaseFilter
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.learned import Lesson
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord, ReviewKind
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.store import Store, StoreError, tables
from bot.store import sealing as sealing_of_the_store
from bot.store.backups import backup
from bot.store.content_keys import add_key, read_seal
from bot.store.engine import sqlite_file
from bot.store.schema import upgrade
from bot.store.seal import SEALED, WITHOUT_ITS_KEY, Seal
from bot.store.sqlite_turns import BEGIN_WRITING
from tests.store.chained import findings
from tests.store.statements import statements_of

HERE, ANA, BO, MODERATOR = 10, 30, 31, 9
ANAS_NAME = "ana the secret"
FLAG = Action(ActionKind.FLAG)
ACT = Decision(Outcome.ACT, "2", (FLAG,))
SAID_BEFORE = (ContextMessage(ANAS_NAME, "a secret said before", ANA), ContextMessage("bo", "secret ü 🤫", BO))
VERDICT = Verdict(
    "2", {"2": 0.9}, "d" * 64, "m", "e" * 64, Method.REASON, "The secret is told.", "secret", "I see a secret."
)
LESSON = Lesson("2", "No scams.", breaks=True)


def submission(message_id: int, words: str = "a secret") -> Submission:
    return Submission(HERE, 20, message_id, 0, ANA, ANAS_NAME, words, f"norm {words}", SAID_BEFORE, datetime.now(UTC))


async def told(store: Store, message_id: int = 1, words: str = "a secret") -> CaseRecord:
    """A case in which each thing that may hold words holds secret ones."""
    (journal_id,) = await store.journal.append([submission(message_id, words)])
    await store.journal.claim(100)
    made = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, ACT.actions, datetime.now(UTC))
    await store.cases.explained(HERE, made.number, "A secret, by the look of it.", "secret")
    await store.reviews.add_note(HERE, made.number, MODERATOR, "that secret again")
    await store.appeals.lodge(HERE, made.number, ANA, "it was no secret")
    await store.appeals.answer(HERE, made.number, MODERATOR, "it was a secret")
    await store.reviews.answer(HERE, made.number, ReviewKind.CONFIRM, MODERATOR, note="a secret it was")
    await store.journal.settled(journal_id)
    await store.learned.from_message(HERE, journal_id, LESSON, MODERATOR)
    case = await store.cases.get(HERE, made.number)
    assert case is not None
    return case


async def at_rest(store: Store) -> str:
    """All that stands in the tables, as it stands there."""
    async with store._engine.connect() as connection:
        names = [table.name for table in tables.Base.metadata.sorted_tables]
        found = [row for name in names for row in await connection.execute(text(f"SELECT * FROM {name}"))]
        return "\n".join(map(str, found))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file with one key."""
    file = tmp_path / "keys" / "lawspeaker.content-key"
    add_key(file)
    return file


Opened = Callable[..., Any]


@pytest.fixture
async def opened(url: str, tmp_path: Path) -> Opened:
    """Opens the one database of a test with the keys of a file, or with none; its chain must be whole in the end."""
    await upgrade(url)

    @asynccontextmanager
    async def opened(content_key: Path | None = None) -> AsyncIterator[Store]:
        store = Store(url, tmp_path / "chain.key", content_key)
        try:
            yield store
            assert [str(one) for one in await findings(store)] == []
        finally:
            await store.close()

    return opened


def pass_by(count: int) -> None: ...


async def test_no_word_stands_in_the_tables_or_files_or_in_a_backup(opened: Opened, key: Path, tmp_path: Path) -> None:
    async with opened(key) as store:
        await told(store)
        await store.journal.append([submission(2)])
        rows = await at_rest(store)
        assert "secret" not in rows
        assert rows.count(SEALED) >= 16  # twelve columns, and four of the other message
        if (file := sqlite_file(store.url)) is None:
            return
        log, copy = file.with_name(f"{file.name}-wal"), tmp_path / "copy.sqlite3"
        await backup(store.url, copy)
        assert log.stat().st_size > 0
        assert not [one for one in (file, log, copy) if b"secret" in one.read_bytes()]


async def test_without_a_key_words_stand_there_as_they_are(opened: Opened) -> None:
    async with opened() as store:
        await told(store)
        rows = await at_rest(store)
        assert SEALED not in rows
        assert rows.count("secret") >= 14
        await store.sealing.check()


async def test_what_is_sealed_is_read_back_as_it_was_said(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        case = await told(store)
        verdict, said = case.verdict, case.submission
        assert verdict is not None
        assert case.appeal is not None
        assert (said.text, said.normalised, said.author_name) == ("a secret", "norm a secret", ANAS_NAME)
        assert said.context == SAID_BEFORE
        assert (verdict.rationale, verdict.quote) == ("A secret, by the look of it.", "secret")
        assert verdict.reasoning == "I see a secret."
        assert [one.note for one in case.reviews] == ["a secret it was"]
        assert [one.text for one in case.notes] == ["that secret again"]
        assert (case.appeal.text, case.appeal.answer) == ("it was no secret", "it was a secret")
        assert [one.text for one in await store.learned.of(HERE)] == ["norm a secret"]
        assert [one.submission for one in await store.samples.latest(HERE, 5)] == [said]
        await store.journal.append([submission(2)])
        (entry,) = await store.journal.claim(1)
        assert entry.submission.context == SAID_BEFORE


async def test_the_same_text_is_sealed_otherwise_each_time_and_what_is_empty_stays_so(key: Path) -> None:
    seal = read_seal(key)
    first, second = seal.seal("a secret"), seal.seal("a secret")
    assert first != second
    assert seal.open(first) == seal.open(second) == "a secret"
    assert seal.seal("") == seal.open("") == ""


async def test_the_tokens_are_those_of_fernet(key: Path) -> None:
    token = read_seal(key).seal("a secret").rsplit(":", 1)[1]
    assert Fernet(key.read_text().strip()).decrypt(token) == b"a secret"


@pytest.mark.parametrize("words", [SEALED, f"{SEALED}00000000:gAAA", "lawspeaker:plain:", "lawspeaker:plain:x"])
async def test_a_member_who_writes_the_marker_is_read_as_they_wrote(opened: Opened, key: Path, words: str) -> None:
    async with opened() as store:
        await store.journal.append([submission(1, words)])
        await store.sealing.check()
        (entry,) = await store.journal.claim(1)
        assert entry.submission.text == words
        await store.journal.release_claimed()
    async with opened(key) as store:
        assert await store.sealing.seal_all(pass_by) == 1
        await store.sealing.check()
        (entry,) = await store.journal.claim(1)
        assert entry.submission.text == words


async def test_what_is_from_before_a_key_was_set_is_read_and_sealed_later(opened: Opened, key: Path) -> None:
    async with opened() as store:
        before = await told(store)
    async with opened(key) as store:
        await store.sealing.check()
        assert await store.cases.get(HERE, before.number) == before
        await told(store, 2, "another secret")
        # A submission, its verdict, a review, a note, an appeal, an example.
        assert await store.sealing.remaining() == 6
        heads = [await store.chain.covered(one) for one in await store.chain.servers()]
        pages: list[int] = []
        assert await store.sealing.seal_all(pages.append) == sum(pages) == 6
        assert (await store.sealing.remaining(), await store.sealing.seal_all(pass_by)) == (0, 0)
        assert [await store.chain.covered(one) for one in await store.chain.servers()] == heads
        assert "secret" not in await at_rest(store)
        assert await store.cases.get(HERE, before.number) == before
    if (file := sqlite_file(store.url)) is not None:
        assert not [one.name for one in file.parent.iterdir() if one.is_file() and b"secret" in one.read_bytes()]


async def test_the_files_hold_no_word_as_soon_as_sealing_is_through(opened: Opened, key: Path) -> None:
    async with opened() as store:
        await told(store)
        # Long ones have pages of their own.
        await store.journal.append([submission(number, "a secret " * 700) for number in range(2, 40)])
    async with opened(key) as store:
        if (file := sqlite_file(store.url)) is None:
            pytest.skip("PostgreSQL overwrites when it vacuums")
        await store.sealing.seal_all(pass_by)
        assert not [one.name for one in file.parent.iterdir() if one.is_file() and b"secret" in one.read_bytes()]


async def test_sealing_that_was_cut_off_goes_on_where_it_was(
    opened: Opened, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_of_the_store, "PAGE", 2)
    async with opened() as store:
        await store.journal.append([submission(number) for number in range(5)])

    def cut_off(count: int) -> None:
        raise KeyboardInterrupt

    async with opened(key) as store:
        with pytest.raises(KeyboardInterrupt):
            await store.sealing.seal_all(cut_off)
        assert await store.sealing.remaining() == 3
        assert await store.sealing.seal_all(pass_by) == 3
        assert {one.submission.text for one in await store.journal.claim(9)} == {"a secret"}


async def test_where_nothing_waits_to_be_sealed_nobody_waits_for_the_look(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        if sqlite_file(store.url) is None:
            pytest.skip("PostgreSQL has no turns to write")
        await store.journal.append([submission(number) for number in range(5)])
        with statements_of(store) as sent:
            assert await store.sealing.seal_all(pass_by) == 0
        assert BEGIN_WRITING not in [sql for sql, _ in sent]


async def test_what_is_written_while_sealing_goes_on_is_sealed_too(
    opened: Opened, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_of_the_store, "PAGE", 1)
    async with opened() as store:
        await store.journal.append([submission(number) for number in range(20)])
    async with opened(key) as store:
        writing = (store.journal.append([submission(number)]) for number in range(20, 30))
        await asyncio.gather(store.sealing.seal_all(pass_by), *writing)
        assert await store.sealing.remaining() == 0
        assert len(await store.journal.claim(50)) == 30


async def test_a_new_key_seals_and_the_older_one_still_opens_until_it_is_not_needed(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        before = await told(store)
    (older,) = key.read_text().splitlines()
    assert add_key(key) == 2
    newer, second = key.read_text().splitlines()
    assert second == older != newer
    async with opened(key) as store:
        assert await store.cases.get(HERE, before.number) == before
        later = await told(store, 2, "another secret")
        assert await store.sealing.remaining() == 6
        assert await store.sealing.seal_all(pass_by) == 6
    key.write_text(newer)
    async with opened(key) as store:
        await store.sealing.check()
        assert await store.cases.get(HERE, before.number) == before
        assert await store.cases.get(HERE, later.number) == later


async def test_without_the_right_key_it_says_so_and_nothing_is_lost(opened: Opened, key: Path, tmp_path: Path) -> None:
    async with opened(key) as store:
        before = await told(store)
        await store.journal.append([submission(2)])
    other = tmp_path / "other"
    add_key(other)
    for wrong in (None, other):
        store = Store(store.url, tmp_path / "chain.key", wrong)
        with pytest.raises(StoreError) as refused:
            await store.sealing.check()
        assert str(refused.value) == WITHOUT_ITS_KEY
        with pytest.raises(StoreError, match="LAWSPEAKER_CONTENT_KEY_FILE"):
            await store.cases.get(HERE, before.number)
        with pytest.raises(StoreError):
            await store.journal.claim(1)
        with pytest.raises(StoreError):
            await store.sealing.seal_all(pass_by)
        await store.close()
    async with opened(key) as store:
        assert await store.cases.get(HERE, before.number) == before
        (entry,) = await store.journal.claim(1)
        assert (entry.submission.text, entry.attempts) == ("a secret", 1)


async def test_a_page_that_is_damaged_keeps_nobody_from_starting_and_is_told_to_who_seals(
    url: str, key: Path, tmp_path: Path
) -> None:
    if (file := sqlite_file(url)) is None:
        pytest.skip("made by hand in SQLite's file")
    await upgrade(url)
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'submissions'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as pages:
        pages.seek((page - 1) * size)
        pages.write(b"\xff" * size)
    store = Store(url, tmp_path / "chain.key", key)
    await store.sealing.check()
    with pytest.raises(StoreError, match="lawspeaker db check"):
        await store.sealing.remaining()
    await store.close()


async def test_a_sealed_value_that_was_changed_is_not_read_as_another(key: Path) -> None:
    seal = read_seal(key)
    kept = seal.seal("a secret")
    with pytest.raises(StoreError, match="damaged"):
        seal.open(kept[:-6] + ("AAAA" if kept[-6:-2] != "AAAA" else "BBBB") + kept[-2:])
    with pytest.raises(StoreError, match="damaged"):
        seal.open(kept[: kept.index("gAAAA")])


async def test_forgetting_and_retention_find_and_blank_what_is_sealed(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        await told(store)
        said = (ContextMessage(ANAS_NAME, "an older secret"), ContextMessage("bo", "hello", BO))
        await store.journal.append([Submission(HERE, 20, 2, 0, BO, "bo", "fine", "fine", said, datetime.now(UTC))])
        held = await store.erasure.erase(HERE, ANA, {ANAS_NAME})
        assert (held.messages, held.contexts, held.learned) == (1, 1, 1)
        (entry,) = await store.journal.claim(1)
        assert entry.submission.context == (ContextMessage("bo", "hello", BO),)
        case = await store.cases.get(HERE, 1)
        assert case is not None
        assert "secret" not in repr(case)
        again = await told(store, 3)
        assert await store.retention.clear(datetime.now(UTC) + timedelta(days=60)) >= 1
        cleared = await store.cases.get(HERE, again.number)
        assert cleared is not None
        assert cleared.appeal is not None
        assert (cleared.submission.text, cleared.appeal.text, cleared.appeal.answer) == ("", "", "")
        assert await store.learned.of(HERE) == []
        assert await store.samples.latest(HERE, 5) == []


async def test_what_is_disclosed_to_a_member_is_open(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        await told(store)
        entries = [entry async for entry in store.disclosure.of_member(HERE, ANA, {ANAS_NAME})]
        assert SEALED not in repr(entries)
        (message,) = [record for section, record in entries if section == "messages"]
        assert (message["text"], message["context"]) == ("a secret", [[ANAS_NAME, "a secret said before"]])
        assert message["case"]["case_notes"][0]["text"] == "that secret again"


async def test_cases_are_found_by_what_they_are_about(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        case = await told(store)
        wanted = CaseFilter(member_id=ANA, rule="2")
        assert (
            await store.search.find(HERE, wanted, 5) == [case] == [one async for one in store.search.all(HERE, wanted)]
        )
        assert await store.search.count(HERE, wanted) == 1
        assert await store.search.find(HERE, CaseFilter(member_id=BO), 5) == []


async def test_the_same_text_is_learned_once_though_it_is_sealed(opened: Opened, key: Path) -> None:
    async with opened(key) as store:
        await store.learned.from_pack(HERE, "a secret", LESSON, MODERATOR)
        with pytest.raises(StoreError, match="learned already"):
            await store.learned.from_pack(HERE, "a secret", LESSON, MODERATOR)
        await store.learned.from_pack(HERE, "a secret", Lesson("2", "No scams.", breaks=False), MODERATOR)
        assert [one.lesson.breaks for one in await store.learned.of(HERE)] == [False]


async def test_each_engine_has_its_own_keys(opened: Opened, key: Path) -> None:
    async with opened() as plain, opened(key) as sealing:
        await plain.journal.append([submission(1)])
        await sealing.journal.append([submission(2)])
        async with plain._engine.connect() as connection:
            rows = await connection.execute(text("SELECT text FROM submissions ORDER BY id"))
            first, second = [one.text for one in rows]
        assert first == "a secret"
        assert second.startswith(SEALED)
        async with sealing._engine.connect() as connection:
            assert {one for (one,) in await connection.execute(select(tables.Submission.text))} == {"a secret"}


def test_without_keys_nothing_is_sealed() -> None:
    assert Seal().seal("words") == "words"
    assert Seal().prefixes == ()


async def test_a_backup_restored_is_read_with_the_key(opened: Opened, key: Path, tmp_path: Path) -> None:
    async with opened(key) as store:
        before = await told(store)
        if sqlite_file(store.url) is None:
            pytest.skip("PostgreSQL has its own backups")
        copy = tmp_path / "elsewhere" / "copy.sqlite3"
        copy.parent.mkdir()
        await backup(store.url, copy)
    with closing(sqlite3.connect(copy)) as database:
        assert "secret" not in str(database.execute("SELECT * FROM submissions").fetchall())
    restored = Store(f"sqlite+aiosqlite:///{copy}", tmp_path / "chain.key", key)
    try:
        assert await restored.cases.get(HERE, before.number) == before
        assert await findings(restored) == []
    finally:
        await restored.close()
