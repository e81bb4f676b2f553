"""How many requests of a bucket may be under way at once: what its last answer said is left, one where none has come.

The library takes the first answer of a window for what is left, though it has sent more that Discord has not counted
yet: of as many callers at once Discord has to refuse some.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_KEPT = 1_000
# Discord says in milliseconds when a window ends, by a clock of its own: no two of a bucket are so close together.
_SAME_SECONDS = 0.05
HUNG_SECONDS = 60.0
"""One that is not answered for so long holds up no others any more."""


@dataclass(slots=True)
class _Bucket:
    """`limit` requests fit a window; in that which lasts until `ends`, `remaining` more than Discord has counted.

    `reset` is when that ends by Discord's clock, which tells it from others. `begun` says of each that is under way
    when it was sent, the first first; of one that was answered the last is taken, so that what hangs grows old.
    """

    begun: list[float] = field(default_factory=list)
    limit: int = 1
    remaining: int = 1
    reset: float = 0.0
    ends: float = 0.0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def under_way(self, now: float) -> int:
        """How many are, without those that hang."""
        return sum(now < one + HUNG_SECONDS for one in self.begun)

    def next_change(self, now: float) -> float:
        """When there may be room without an answer: the window is over, or one hangs."""
        return min(at for at in (self.ends, *(one + HUNG_SECONDS for one in self.begun)) if at > now)


class UnderWay:
    """Nothing waits here while no other request of its bucket is under way."""

    def __init__(self) -> None:
        """Nothing is under way, and nothing known of any bucket."""
        self._buckets: dict[str, _Bucket] = {}

    def has_room(self, name: str, now: float) -> bool:
        """Whether one more may be sent: Discord would take it also if it has counted none of those under way."""
        bucket = self._buckets.get(name)
        under_way = bucket.under_way(now) if bucket is not None else 0
        if bucket is None or under_way == 0:
            return True
        return under_way < (bucket.remaining if now < bucket.ends else bucket.limit)

    async def change(self, name: str, now: float) -> None:
        """Return when one that is under way was answered or failed, or hangs, or the window is over."""
        bucket, changed = self._buckets[name], asyncio.get_running_loop().create_future()
        bucket.waiting.append(changed)
        await asyncio.wait([changed], timeout=bucket.next_change(now) - now)

    def begin(self, name: str, now: float) -> None:
        """One more is sent."""
        if name not in self._buckets and len(self._buckets) >= MOST_KEPT:
            self._buckets = {key: one for key, one in self._buckets.items() if one.begun or now < one.ends}
        self._buckets.setdefault(name, _Bucket()).begun.append(now)

    def end(self, name: str, headers: Mapping[str, str], now: float) -> None:
        """One was answered, or failed: then there are no headers, and Discord may have counted it."""
        bucket = self._buckets[name]
        bucket.begun.pop()
        waiting, bucket.waiting = bucket.waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)
        try:
            limit, remaining = (int(headers[f"X-RateLimit-{part}"]) for part in ("Limit", "Remaining"))
            reset, after = (float(headers[f"X-RateLimit-{part}"]) for part in ("Reset", "Reset-After"))
        except (KeyError, ValueError):
            bucket.remaining -= 1
            return
        bucket.limit = limit
        if reset > bucket.reset + _SAME_SECONDS:
            bucket.remaining, bucket.reset, bucket.ends = remaining, reset, now + after
        elif reset > bucket.reset - _SAME_SECONDS:
            # Answers come in whatever order: the least is what was said last.
            bucket.remaining = min(bucket.remaining, remaining)
