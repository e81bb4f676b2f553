"""What the shell says of a database that cannot be used, or that is another's: one sentence, and nothing changes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.cli import doctor
from bot.store.lock import InstanceLock
from tests.store.faulty import corrupt, full, locked, read_only

Fault = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture
def database(run: Any, data_dir: Path) -> Path:
    assert run("db", "upgrade").status == 0
    assert run("guild", "set", "5", "--mode", "enforce").status == 0
    return data_dir / "lawspeaker.sqlite3"


def url_of(database: Path) -> str:
    return f"sqlite+aiosqlite:///{database}"


def held(database: Path, work: Callable[[], Any]) -> Any:
    """What comes of work while a bot has the database."""

    async def go() -> Any:
        async with InstanceLock(url_of(database)):
            return await asyncio.to_thread(work)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (locked, "is held by another program: end what has it open"),
        (full, "its disk is full: make room there"),
        (lambda _: read_only(), "cannot be written: let the user that runs Lawspeaker write the file"),
    ],
    ids=["locked", "full", "read-only"],
)
def test_a_database_that_cannot_be_written_is_one_sentence(
    run: Any, database: Path, policy_file: Path, fault: Fault, words: str
) -> None:
    title, rules = policy_file.read_text().split("\n", 1)
    policy_file.write_text(f"{title}\n\n{'Some words about the house. ' * 400}\n\n{rules}")
    with fault(database):
        ran = run("guild", "set", "5", "--policy", policy_file)
    told = ran.err.splitlines()[-1]  # after what there is to say of the policy
    assert ran.status == 2
    assert told.startswith("lawspeaker: The database ")
    assert words in told
    assert "Traceback" not in ran.err
    assert run("guild", "set", "5", "--policy", policy_file).status == 0
    assert run("db", "check").status == 0


def test_a_damaged_database_is_one_sentence_until_a_backup_is_restored(run: Any, database: Path) -> None:
    assert run("db", "backup", database.parent / "kept.sqlite3").status == 0
    corrupt(database, "guilds")
    assert "is damaged: stop the bot, and restore a backup" in run("guild", "set", "5", "--mode", "off").sentence
    checked = run("db", "check")
    assert checked.status == 1
    assert "damaged" in checked.err
    assert "Traceback" not in checked.err
    assert run("db", "restore", database.parent / "kept.sqlite3").status == 0
    assert run("db", "check").status == 0


def test_restore_is_refused_while_a_bot_has_the_database_wherever_it_listens(
    run: Any, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "0")
    assert run("db", "backup", database.parent / "kept.sqlite3").status == 0
    refused = held(database, lambda: run("db", "restore", database.parent / "kept.sqlite3"))
    assert "Another Lawspeaker works on the database" in refused.sentence
    assert list(database.parent.glob("*.replaced-*")) == []


def test_a_bot_that_runs_holds_up_a_migration_and_nothing_else(run: Any, database: Path) -> None:
    assert held(database, lambda: run("db", "upgrade")).status == 0
    assert held(database, lambda: run("guild", "set", "5", "--mode", "off")).status == 0
    assert held(database, lambda: run("db", "backup")).status == 0
    assert held(database, lambda: run("db", "check")).status == 0
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0015'")
    assert "Another Lawspeaker" in held(database, lambda: run("db", "upgrade")).sentence


# -- who may read it ----------------------------------------------------------------------------------------


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that others may enter."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        monkeypatch.setenv("LAWSPEAKER_DATA_DIR", made)
        yield Path(made)


def finding(name: str) -> Any:
    return next(one for one in doctor._look() if one.name == name)


def test_doctor_says_that_others_may_read_a_settings_file_with_secrets(open_folder: Path) -> None:
    file = open_folder / "lawspeaker.toml"
    file.write_text('discord_token = "MTAx.Gx7.secret"\nremote_api_key = "k"\n')
    file.chmod(0o644)
    found = finding("settings")
    assert not found.ok
    assert (
        found.advice
        == f"Others on this machine may read discord_token and remote_api_key in it: run `chmod 600 {file}`."
    )
    file.chmod(0o600)
    assert finding("settings").ok
    file.write_text('log_level = "info"\n')
    file.chmod(0o644)
    assert finding("settings").ok


def test_doctor_says_that_others_may_read_the_database(run: Any, open_folder: Path) -> None:
    assert run("db", "upgrade").status == 0
    file = open_folder / "lawspeaker.sqlite3"
    assert doctor._database(doctor.load_settings()).ok
    file.chmod(0o644)
    found = doctor._database(doctor.load_settings())
    assert not found.ok
    assert f"chmod 600 {file}" in found.advice


def test_a_umask_opens_nothing(run: Any, data_dir: Path) -> None:
    before = os.umask(0)
    try:
        assert run("db", "upgrade").status == 0
        assert run("db", "backup").status == 0
    finally:
        os.umask(before)
    assert {one.name: one.stat().st_mode & 0o077 for one in data_dir.iterdir()}.keys()
    assert all(one.stat().st_mode & 0o077 == 0 for one in data_dir.iterdir())
