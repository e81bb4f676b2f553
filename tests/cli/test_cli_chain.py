"""`lawspeaker db check` follows servers' chains, and its key stays a secret."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def database(run: Any, data_dir: Path) -> Path:
    """A database in which two servers set something."""
    assert run("guild", "set", "5", "--mode", "enforce").status == 0
    assert run("guild", "set", "6", "--log", "77").status == 0
    return data_dir / "lawspeaker.sqlite3"


def tamper(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def hash_of(line: str) -> str:
    return line.split()[-1]


def test_check_prints_each_servers_head_and_takes_one_that_was_posted(run: Any, database: Path) -> None:
    ran = run("db", "check")
    assert (ran.status, ran.err) == (0, "")
    first, second, last = ran.out.splitlines()
    assert first.startswith("Server 5: 1 links since 2")
    assert second.startswith("Server 6: 1 links since 2")
    assert last == "The database is up to date and whole."
    run("guild", "set", "5", "--mode", "off")
    assert run("db", "check", "--head", hash_of(first), "--head", f"`{hash_of(second).upper()}`").status == 0


def test_check_names_what_was_changed_and_ends_with_1(run: Any, database: Path) -> None:
    tamper(database, "UPDATE setting_changes SET author_id = 8 WHERE guild_id = 6")
    ran = run("db", "check")
    assert ran.status == 1
    assert ran.err == "Server 6: setting 2 of the table setting_changes (link 1) was changed afterwards.\n"
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["Server 5", "Server 6"]


def test_a_head_that_no_link_has_any_more_ends_it_with_1(run: Any, database: Path) -> None:
    ran = run("db", "check", "--head", "ab" * 32)
    assert ran.status == 1
    assert ran.err.startswith(f"No link has the hash {'ab' * 32}: ")
    assert "no hash of a chain" in run("db", "check", "--head", "ab" * 31).sentence
    assert "no hash of a chain" in run("db", "check", "--head", "Ärger").sentence


def test_the_key_is_made_once_for_its_owner_alone_and_never_shown(run: Any, database: Path) -> None:
    file = database.with_name("lawspeaker.chain-key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = file.read_text().strip()
    assert len(bytes.fromhex(key)) == 32
    ran = run("guild", "set", "5", "--mode", "off")
    assert file.read_text().strip() == key
    checked = run("db", "check")
    assert checked.status == 0
    assert key not in "".join((ran.out, ran.err, checked.out, checked.err))
    assert sorted(one.name for one in database.parent.iterdir() if "key" in one.name) == ["lawspeaker.chain-key"]


def test_without_its_key_nothing_is_checked_and_no_other_is_made(run: Any, database: Path) -> None:
    file = database.with_name("lawspeaker.chain-key")
    key = file.read_text()
    file.unlink()
    assert "put it back" in run("db", "check").sentence
    assert not file.exists()
    file.write_text(key[:20])
    assert "does not hold a key" in run("db", "check").sentence
    assert key[:20] not in run("guild", "set", "5", "--mode", "off").sentence


def test_a_copy_is_checked_with_the_key_named(
    run: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("db", "backup", tmp_path / "copy.sqlite3").status == 0
    key = shutil.move(database.with_name("lawspeaker.chain-key"), tmp_path / "the.key")
    monkeypatch.setenv("LAWSPEAKER_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'copy.sqlite3'}")
    monkeypatch.setenv("LAWSPEAKER_CHAIN_KEY_FILE", str(key))
    assert run("db", "check").status == 0
