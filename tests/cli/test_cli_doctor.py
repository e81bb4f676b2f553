"""`lawspeaker doctor`: what is set up, what is missing, what to do about it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import doctor, speed
from bot.cli.doctor import free_memory
from bot.cli.finding import Finding
from bot.cli.speed import look_at_speed
from bot.judge.models import resolve_model
from bot.settings import load_settings


@pytest.fixture(autouse=True)
def free_port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", str(port))
    return port


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring how fast the model is takes seconds: left to the tests that are about it."""
    monkeypatch.setattr(doctor, "look_at_speed", lambda *_: Finding("speed", True, "not measured in this test"))


@pytest.fixture
def taken_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port where another program answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("LAWSPEAKER_WEB_PORT", str(other.getsockname()[1]))
        yield other.getsockname()[1]


def findings(run: Any) -> dict[str, dict[str, Any]]:
    ran = run("doctor", "--json")
    told = json.loads(ran.out)
    assert ran.status == (0 if told["ok"] else 1)
    assert told["ok"] == all(one["ok"] for one in told["checks"])
    for one in told["checks"]:
        assert one["ok"] or one["advice"], one
    return {one["name"]: one for one in told["checks"]}


@pytest.mark.usefixtures("tiny")
def test_all_fine_is_status_0_and_looks_at_everything(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "MTAx.Gx7.secret")
    found = findings(run)
    assert list(found) == [
        "settings",
        "token",
        "llama.cpp",
        "model",
        "memory",
        "models",
        "speed",
        "database",
        "content key",
        "web port",
        "console",
    ]
    assert all(one["ok"] for one in found.values()), found
    ran = run("doctor")
    assert ran.status == 0
    assert "MISSING" not in ran.out
    assert "secret" not in ran.out


def test_each_thing_missing_is_named_with_what_to_do(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken_port: int
) -> None:
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", str(tmp_path / "none"))
    found = findings(run)
    assert "LAWSPEAKER_DISCORD_TOKEN" in found["token"]["advice"]
    assert "lawspeaker model pull tiny" in found["model"]["advice"]
    assert "LAWSPEAKER_WEB_PORT" in found["web port"]["advice"]
    ran = run("doctor")
    assert ran.status == 1
    assert ran.out.count("MISSING") == 3


def test_to_whom_the_console_is_open_is_told_and_what_lacks_for_others(
    run: Any, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    assert f"http://127.0.0.1:{free_port}/console/" in findings(run)["console"]["found"]
    monkeypatch.setenv("LAWSPEAKER_WEB_HOST", "0.0.0.0")
    console = findings(run)["console"]
    assert (console["ok"], console["found"]) == (True, "not served"), "who asked for none may do without"
    assert "LAWSPEAKER_OAUTH_CLIENT_SECRET" in console["advice"]
    monkeypatch.setenv("LAWSPEAKER_OAUTH_CLIENT_SECRET", "a-client-secret")
    console = findings(run)["console"]
    assert not console["ok"]
    assert "LAWSPEAKER_WEB_URL" in console["advice"]
    monkeypatch.setenv("LAWSPEAKER_WEB_URL", "https://mod.example")
    console = findings(run)["console"]
    assert (console["ok"], console["advice"]) == (True, "")
    assert "https://mod.example/console/" in console["found"]
    assert "a-client-secret" not in run("doctor").out


def test_unusable_settings_are_the_only_finding(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_THREADS", "none")
    found = findings(run)
    assert list(found) == ["settings"]
    assert "LAWSPEAKER_THREADS" in found["settings"]["advice"]


def test_a_model_file_that_is_cut_off_or_no_gguf_is_found(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for content, words in ((b"GGUF\x03\x00\x00\x00", "cut off"), (b"some words", "not a GGUF file")):
        (tmp_path / "m.gguf").write_bytes(content)
        monkeypatch.setenv("LAWSPEAKER_MODEL", str(tmp_path / "m.gguf"))
        assert words in findings(run)["model"]["advice"]


def test_a_token_of_the_wrong_form_is_found_without_being_shown(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "not-a-bots-token")
    ran = run("doctor")
    assert "three parts" in ran.out
    assert "not-a-bots-token" not in ran.out


def test_a_database_that_is_none_is_found_and_looking_makes_none(run: Any, data_dir: Path) -> None:
    assert findings(run)["database"]["ok"]
    assert not data_dir.exists()
    data_dir.mkdir()
    (data_dir / "lawspeaker.sqlite3").write_text("no database at all, but some text that is long enough to be one")
    assert "cannot be read" in findings(run)["database"]["advice"]


@pytest.mark.parametrize("url", ["oracle://x", "postgresql+asyncpg://me@host:port/x", "postgresql+asyncpg://[host/x"])
def test_an_unusable_database_url_is_found(run: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LAWSPEAKER_DATABASE_URL", url)
    assert "LAWSPEAKER_DATABASE_URL" in findings(run)["database"]["advice"]


def test_a_settings_file_that_cannot_be_found_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_SETTINGS_FILE", "~nobody-of-this-name/lawspeaker.toml")
    assert "home folder" in findings(run)["settings"]["advice"]


@pytest.mark.usefixtures("tiny")
def test_too_little_memory_for_the_model_is_found(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "free_memory", lambda: 100_000_000)
    assert "smaller model" in findings(run)["memory"]["advice"]


@pytest.mark.usefixtures("tiny")
def test_how_fast_the_model_is_here_is_measured() -> None:
    settings = load_settings()
    told = look_at_speed(settings, resolve_model("tiny", settings.model_dir))
    assert told.ok
    numbers = re.search(r"reads (\d+) tokens a second and writes (\d+) .* takes ([\d.]+) s", told.found)
    assert numbers is not None
    assert int(numbers[1]) > 0
    assert int(numbers[2]) > 0


@pytest.mark.usefixtures("tiny")
def test_a_model_for_which_there_is_no_memory_is_not_begun(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "free_memory", lambda: 100_000_000)
    assert "speed" not in findings(run)


@pytest.mark.usefixtures("tiny")
def test_which_models_this_machine_could_run_is_said(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "free_memory", lambda: 2_000_000_000)
    fits, fits_not = findings(run)["models"]["found"].split(";")
    assert "default, tiny" in fits
    assert "gpt-oss-safeguard-20b (14" in fits_not


@pytest.mark.usefixtures("tiny")
def test_a_model_that_is_too_slow_to_be_measured_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "_MOST_SECONDS", 0.0)
    settings = load_settings()
    told = look_at_speed(settings, resolve_model("tiny", settings.model_dir))
    assert not told.ok
    assert "smaller model" in told.advice


def test_free_memory_counts_a_containers_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("4096\n")
    monkeypatch.setattr(doctor, "_CGROUP_LIMIT", tmp_path / "memory.max")
    assert free_memory() == 4096
    (tmp_path / "memory.max").write_text("max\n")
    assert (free_memory() or 0) > 4096


def test_llama_cpp_that_does_not_load_is_found(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "llama_cpp"
    broken.mkdir()
    (broken / "__init__.py").write_text("import os\nos.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "llama-cpp-python" in findings(run)["llama.cpp"]["advice"]
