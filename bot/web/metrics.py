"""Figures for Prometheus: what the pipeline counted, and how the judge and the queue stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bot.judge.interface import JudgeInfo

log = structlog.get_logger(__name__)

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# Seconds. A judge on two cores needs about one for a message; a backlog may take minutes.
_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0)


class PrometheusMetrics:
    """Counts what the pipeline tells (see `bot.pipeline.metrics.Metrics`) in a registry of its own."""

    def __init__(
        self, backlog: Callable[[], Awaitable[Mapping[int, int]]], judge_info: Callable[[], JudgeInfo]
    ) -> None:
        """`backlog` tells how many submissions wait per server; `judge_info` how the judge stands."""
        self._backlog = backlog
        self._registry = CollectorRegistry(auto_describe=True)
        self._messages = Counter("lawspeaker_messages", "Submissions that were journalled.", registry=self._registry)
        self._backfilled = Counter(
            "lawspeaker_backfilled",
            "Messages that were missed, found in a channel's history and handed in.",
            registry=self._registry,
        )
        self._verdicts = Counter(
            "lawspeaker_verdicts", "Submissions decided on, by outcome.", ["outcome"], registry=self._registry
        )
        self._told_alike = Counter(
            "lawspeaker_told_alike",
            "Submissions that were told what messages nearly the same were, without asking the judge.",
            registry=self._registry,
        )
        self._actions = Counter(
            "lawspeaker_actions",
            "Actions that came to an end, by kind and outcome.",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._latency = Histogram(
            "lawspeaker_latency_seconds",
            "Time from a message's posting to the decision on it.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._queue = Gauge(
            "lawspeaker_queue_depth", "Submissions that wait or are being judged.", registry=self._registry
        )
        self._registry.register(_JudgeCollector(judge_info))

    def message(self) -> None:
        """A submission was journalled."""
        self._messages.inc()

    def backfilled(self) -> None:
        """A message that was missed was found in a channel's history and handed in."""
        self._backfilled.inc()

    def verdict(self, outcome: str, seconds: float) -> None:
        """A submission was decided on, `seconds` after it was posted."""
        self._verdicts.labels(outcome).inc()
        self._latency.observe(seconds)

    def told_alike(self) -> None:
        """A submission was told what like messages were, and the judge was not asked."""
        self._told_alike.inc()

    def action(self, kind: str, outcome: str) -> None:
        """An action was done, failed or skipped."""
        self._actions.labels(kind, outcome).inc()

    async def render(self) -> bytes:
        """All figures in Prometheus' text format; the queue's depth is NaN where the store does not tell it."""
        try:
            self._queue.set(sum((await self._backlog()).values()))
        except Exception:
            log.exception("queue_depth_unknown")
            self._queue.set(float("nan"))
        return generate_latest(self._registry)


class _JudgeCollector(Collector):
    """Asks the judge at each scrape."""

    def __init__(self, info: Callable[[], JudgeInfo]) -> None:
        self._info = info

    def collect(self) -> Iterator[Metric]:
        info = self._info()
        yield GaugeMetricFamily("lawspeaker_judge_ready", "Whether the judge can answer now.", value=float(info.ready))
        yield CounterMetricFamily(
            "lawspeaker_judge_restarts", "How often the judge's worker was restarted.", value=info.restarts
        )
        yield CounterMetricFamily(
            "lawspeaker_judge_repeats", "Verdicts that were given before for the same message.", value=info.repeats
        )
        about = GaugeMetricFamily(
            "lawspeaker_judge_info", "The model that judges; always 1.", labels=["model", "model_digest"]
        )
        about.add_metric([info.model, info.model_digest], 1.0)
        yield about
