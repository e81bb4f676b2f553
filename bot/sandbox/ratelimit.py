"""Rate limits as Discord keeps them: buckets per caller, route and major parameter, and one over all requests."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

MAJOR = ("channel_id", "guild_id", "webhook_id")
"""A route's bucket is its own for each value of these parameters (Discord's documentation, "Rate Limits")."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request too many: when to come again, in seconds, and whether all requests are meant."""

    retry_after: float
    everywhere: bool


class RateLimits:
    """Counts requests. `limits` holds limits of single routes by (method, template); `default` is for all others."""

    def __init__(
        self,
        default: Limit = Limit(50, 1.0),
        overall: Limit = Limit(50, 1.0),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """With the limit of a route and the one over all routes, for each caller."""
        self.limits: dict[tuple[str, str], Limit] = {}
        self.default = default
        self.overall = overall
        self.invalid = Limit(10_000, 600.0)
        """Refused requests (401, 403, 429) from one address, before it is shut out for the rest of the window."""
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def take(
        self, caller: str, method: str, template: str, major: str, *, counted_overall: bool = True
    ) -> tuple[dict[str, str], Refusal | None]:
        """Count one request: the headers of its answer, and the refusal if it is one too many.

        Answers to interactions do not count over all routes.
        """
        limit = self.limits.get((method, template), self.default)
        name = hashlib.md5(f"{method} {template}".encode(), usedforsecurity=False).hexdigest()
        refusal = None
        if counted_overall:
            refusal = self._count(f"{caller} all", self.overall, everywhere=True)
        key = f"{caller} {name} {major}"
        refusal = refusal or self._count(key, limit, everywhere=False)
        window = self._windows.get(key) or _Window(self._clock() + limit.seconds)
        after = max(window.ends - self._clock(), 0.0)
        headers = {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(max(limit.requests - window.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }
        return headers, refusal

    def note_invalid(self, address: str) -> None:
        """Count a request that was refused."""
        self._count(f"{address} invalid", self.invalid, everywhere=True)

    def shut_out(self, address: str) -> float | None:
        """For how many seconds yet an address is shut out; None where it is not."""
        window = self._windows.get(f"{address} invalid")
        if window is None or window.used < self.invalid.requests or window.ends <= self._clock():
            return None
        return window.ends - self._clock()

    def _count(self, key: str, limit: Limit, *, everywhere: bool) -> Refusal | None:
        now = self._clock()
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            if len(self._windows) > 10_000:
                self._windows = {name: one for name, one in self._windows.items() if one.ends > now}
            window = self._windows[key] = _Window(now + limit.seconds)
        if window.used >= limit.requests:
            return Refusal(math.ceil((window.ends - now) * 1000) / 1000, everywhere)
        window.used += 1
        return None
