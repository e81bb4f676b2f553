"""The command line, run as `lawspeaker` runs it, with a data folder of its own."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

import bot.cli
from bot.judge.models import default_model_dir

POLICY = "# House policy\n1. No spoilers for films. [delete, timeout 1h]\n2. No trading of tickets. [flag]\n"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr of a command that refused its input."""
        assert self.status == 2, (self.out, self.err)
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("lawspeaker: ")
        assert "Traceback" not in line
        return line


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of this test's own; only the folder of models is this machine's."""
    models = str(default_model_dir())
    for name in list(os.environ):
        if name.startswith("LAWSPEAKER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", models)
    monkeypatch.setenv("LAWSPEAKER_MODEL", "tiny")
    monkeypatch.setenv("LAWSPEAKER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line: `run("guild", "show", "5")`."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        status = bot.cli.run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(status, out, err)

    return run


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.md"
    file.write_text(POLICY)
    return file
