"""/metrics: messages, verdicts, actions, queue, latencies, worker restarts."""

from __future__ import annotations

import math
from collections.abc import Mapping

import prometheus_client
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.judge.interface import JudgeInfo
from bot.pipeline.metrics import Metrics
from bot.web.metrics import PrometheusMetrics


class Standing:
    """A queue and a judge whose standing a test sets."""

    def __init__(self) -> None:
        self.waiting: Mapping[int, int] = {}
        self.judge = JudgeInfo("tiny", "ab12", ready=False)
        self.broken = False

    async def backlog(self) -> Mapping[int, int]:
        if self.broken:
            raise ConnectionError
        return self.waiting

    def info(self) -> JudgeInfo:
        return self.judge


@pytest.fixture
def standing() -> Standing:
    return Standing()


@pytest.fixture
def metrics(standing: Standing) -> PrometheusMetrics:
    return PrometheusMetrics(standing.backlog, standing.info)


async def figures(metrics: PrometheusMetrics) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics by its name and its labels' values."""
    families = text_string_to_metric_families((await metrics.render()).decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


async def test_messages_verdicts_and_actions_are_counted_by_kind_and_outcome(metrics: PrometheusMetrics) -> None:
    told: Metrics = metrics
    for _ in range(3):
        told.message()
    told.backfilled()
    told.told_alike()
    told.verdict("allow", 0.2)
    told.verdict("act", 4.0)
    told.action("delete", "done")
    told.action("delete", "done")
    told.action("timeout", "failed")
    seen = await figures(metrics)
    assert seen["lawspeaker_messages_total",] == 3
    assert seen["lawspeaker_backfilled_total",] == 1
    assert seen["lawspeaker_told_alike_total",] == 1
    assert seen["lawspeaker_verdicts_total", "allow"] == 1
    assert seen["lawspeaker_verdicts_total", "act"] == 1
    assert seen["lawspeaker_actions_total", "delete", "done"] == 2
    assert seen["lawspeaker_actions_total", "timeout", "failed"] == 1


async def test_latency_is_a_histogram_of_the_time_from_posting_to_decision(metrics: PrometheusMetrics) -> None:
    metrics.verdict("allow", 0.2)
    metrics.verdict("allow", 40.0)
    seen = await figures(metrics)
    assert seen["lawspeaker_latency_seconds_bucket", "0.25"] == 1
    assert seen["lawspeaker_latency_seconds_bucket", "60.0"] == 2
    assert seen["lawspeaker_latency_seconds_sum",] == pytest.approx(40.2)


async def test_the_queue_is_looked_up_at_each_scrape_over_all_servers(
    metrics: PrometheusMetrics, standing: Standing
) -> None:
    assert (await figures(metrics))["lawspeaker_queue_depth",] == 0
    standing.waiting = {1: 4, 2: 3}
    assert (await figures(metrics))["lawspeaker_queue_depth",] == 7


async def test_the_other_figures_are_shown_while_the_database_is_away(
    metrics: PrometheusMetrics, standing: Standing
) -> None:
    metrics.message()
    standing.broken = True
    seen = await figures(metrics)
    assert math.isnan(seen["lawspeaker_queue_depth",])
    assert seen["lawspeaker_messages_total",] == 1


async def test_the_judge_shows_whether_it_is_ready_its_restarts_repeats_and_its_model(
    metrics: PrometheusMetrics, standing: Standing
) -> None:
    assert (await figures(metrics))["lawspeaker_judge_ready",] == 0
    standing.judge = JudgeInfo("tiny", "ab12", ready=True, restarts=2, repeats=3)
    seen = await figures(metrics)
    assert seen["lawspeaker_judge_ready",] == 1
    assert seen["lawspeaker_judge_restarts_total",] == 2
    assert seen["lawspeaker_judge_repeats_total",] == 3
    assert seen["lawspeaker_judge_info", "tiny", "ab12"] == 1


async def test_two_bots_in_one_process_count_each_for_itself(standing: Standing) -> None:
    first, second = (PrometheusMetrics(standing.backlog, standing.info) for _ in range(2))
    first.message()
    assert (await figures(second))["lawspeaker_messages_total",] == 0
    assert b"lawspeaker" not in prometheus_client.generate_latest()
