"""A storm of cases on a Discord that takes few requests: all is done once, and none is sent that was told to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bot.sandbox.ratelimit import Limit, Refusal
from tests.cogs.scripted_stage import running_stage
from tests.pipeline.given_up import DELETE, POST, READ, became
from tests.stage import Scene

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

CASES, A_WINDOW, SECONDS = 30, 5, 0.4
SHARED = {"X-RateLimit-Scope": "shared", "Retry-After": "0.3"}
SHARED_BODY = {"message": "You are being rate limited.", "retry_after": 0.3, "global": False}


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that asked for a pause: when it came, how long that lasts, and how the requests begin that it holds."""

    at: float
    until: float
    concerns: str


class Watched:
    """What the bot sent and was told, in the order in which it did and heard it."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[tuple[float, str]] = []
        self.refused: list[Refused] = []
        self.used_up: list[Refused] = []
        self.refused_by_limit: list[tuple[str, float]] = []
        gate, limits = scene.stage.trial.app.client.request_gate, scene.server.limits
        left, heed, take = gate.left, gate.heed, limits.take

        def left_of(method: str, url: str) -> float:
            # What need not wait is sent at once.
            seconds = left(method, url)
            if not seconds:
                self.sent.append((time.monotonic(), f"{method} {url}"))
            return seconds

        def heeded(method: str, url: str, status: int, headers: Mapping[str, str]) -> None:
            heed(method, url, status, headers)
            now, bucket = time.monotonic(), f"{method} {url.rpartition('/')[0]}"
            if status == 429:
                concerns = "" if headers["X-RateLimit-Scope"] == "global" else bucket
                self.refused.append(Refused(now, now + float(headers["Retry-After"]), concerns))
            elif headers.get("X-RateLimit-Remaining") == "0":
                self.used_up.append(Refused(now, now + float(headers["X-RateLimit-Reset-After"]), bucket))

        def taken(*request: str, counted_overall: bool) -> tuple[dict[str, str], Refusal | None]:
            headers, refusal = take(*request, counted_overall=counted_overall)
            if refusal is not None:
                self.refused_by_limit.append((" ".join(request), time.monotonic() + refusal.retry_after))
            return headers, refusal

        monkeypatch.setattr(gate, "left", left_of)
        monkeypatch.setattr(gate, "heed", heeded)
        monkeypatch.setattr(limits, "take", taken)

    def too_early(self) -> list[str]:
        """What was sent in spite of an answer that had come before."""
        return [
            request
            for at, request in self.sent
            if "/api/" in request and "/interactions/" not in request
            if any(
                one.at < at < one.until - 0.002 and request.startswith(one.concerns)
                for one in (*self.refused, *self.used_up)
            )
        ]

    def refused_in_windows(self, seconds: float) -> list[int]:
        """How many requests were refused in each window in which any was; windows of a bucket last so long."""
        windows: list[tuple[str, float]] = []
        counted: list[int] = []
        for bucket, ends in self.refused_by_limit:
            for number, (name, end) in enumerate(windows):
                if name == bucket and abs(end - ends) < seconds / 2:
                    counted[number] += 1
                    break
            else:
                windows.append((bucket, ends))
                counted.append(1)
        return counted


async def storm(scene: Scene) -> None:
    """Many messages at once of which each is deleted; return when each was, once, and stands in the mod log once."""
    await scene.break_rule("1")
    messages = [scene.post(f"spam {number}") for number in range(CASES)]
    cases = await asyncio.gather(*(scene.case(message) for message in messages))
    assert [became(case) for case in cases] == [{"delete": ("done", "")}] * CASES
    assert all(scene.gone(message) for message in messages)
    assert len({case.log_message_id for case in cases}) == len(list(scene.log.messages)) == CASES


async def test_where_the_headers_say_how_much_is_left_no_more_is_sent_but_what_crosses_the_end_of_a_window(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for route in (DELETE, POST, READ):
        monkeypatch.setitem(scene.server.limits.limits, route, Limit(A_WINDOW, SECONDS))
    watched = Watched(scene, monkeypatch)
    await storm(scene)
    assert watched.used_up
    assert watched.too_early() == []
    # How many windows the storm takes, and in how many of them something is under way as they begin, depends on the
    # machine. In none are more refused than the library sends once too often: it takes the first answer of a window
    # for what is left, though what is under way is still to be counted. That is as many as a window holds but for one.
    assert max(watched.refused_in_windows(SECONDS), default=0) < A_WINDOW


async def test_after_a_refusal_over_all_routes_nothing_is_sent_until_it_is_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.server.limits, "overall", Limit(12, 0.4))
    watched = Watched(scene, monkeypatch)
    await storm(scene)
    assert watched.refused_by_limit
    assert watched.too_early() == []


async def test_after_a_refusal_that_others_share_nothing_of_that_bucket_is_sent_until_it_is_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(scene, monkeypatch)
    for route in (DELETE, READ):
        scene.server.fail(*route, 429, times=4, body=SHARED_BODY, headers=SHARED)
    await storm(scene)
    assert len(watched.refused) >= 8
    assert watched.too_early() == []
