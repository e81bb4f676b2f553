"""What the worker takes on together."""

from __future__ import annotations

import queue
import sys
from typing import Any

import pytest

from bot.domain.policy_text import parse_policy
from bot.judge import alive, worker
from bot.judge.engine import Engine, EngineSettings
from bot.judge.models import ModelFile
from bot.judge.worker import Worker


class AMomentApart(queue.Queue[dict[str, Any]]):
    """Each request is there only for whoever waits for it; nothing is there at once."""

    def get(self, block: bool = True, timeout: float | None = None) -> dict[str, Any]:
        if not block:
            raise queue.Empty
        return super().get(block=False)


class Explanations:
    """Some to write, or none."""

    def __init__(self, waiting: bool) -> None:
        self.waiting = waiting

    def __bool__(self) -> bool:
        return self.waiting


def a_worker(explanations: bool) -> Worker:
    return Worker(None, Explanations(explanations), lambda _: None)  # type: ignore[arg-type]


def requests_of(kind: type[queue.Queue[dict[str, Any]]], count: int) -> queue.Queue[dict[str, Any]]:
    requests = kind()
    for number in range(count):
        requests.put({"id": number})
    return requests


def test_requests_that_come_a_moment_apart_are_answered_together() -> None:
    taken = a_worker(explanations=False).together(requests_of(AMomentApart, 5))
    assert [request["id"] for request in taken] == [0, 1, 2, 3, 4]


def test_one_call_takes_no_more_than_the_model_reads_well_at_once() -> None:
    requests = requests_of(queue.Queue, 40)
    taking = a_worker(explanations=False)
    assert [len(taking.together(requests)), len(taking.together(requests))] == [32, 8]


def test_long_texts_are_fewer_together_so_that_no_verdict_waits_for_the_last_of_many() -> None:
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    for number in range(6):
        requests.put({"id": number, "text": "a" * 2_500})
    taking = a_worker(explanations=False)
    assert [len(taking.together(requests)), len(taking.together(requests))] == [3, 3]


def test_a_long_judgement_gives_signs_of_life_but_not_with_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    sign = alive.SignOfLife(sent.append, "judging")
    sign()
    assert sent == []
    monkeypatch.setattr(alive, "ALIVE_SECONDS", 0.0)
    sign()
    assert sent == [{"event": "progress", "what": "judging"}]


@pytest.mark.model
def test_the_worker_gives_them_while_it_judges(tiny: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive, "ALIVE_SECONDS", 0.0)
    monkeypatch.setattr(sys, "argv", ["worker", str(tiny.path), tiny.digest])
    sent: list[dict[str, Any]] = []
    policy = parse_policy("1. No scams. [delete]")
    engine = Engine(tiny.path, EngineSettings(context_tokens=4_096, batch_tokens=128, sequences=64, threads=1))
    try:
        asked = {"id": 1, "op": "classify", "digest": policy.digest, "source": policy.source, "text": "hello"}
        worker._worker(engine, sent.append).answer([{**asked, "seen": None}])  # type: ignore[list-item,arg-type]
    finally:
        engine.close()
    assert {"event": "progress", "what": "judging"} in sent[:-1]
    assert sent[-1]["id"] == 1


def test_where_explanations_are_being_written_nothing_is_waited_for() -> None:
    assert a_worker(explanations=True).together(requests_of(AMomentApart, 1)) == []
