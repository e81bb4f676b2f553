"""`lawspeaker bench`: what it prints. The measuring itself is shown in tests/bench."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.bench import run as bench_run
from bot.cli import bench
from bot.judge.interface import JudgeError
from bot.judge.models import ModelFile
from bot.settings import Settings
from tests.cli.conftest import Run

PARTS = {
    "lawspeaker": {"messages_per_second": 3.0, "n": 300, "explained": 15},
    "plain": {"messages_per_second": 0.1, "n": 9, "peak_rss_mb": 1500.0},
    "limit": {"own_tokens": 20.0, "rationale_tokens": 40.0, "read_per_second": 90.0, "written_per_second": 80.0},
}
FOUND: dict[str, Any] = {
    **bench_run.summary(PARTS),
    **PARTS,
    "latency_ms": {"p50": 400.0, "p95": 900.0, "p99": 1200.0, "n": 80, "offered_per_second": 1.5},
    "peak_rss_mb": 1800.0,
    "machine": {"processor": "a processor", "cores": 2},
    "threads": 2,
    "model": "tiny",
    "seed": 3,
    "share_violating": 0.05,
    "seconds": 540.0,
    "left_out": ["server: xllamacpp is not installed."],
}


@pytest.fixture
def plans(tiny: ModelFile, monkeypatch: pytest.MonkeyPatch) -> list[bench_run.Plan]:
    """The plans that the command made; its measuring is what FOUND says."""
    made: list[bench_run.Plan] = []

    class Measured:
        def __init__(
            self, settings: Settings, model: ModelFile, plan: bench_run.Plan, show: Callable[[str, int], None]
        ) -> None:
            made.append(plan)

        async def run(self) -> dict[str, Any]:
            return FOUND

    monkeypatch.setattr(bench, "Bench", Measured)
    return made


def test_json_is_one_object_alone_on_stdout(run: Run, plans: list[bench_run.Plan]) -> None:
    ran = run("bench", "--json", "--seed", "3")
    assert (ran.status, json.loads(ran.out)) == (0, FOUND)
    assert plans[0].seed == 3


def test_a_run_ends_within_ten_minutes(run: Run, plans: list[bench_run.Plan]) -> None:
    run("bench", "--json")
    assert plans[0].seconds < 600
    assert "10" in run("bench", "--minutes", "11").sentence


def test_the_table_says_what_was_measured_and_what_was_left_out(run: Run, plans: list[bench_run.Plan]) -> None:
    out = run("bench").out
    assert "30.00 times llama-cpp-python" in out
    assert "p95 900 ms" in out
    assert "Left out, server: xllamacpp is not installed." in out
    assert "times the server" not in out


def test_a_judge_that_cannot_start_is_one_sentence(
    run: Run, plans: list[bench_run.Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: object) -> None:
        raise JudgeError("The model did not load in time: see the log.")

    monkeypatch.setattr(bench.Bench, "run", fails)
    assert "did not load" in [line for line in run("bench").err.splitlines() if line][-1]
