"""`lawspeaker db`: the schema and the data."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import refused_while_a_bot_answers


@pytest.fixture
def database(run: Any, data_dir: Path) -> Path:
    assert run("db", "upgrade").status == 0
    return data_dir / "lawspeaker.sqlite3"


def mode_of(run: Any, guild: int) -> str:
    return str(json.loads(run("guild", "show", guild, "--json").out)["mode"])


def set_revision(database: Path, revision: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_upgrade_makes_the_database_and_check_finds_it_whole(run: Any, database: Path) -> None:
    assert database.is_file()
    ran = run("db", "check")
    assert (ran.status, ran.err) == (0, "")
    assert run("db", "upgrade").status == 0


def test_check_without_a_database_is_one_sentence_and_makes_none(run: Any, data_dir: Path) -> None:
    assert "lawspeaker db upgrade" in run("db", "check").sentence
    assert not data_dir.exists()


def test_check_ends_with_1_for_a_database_that_is_damaged(run: Any, database: Path) -> None:
    run("guild", "set", "5", "--mode", "off")
    with closing(sqlite3.connect(database)) as connection, connection:  # a value that its column forbids
        connection.execute("PRAGMA writable_schema = ON")
        forbids = "replace(sql, 'log_channel_id BIGINT', 'log_channel_id BIGINT NOT NULL')"
        connection.execute(f"UPDATE sqlite_master SET sql = {forbids} WHERE name = 'guilds'")
    ran = run("db", "check")
    assert ran.status == 1
    assert "damaged" in ran.err


def test_a_database_from_a_newer_version_is_refused_by_every_command(run: Any, database: Path) -> None:
    set_revision(database, "from_the_future")
    for command in ("case list", "guild show 5", "guild set 5 --mode off", "db upgrade"):
        assert "newer version" in run(*command.split()).sentence
    ran = run("db", "check")
    assert ran.status == 1
    assert "newer version" in ran.err


def test_a_backup_restored_is_the_database_as_it_was_and_what_it_replaced_is_kept(
    run: Any, database: Path, tmp_path: Path
) -> None:
    run("guild", "set", "5", "--mode", "enforce")
    assert run("db", "backup", tmp_path / "kept.sqlite3").status == 0
    run("guild", "set", "5", "--mode", "off")
    ran = run("db", "restore", tmp_path / "kept.sqlite3")
    assert ran.status == 0
    assert mode_of(run, 5) == "enforce"
    (replaced,) = database.parent.glob("*.replaced-*")
    assert str(replaced) in ran.out
    assert run("db", "restore", replaced).status == 0
    assert mode_of(run, 5) == "off"


def test_a_backup_never_overwrites_a_file(run: Any, database: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert "exists already" in run("db", "backup", tmp_path / "mine").sentence
    assert (tmp_path / "mine").read_text() == "mine"


def test_restoring_what_is_no_backup_is_one_sentence_and_changes_nothing(
    run: Any, database: Path, tmp_path: Path
) -> None:
    run("guild", "set", "5", "--mode", "enforce")
    (tmp_path / "other").write_text("no database")
    assert "no Lawspeaker database" in run("db", "restore", tmp_path / "other").sentence
    assert "no file" in run("db", "restore", tmp_path / "nothing").sentence
    assert mode_of(run, 5) == "enforce"


def test_restore_is_refused_while_the_bot_runs(
    run: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "backup", tmp_path / "kept.sqlite3")

    assert "stop it" in refused_while_a_bot_answers(run, monkeypatch, "db", "restore", tmp_path / "kept.sqlite3")
