"""No step of the pipeline is without a point at which the bot is killed."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.pipeline
from bot.store import Store
from tests.reliability import figures
from tests.reliability.acts import ACTS
from tests.reliability.figures import note
from tests.reliability.points import IN_SHORT, KILLS, STEPS
from tests.reliability.table import table

NOT_PLAYED = {"before journal.claim": "nothing is taken yet: it is as after journal.append"}
"""Points that no kill is at, and why."""


def repositories() -> dict[str, type[object]]:
    """The store's parts by their names in it."""
    return {name: type(part) for name, part in vars(Store("sqlite+aiosqlite://")).items()}


def writing(repository: type[object]) -> set[str]:
    """Its methods that write, by themselves or through another of its methods."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(repository))).body
    methods = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef)}
    uses = {
        name: {ast.unparse(one) for one in ast.walk(method) if isinstance(one, ast.Attribute)}
        for name, method in methods.items()
    }
    writes = {f"self._sessions.{name}" for name in ("write", "write_at_once", "write_chained")}
    found = {name for name, used in uses.items() if used & writes}
    while more := {name for name, used in uses.items() if {f"self.{one}" for one in found} & used} - found:
        found |= more
    return found


def called(tree: ast.AST, names: set[str]) -> Iterator[tuple[str, str]]:
    """What is used of the store's parts: `self._store.journal.append`, `erasure.erase`."""
    for one in ast.walk(tree):
        match one:
            case ast.Attribute(ast.Attribute(_, part) | ast.Name(part), method) if part in names:
                yield part, method


def steps() -> set[str]:
    """Every method of the store that writes and that the pipeline calls."""
    writers = {name: writing(part) for name, part in repositories().items() if part.__module__.startswith("bot.store")}
    folder = Path(bot.pipeline.__path__[0])
    return {
        f"{part}.{method}"
        for file in folder.glob("*.py")
        for part, method in called(ast.parse(file.read_text()), set(writers))
        if method in writers[part]
    }


def test_each_write_of_the_pipeline_is_a_point() -> None:
    found = steps()
    assert {"journal.append", "cases.finish", "reviews.undoing", "erasure.unname"} <= found
    assert found - STEPS == set(), "add them to tests/reliability/points.py"


def test_the_bot_is_killed_before_each_step_and_after_it() -> None:
    reached = {f"{point.side} {point.step}" for kill in KILLS for point in kill.points}
    missing = {f"{side} {step}" for side in ("before", "after") for step in STEPS} - reached
    assert missing == set(NOT_PLAYED)


def test_each_kill_is_played_once_and_by_an_act_that_there_is() -> None:
    assert len({str(kill) for kill in KILLS}) == len(KILLS)
    assert {kill.act for kill in KILLS} == set(ACTS)
    assert {str(kill) for kill in KILLS} >= IN_SHORT


def test_the_table_shows_a_line_for_each_figure() -> None:
    assert table({"killed": {"lives": 1_200, "seconds": 3.25}, "soak": {"mb": 1}}) == (
        "killed  lives    1,200\n"
        "        seconds    3.2\n"
        "soak    mb           1"
    )  # fmt: skip


def test_only_long_runs_leave_figures_and_counts_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FILE", tmp_path / "build" / "reliability.json")
    monkeypatch.delenv("LAWSPEAKER_SOAK", raising=False)
    note("killed", lives=2)
    assert not figures.FILE.exists()
    monkeypatch.setenv("LAWSPEAKER_SOAK", "1")
    for seconds in (1.5, 2.5):
        note("killed", lives=2, seconds=seconds)
    assert json.loads(figures.FILE.read_text()) == {"killed": {"lives": 4, "seconds": 2.5}}
