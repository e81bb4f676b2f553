"""What the worker takes on together."""

from __future__ import annotations

import queue
from typing import Any

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
    worker = a_worker(explanations=False)
    assert [len(worker.together(requests)), len(worker.together(requests))] == [32, 8]


def test_where_explanations_are_being_written_nothing_is_waited_for() -> None:
    assert a_worker(explanations=True).together(requests_of(AMomentApart, 1)) == []
