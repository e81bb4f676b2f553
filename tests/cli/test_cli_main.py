"""The command line as a whole: exit statuses, one sentence for a mistake, JSON alone on stdout."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import bot.cli
from bot.cli.common import CliError


def test_version_and_help_go_to_stdout_with_status_0(run: Any) -> None:
    assert run("--version").out == f"lawspeaker {version('lawspeaker')}\n"
    helped = run("--help")
    assert helped.status == 0
    for command in ("run", "check", "doctor", "guild", "case", "policy", "model", "db"):
        assert f"\n  {command} " in helped.out


EVERY_COMMAND = """
check; doctor; run; guild set; guild show; case list; case show; case export; policy lint; policy show; policy diff;
model list; model pull; model verify; model info; db upgrade; db check; db backup; db restore
"""


@pytest.mark.parametrize("arguments", [one.strip() for one in EVERY_COMMAND.split(";")])
def test_every_command_has_a_help_text(run: Any, arguments: str) -> None:
    helped = run(*arguments.split(), "--help")
    assert helped.status == 0
    assert helped.out.startswith(f"Usage: lawspeaker {arguments} ")
    assert helped.out.splitlines()[2].strip()


def test_a_command_line_that_means_nothing_is_one_sentence_with_status_2(run: Any) -> None:
    assert "lawspeaker --help" in run("moderate").sentence
    assert "lawspeaker policy lint --help" in run("policy", "lint", "--hard").sentence
    assert "GUILD_ID" in run("guild", "show").sentence
    assert "'--mode'" in run("guild", "set", "5", "--mode", "loud").sentence


def test_no_command_shows_the_help_on_stderr_with_status_2(run: Any) -> None:
    ran = run()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Usage: lawspeaker")


def test_unusable_settings_are_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "many")
    assert "LAWSPEAKER_WEB_PORT" in run("case", "list").sentence


def test_a_folder_that_cannot_be_made_is_one_sentence(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAWSPEAKER_DATA_DIR", str(tmp_path / "file" / "data"))
    assert "file" in run("guild", "set", "5", "--mode", "off").sentence


def test_ctrl_c_ends_with_status_130_and_no_traceback(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.policy.read_policy", interrupt)
    ran = run("policy", "show", "x")
    assert (ran.status, ran.out, ran.err) == (130, "", "")


def test_a_sentence_is_one_line_whatever_stands_in_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CliError("Two\nlines.")

    monkeypatch.setattr("bot.cli.policy.read_policy", refuse)
    assert run("policy", "show", "x").sentence == "lawspeaker: Two lines."


def test_a_fault_of_the_programs_own_is_not_disguised_as_the_users(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.cli.policy.read_policy", fail)
    with pytest.raises(ZeroDivisionError):
        bot.cli.run(["policy", "show", "x"])


def test_a_reader_that_stops_reading_is_no_error_to_complain_of(policy_file: Path) -> None:
    many = [str(policy_file)] * 2_000  # more than a pipe holds
    with subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "policy", "show", *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"House policy\n"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


def test_a_terminal_that_lacks_a_character_gets_its_number(policy_file: Path) -> None:
    policy_file.write_text("1. No žluťoučký kůň. [flag]")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "policy", "show", policy_file],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u017elu" in done.stdout


def test_the_console_script_is_the_same_command_line() -> None:
    script = Path(sys.executable).with_name("lawspeaker")
    done = subprocess.run([script, "policy", "show", "/nowhere.md"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lawspeaker: There is no policy file /nowhere.md: check the path.\n"
