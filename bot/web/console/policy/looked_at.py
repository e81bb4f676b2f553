"""The messages that other thresholds are tried on. Sliders ask several times a second: they are kept for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.backtest import Sample
from bot.store import Store
from bot.web.console.fresh import Fresh
from bot.web.console.visitor import Entry

LOOKED_AT = 500
KEPT_SECONDS = 20.0
MOST_KEPT = 16


_Who = tuple[int, int, frozenset[int]]
"""A server, somebody, and which of its channels they do not see."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The latest messages of a server and its reviewed cases, as far as somebody sees them; all have a verdict."""

    latest: tuple[Sample, ...]
    reviewed: tuple[Sample, ...]


class Looking:
    """Reads them, and keeps them for whoever looks at present."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Read from `store`; time is told by `clock`, in seconds."""
        self._store = store
        self._fresh: Fresh[_Who, LookedAt] = Fresh(KEPT_SECONDS, MOST_KEPT, clock)

    async def anew(self, entry: Entry) -> LookedAt:
        """As they are now, and as they will be for some seconds."""
        samples, sight = self._store.samples, entry.sight
        key = _who(entry)
        latest = await samples.latest(entry.guild.id, LOOKED_AT, sight.hidden)
        reviewed = await samples.reviewed(entry.guild.id, sight.hidden)
        found = LookedAt(
            tuple([one for one in latest if one.verdict is not None and not await sight.hides([one.submission])]),
            tuple([one for one in reviewed if one.verdict is not None and not await sight.hides([one.submission])]),
        )
        self._fresh.put(key, found)
        return found

    async def again(self, entry: Entry) -> LookedAt:
        """As they were a moment ago, where somebody looked then."""
        return self._fresh.get(_who(entry)) or await self.anew(entry)


def _who(entry: Entry) -> _Who:
    """Who looks, and by what sight: before any thread was looked up."""
    return entry.guild.id, entry.actor_id, entry.sight.hidden
