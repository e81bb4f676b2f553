"""Faults of all kinds at random moments, none of which ends the bot: requests, gateway, worker, database."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

from bot.sandbox.faults import Fault
from bot.sandbox.ratelimit import Limit
from tests.reliability.house import House

_MESSAGES, _MEMBER = "/channels/{channel_id}/messages", "/guilds/{guild_id}/members/{user_id}"
_MESSAGE, _BAN = _MESSAGES + "/{message_id}", "/guilds/{guild_id}/bans/{user_id}"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
ROUTES = (
    ("POST", _MESSAGES),
    ("GET", _MESSAGES),
    ("GET", _MESSAGE),
    ("PATCH", _MESSAGE),
    ("DELETE", _MESSAGE),
    ("POST", "/users/@me/channels"),
    ("GET", _MEMBER),
    ("PATCH", _MEMBER),
    ("DELETE", _MEMBER),
    ("GET", _BAN),
    ("PUT", _BAN),
    ("DELETE", _BAN),
    ("GET", "/guilds/{guild_id}/audit-logs"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("POST", _HOOK),
)
_FAILING = (500, 502, 503, 0)
"""Statuses; the last cuts the connection."""
CLOSES = (1001, 4000, 4008, 4009)
_LONGEST_DELAY, _LONGEST_PENDING = 2.0, 3.0
# Less than the supervisor takes a worker for one that cannot be kept running.
WORKER_LIVES = 8.0


class Weather:
    """Faults of a house; `counts` says how many of each there were."""

    def __init__(self, house: House, database: Path, chance: random.Random) -> None:
        self._house = house
        self._database = database
        self._chance = chance
        self._killed_at = 0.0
        self.counts: Counter[str] = Counter()

    async def rage(self, seconds: float) -> None:
        """Go on for so long, then be over."""
        ends = asyncio.get_running_loop().time() + seconds
        blowing = [
            asyncio.create_task(self._often(ends, pause, fault))
            for pause, fault in (
                (0.2, self._a_request_fails),
                (6.0, self._limits_are_tight),
                (4.0, self._the_gateway_is_odd),
                (6.0, self._something_is_told_twice),
                (12.0, self._the_database_is_locked),
                (15.0, self._the_worker_is_killed),
            )
        ]
        try:
            await asyncio.gather(*blowing)
        finally:
            for task in blowing:
                task.cancel()
            self._house.server.faults.clear()

    @property
    def faults(self) -> int:
        return sum(self.counts.values())

    async def _often(self, ends: float, pause: float, fault: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        while (wait := self._chance.expovariate(1 / pause)) < ends - loop.time():
            await asyncio.sleep(wait)
            await fault()

    async def _a_request_fails(self) -> None:
        """If anybody makes one of its route within a while: else faults of rare ones would pile up."""
        chance, faults = self._chance, self._house.server.faults
        method, template = chance.choice(ROUTES)
        delay = chance.uniform(0.0, _LONGEST_DELAY) if chance.random() < 0.3 else 0.0
        if chance.random() < 0.25:
            everywhere = chance.random() < 0.3
            body = {"message": "…", "retry_after": round(chance.uniform(0.1, 1.5), 3), "global": everywhere}
            fault = Fault(method, template, 429, body=body, delay=delay)
            name = "too many, everywhere" if everywhere else "too many on a route"
        else:
            status, after = chance.choice(_FAILING), chance.random() < 0.5
            fault = Fault(method, template, status, after=after, delay=delay)
            name = f"{status or 'connection cut'} {'after' if after else 'before'} the effect"
        faults.add(fault)
        await asyncio.sleep(chance.uniform(0.0, _LONGEST_PENDING))
        faults.withdraw(fault)
        self.counts[name] += fault.times == 0

    async def _limits_are_tight(self) -> None:
        """A while in which the sandbox's own limits refuse what comes too often."""
        limits = self._house.server.limits
        before = limits.default, limits.overall
        limits.default, limits.overall = Limit(3, 1.0), Limit(15, 1.0)
        self.counts["limits are tight"] += 1
        try:
            await asyncio.sleep(self._chance.uniform(0.5, 2.0))
        finally:
            limits.default, limits.overall = before

    async def _the_gateway_is_odd(self) -> None:
        gateway, bot = self._house.server.gateway, self._house.bot
        oddities: dict[str, Callable[[], None]] = {
            "asked to connect anew": lambda: gateway.reconnect(bot),
            "session invalid": lambda: gateway.invalidate(bot),
            "session to be resumed": lambda: gateway.invalidate(bot, resumable=True),
            "gateway gone": lambda: gateway.cut(bot, self._chance.choice(CLOSES)),
            "gateway gone, RESUME refused": lambda: gateway.lose(bot),
        }
        name = self._chance.choice(list(oddities))
        oddities[name]()
        self.counts[name] += 1

    async def _something_is_told_twice(self) -> None:
        for session in self._house.server.hub.of(self._house.bot):
            if session.queue is not None and session.sent:
                for frame in list(session.sent)[-self._chance.randint(1, 3) :]:
                    session.queue.put_nowait(frame)
                    self.counts["events told twice"] += 1

    async def _the_database_is_locked(self) -> None:
        await asyncio.to_thread(self._lock, asyncio.get_running_loop(), self._chance.uniform(0.1, 1.5))

    def _lock(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        """Write nothing for a while, so that nobody else can write."""
        connection = sqlite3.connect(self._database, timeout=10.0, isolation_level=None)
        with closing(connection), suppress(sqlite3.OperationalError):
            connection.execute("BEGIN IMMEDIATE")
            self.counts["database locked"] += 1
            asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop).result()
            connection.execute("ROLLBACK")

    async def _the_worker_is_killed(self) -> None:
        now = asyncio.get_running_loop().time()
        workers = self._house.life.workers()
        if workers and now - self._killed_at > WORKER_LIVES:
            self._killed_at = now
            with suppress(ProcessLookupError):
                os.kill(workers[0], signal.SIGKILL)
                self.counts["worker killed"] += 1
