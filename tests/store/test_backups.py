"""Backups made while others write, and putting one back: whenever that ends, there is a whole database."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Store, StoreError, backups, schema
from bot.store.engine import sqlite_file
from bot.store.files import beside, copy_database
from tests.store.chained import GUILD, case, findings, submission
from tests.store.conftest import file_of, sqlite_url
from tests.store.faulty import corrupt

ROUNDS = 8
NOBODY = 65_534


def messages(file: Path) -> list[int]:
    """The ids of the messages in a database, in the order in which they came in."""
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute("SELECT message_id FROM submissions ORDER BY id")]


async def test_a_backup_that_is_made_while_others_write_is_whole_when_it_is_restored(
    lite: Store, tmp_path: Path
) -> None:
    done = asyncio.Event()

    async def write() -> None:
        number = 1
        while not done.is_set():
            number += 1
            await case(lite, number)
            await lite.journal.append([submission(10_000 + 10 * number + one) for one in range(5)])

    writing = asyncio.create_task(write())
    made = [await backups.backup(lite.url, tmp_path / f"{number}.sqlite3") for number in range(ROUNDS)]
    done.set()
    await writing
    found: list[int] = []
    for number, kept in enumerate(made):
        url = sqlite_url(tmp_path / f"place-{number}")
        assert await backups.restore(url, kept) is None
        assert await schema.trouble(url) == []
        restored = Store(url, lite.chain_key.path)
        assert [str(one) for one in await findings(restored)] == []
        cases = [one.number for one in await restored.cases.list(GUILD, limit=10_000)]
        assert sorted(cases) == list(range(1, len(cases) + 1))
        await restored.close()
        file = sqlite_file(url)
        assert file is not None
        # A prefix of what there is now, and no less than in the backup before.
        held = messages(file)
        assert held == messages(file_of(lite))[: len(held)]
        assert held[: len(found)] == found
        found = held
    assert len(found) > 1


async def crashed(lite: Store, folder: Path) -> str:
    """The files of a bot that was killed in the middle of its work: what it wrote last is in the log beside."""
    file = file_of(lite)
    folder.mkdir()
    for one in (file, *beside(file)):
        shutil.copy(one, folder)
    assert beside(folder / file.name)[0].stat().st_size > 0
    return sqlite_url(folder)


DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.store import backups

name, side, url, source = sys.argv[1:]
work = getattr(backups, name)

def die(*arguments):
    if side == "after":
        work(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(backups, name, die)
asyncio.run(backups.restore(url, Path(source)))
"""


@pytest.mark.parametrize(
    ("step", "side", "is_restored"),
    [
        ("copy_database", "after", False),
        ("_keep", "after", False),
        ("_fold_log", "after", False),
        ("sync", "before", True),
    ],
)
async def test_a_restore_that_is_killed_leaves_one_of_the_two_whole(
    lite: Store, tmp_path: Path, step: str, side: str, is_restored: bool
) -> None:
    kept = await backups.backup(lite.url, tmp_path / "kept.sqlite3")
    await lite.journal.append([submission(number) for number in range(2, 9)])
    url = await crashed(lite, tmp_path / "place")
    file = sqlite_file(url)
    assert file is not None
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", DIE, step, side, url, str(kept))
    assert await killed.wait() == -signal.SIGKILL
    assert messages(file) == messages(kept if is_restored else file_of(lite))
    assert await schema.trouble(url) == []
    await backups.restore(url, kept)
    assert messages(file) == messages(kept)
    assert not [one.name for one in file.parent.iterdir() if ".restoring" in one.name]


async def test_a_database_that_is_damaged_is_replaced_and_kept_as_it_is(lite: Store, tmp_path: Path) -> None:
    kept = await backups.backup(lite.url, tmp_path / "kept.sqlite3")
    await lite.close()
    file = file_of(lite)
    for spoil in (lambda: corrupt(file, "cases"), lambda: file.write_bytes(b"nonsense" * 1_000)):
        spoil()
        spoiled = file.read_bytes()
        replaced = await backups.restore(lite.url, kept)
        assert replaced is not None
        header = 100  # a copy counts itself there as a change
        assert replaced.read_bytes()[header:] == spoiled[header:]
        assert await schema.trouble(lite.url) == []
        assert await lite.cases.get(GUILD, 1) is not None
        await lite.close()


async def test_a_database_that_somebody_has_open_is_not_replaced(lite: Store, tmp_path: Path) -> None:
    kept = await backups.backup(lite.url, tmp_path / "kept.sqlite3")
    await lite.journal.append([submission(2)])
    with closing(sqlite3.connect(file_of(lite))) as other:
        other.execute("SELECT count(*) FROM submissions").fetchone()
        with pytest.raises(StoreError, match="another program"):
            await backups.restore(lite.url, kept)
    assert messages(file_of(lite)) == [1, 2]


def test_a_backup_in_a_folder_that_cannot_be_written_is_copied(tmp_path: Path) -> None:
    made = tmp_path / "kept.sqlite3"
    with closing(sqlite3.connect(made)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE words (word)")
    with tempfile.TemporaryDirectory() as place:
        closed, opened = Path(place, "closed"), Path(place, "open")
        for folder, mode in ((Path(place), 0o755), (closed, 0o755), (opened, 0o777)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        shutil.copyfile(made, closed / made.name)
        (closed / made.name).chmod(0o444)
        closed.chmod(0o555)
        child = os.fork()
        if child == 0:  # root may write anywhere: be somebody else
            try:
                if os.geteuid() == 0:
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                copy_database(closed / made.name, opened / made.name)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert (opened / made.name).is_file()
        assert [one.name for one in closed.iterdir()] == [made.name]
        closed.chmod(0o755)


@pytest.mark.parametrize("damage", ["a page", "a row that points nowhere"])
async def test_a_backup_that_is_damaged_is_refused_and_nothing_changes(
    lite: Store, tmp_path: Path, damage: str
) -> None:
    kept = await backups.backup(lite.url, tmp_path / "kept.sqlite3")
    await lite.close()
    if damage == "a page":
        corrupt(kept, "cases")
    else:
        with closing(sqlite3.connect(kept)) as database, database:
            database.execute("DELETE FROM submissions")
    before = file_of(lite).read_bytes()
    with pytest.raises(StoreError, match="is damaged: use another backup"):
        await backups.restore(lite.url, kept)
    assert file_of(lite).read_bytes() == before
    assert [one.name for one in file_of(lite).parent.glob("*.re*")] == []


async def test_a_backup_of_a_newer_version_is_refused_and_nothing_changes(lite: Store, tmp_path: Path) -> None:
    kept = await backups.backup(lite.url, tmp_path / "kept.sqlite3")
    await lite.close()
    with closing(sqlite3.connect(kept)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    before = file_of(lite).read_bytes()
    with pytest.raises(StoreError, match="is from a newer version of Lawspeaker: upgrade Lawspeaker first"):
        await backups.restore(lite.url, kept)
    assert file_of(lite).read_bytes() == before
    assert [one.name for one in file_of(lite).parent.glob("*.re*")] == []
