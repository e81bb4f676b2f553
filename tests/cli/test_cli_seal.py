"""`lawspeaker db new-key` and `db seal`: members' words go under a key, and what is missing is one sentence."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli import doctor
from bot.cli.finding import Finding
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.submission import Submission
from bot.settings import load_settings
from bot.store import Store
from bot.store.content_keys import add_key
from bot.store.lock import InstanceLock
from bot.store.seal import SEALED
from tests.cli.running import refused_while_a_bot_answers

FLAGGED = Decision(Outcome.REVIEW, "1")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "1")
    monkeypatch.setattr(doctor, "look_at_speed", lambda *_: Finding("speed", True, "not measured in this test"))


@pytest.fixture
def database(run: Any, data_dir: Path) -> Path:
    """A database with a case, from before there was a key."""
    assert run("guild", "set", "5", "--mode", "enforce").status == 0
    file = data_dir / "lawspeaker.sqlite3"
    asyncio.run(open_case(file, 1))
    return file


@pytest.fixture
def key(run: Any, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert run("db", "new-key").status == 0
    file = data_dir / "lawspeaker.content-key"
    monkeypatch.setenv("LAWSPEAKER_CONTENT_KEY_FILE", str(file))
    return file


async def open_case(database: Path, message_id: int) -> None:
    settings = load_settings()
    store = Store(f"sqlite+aiosqlite:///{database}", content_key=settings.content_key_file)
    now = datetime.now(UTC)
    said = Submission(5, 20, message_id, 0, 30, "ana", "a secret", "a secret", (), now)
    (journal_id,) = await store.journal.append([said])
    await store.journal.open_case(journal_id, None, FLAGGED, Mode.ENFORCE, 1, (), now)
    await store.close()


def kept(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM submissions ORDER BY id")]


def shown(run: Any) -> str:
    ran = run("case", "show", "1", "--guild", "5", "--json")
    assert ran.status == 0, ran.err
    return str(ran.out)


def test_a_key_is_made_for_its_owner_alone_and_it_is_said_how_to_set_it(run: Any, data_dir: Path) -> None:
    ran = run("db", "new-key")
    file = data_dir / "lawspeaker.content-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"LAWSPEAKER_CONTENT_KEY_FILE={file}" in ran.out
    assert "Keep a copy" in ran.out
    assert file.read_text().strip() not in ran.out


def test_a_key_is_made_where_the_setting_says_and_before_the_older_ones(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "apart" / "keys"
    monkeypatch.setenv("LAWSPEAKER_CONTENT_KEY_FILE", str(file))
    assert "older" not in run("db", "new-key").out
    older = file.read_text()
    assert "before 1 older" in run("db", "new-key").out
    assert file.read_text().endswith(older)
    assert len(file.read_text().split()) == 2


def test_what_was_written_before_is_sealed_once_and_read_as_before(run: Any, database: Path, key: Path) -> None:
    before = shown(run)
    assert kept(database) == ["a secret"]
    ran = run("db", "seal")
    assert ran.status == 0
    assert ": 1. None is left." in ran.out
    assert "delete them" in ran.out
    (text,) = kept(database)
    assert text.startswith(SEALED)
    assert not [one.name for one in database.parent.iterdir() if b"a secret" in one.read_bytes()]
    assert shown(run) == before
    assert ": 0. None is left." in run("db", "seal").out
    checked = run("db", "check")
    assert (checked.status, checked.err) == (0, "")


def test_after_a_new_key_everything_is_sealed_anew_and_the_older_may_go(run: Any, database: Path, key: Path) -> None:
    run("db", "seal")
    before, (first,) = shown(run), kept(database)
    run("db", "new-key")
    asyncio.run(open_case(database, 2))
    assert ": 1. None is left." in run("db", "seal").out
    assert first not in kept(database)
    key.write_text(key.read_text().splitlines()[0])
    assert shown(run) == before
    assert run("db", "check").status == 0


def test_without_its_key_what_is_sealed_is_one_sentence_and_stays(
    run: Any, database: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "seal")
    rows = kept(database)
    other = tmp_path / "other"
    add_key(other)
    monkeypatch.setenv("LAWSPEAKER_CONTENT_KEY_FILE", str(other))
    for command in ("db seal", "db check", "case show 1 --guild 5"):
        assert "sealed with a key which is not there" in refusal(run(*command.split()))
    monkeypatch.delenv("LAWSPEAKER_CONTENT_KEY_FILE")
    assert "sealed with a key which is not there" in refusal(run("case", "show", "1", "--guild", "5"))
    assert kept(database) == rows


@pytest.mark.usefixtures("tiny")
def test_the_bot_does_not_start_without_the_key_of_what_it_holds(
    run: Any, database: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "seal")
    rows = kept(database)
    monkeypatch.delenv("LAWSPEAKER_CONTENT_KEY_FILE")
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "MTAx.Gx7.secret")
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "0")
    # A process of its own: the module of this command is named as what runs commands here.
    ended = subprocess.run([sys.executable, "-m", "bot.cli", "run"], capture_output=True, text=True, timeout=180)
    assert ended.returncode == 2
    assert "sealed with a key which is not there" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert kept(database) == rows


def refusal(ran: Any) -> str:
    """The one line on stderr, whatever was printed before."""
    assert ran.status == 2
    (line,) = ran.err.splitlines()
    return str(line)


def test_a_key_file_that_cannot_be_used_is_one_sentence(
    run: Any, database: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = key.read_text()[:20]
    key.write_text(half)
    for command in ("db seal", "db new-key", "case list", "guild set 5 --mode off"):
        sentence = run(*command.split()).sentence
        assert str(key) in sentence
        assert half not in sentence
    key.unlink()
    assert "lawspeaker db new-key" in run("db", "seal").sentence
    monkeypatch.delenv("LAWSPEAKER_CONTENT_KEY_FILE")
    assert "lawspeaker db new-key" in run("db", "seal").sentence


def test_sealing_is_refused_while_the_bot_runs(
    run: Any, database: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "stop it" in refused_while_a_bot_answers(run, monkeypatch, "db", "seal")
    assert kept(database) == ["a secret"]


def test_sealing_is_refused_while_a_bot_has_the_database_and_answers_nowhere(
    run: Any, database: Path, key: Path
) -> None:
    async def sealed() -> str:
        async with InstanceLock(load_settings().database):
            return str((await asyncio.to_thread(run, "db", "seal")).sentence)

    assert "Another Lawspeaker works on the database" in asyncio.run(sealed())
    assert kept(database) == ["a secret"]


def found(run: Any) -> dict[str, Any]:
    checks = json.loads(run("doctor", "--json").out)["checks"]
    (one,) = [check for check in checks if check["name"] == "content key"]
    return dict(one)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is not there costs the doctor no time."""
    monkeypatch.setenv("LAWSPEAKER_MODEL", "/nowhere.gguf")


@pytest.mark.usefixtures("no_model")
def test_the_doctor_recommends_a_key_where_there_is_none(run: Any, data_dir: Path) -> None:
    one = found(run)
    assert one["ok"]
    assert "Recommended: `lawspeaker db new-key`" in one["advice"]
    assert not data_dir.exists()


@pytest.mark.usefixtures("no_model")
def test_the_doctor_says_what_is_not_sealed_and_who_may_read_the_key(run: Any, database: Path, key: Path) -> None:
    one = found(run)
    assert one["ok"]
    assert "does not seal: 1" in one["found"]
    assert "lawspeaker db seal" in one["advice"]
    run("db", "seal")
    assert found(run) == {"name": "content key", "ok": True, "found": str(key), "advice": ""}
    key.chmod(0o640)
    one = found(run)
    assert not one["ok"]
    assert f"chmod 600 {key}" in one["advice"]


@pytest.mark.usefixtures("no_model")
def test_the_doctor_finds_a_key_that_is_missing_or_another(run: Any, database: Path, key: Path) -> None:
    run("db", "seal")
    key.rename(key.with_name("away"))
    one = found(run)
    assert not one["ok"]
    assert "There is no content key" in one["advice"]
    add_key(key)
    one = found(run)
    assert not one["ok"]
    assert "sealed with a key which is not there" in one["advice"]
