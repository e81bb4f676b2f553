"""The whole benchmark with the tiny model, a few messages a part: what the contract names is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bench.run import SHARES, Bench, Plan
from bot.cli.bench import in_words
from bot.judge.models import ModelFile, default_model_dir
from bot.settings import Settings

CONTRACT = {
    "messages_per_second",
    "speedup_vs_plain",
    "speedup_vs_server",
    "fraction_of_limit",
    "latency_ms",
    "peak_rss_mb",
    "cost_per_message_ms",
}


@pytest.mark.model
async def test_one_run_measures_every_part_side_by_side(
    tiny: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xllamacpp")
    monkeypatch.setenv("LAWSPEAKER_DATA_DIR", str(tmp_path))
    settings = Settings(model="tiny", model_dir=default_model_dir(), threads=1)
    shown: list[str] = []
    # Ends with its messages: the time is more than they take on the busiest machine.
    plan = Plan(3_000.0, most=4, many=4, flat=2)
    found = await Bench(settings, tiny, plan, lambda part, done: shown.append(part)).run()
    assert found["left_out"] == []
    assert {name for name in CONTRACT if found[name]} == CONTRACT
    assert set(found["latency_ms"]) >= {"p50", "p95", "p99"}
    for part in ("lawspeaker", "lawspeaker_many", "plain", "plain_one_token", "server", "server_many"):
        assert found[part]["n"] > 0, part
    assert set(found["cost_per_message_ms"]) == {"1", "2"}
    assert (found["model"], found["model_digest"], found["threads"]) == ("tiny", tiny.digest, 1)
    assert list(dict.fromkeys(shown)) == list(SHARES)
    assert json.loads(json.dumps(found)) == found
    assert "of the limit" in in_words(found)
