"""When a request to Discord may be sent: not while Discord asked for a pause, nor so that it would have to refuse it.

The library waits for a bucket that its headers say is used up, until an answer that was sent earlier comes in later. It
does not hold back what else is under way where the limit over all routes was hit, or a bucket by others; it goes on
where the proxy before Discord shuts the address out; and it does not count what is refused. So every request that it
sends passes here, each further try of its own too.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import aiohttp
import discord
import structlog

from bot.discord_io.under_way import UnderWay

log = structlog.get_logger(__name__)

MOST_INVALID = 3_333
INVALID_SECONDS = 600.0
"""Discord shuts an address out after 10,000 invalid requests in ten minutes: the bot stops at a third of them."""
MOST_A_SECOND = 45
"""Of the 50 that Discord takes, so that those of two seconds that the network brings at once are not too many."""
MOST_CONNECTIONS = 10
CONNECTION_SECONDS = 30.0
"""The library connects to the gateway anew at once, as often as it is cut off."""
LOGINS_AT_ONCE = 250
LOGIN_SECONDS = 120.0
"""Discord resets the token of a bot that logs in to the gateway more than 1,000 times a day: here that is 970 at
most, and after however bad an hour the next is two minutes away."""
LONGEST_SHUT_OUT_SECONDS = 3_600.0
SHUT_OUT_SECONDS = 60.0
"""Where the proxy does not say for how long."""
_INVALID = frozenset({401, 403, 429})
_ANSWERS = ("interactions", "webhooks")
"""Answers to interactions: they have limits of their own, and are due within seconds."""


class Window:
    """At most so many of something in so many seconds, whenever one begins to count."""

    def __init__(self, most: int, seconds: float) -> None:
        """Nothing happened yet."""
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)

    def note(self, now: float) -> None:
        """One more; what counts no longer is forgotten."""
        while self._times and self._times[0] + self._seconds <= now:
            self._times.popleft()
        self._times.append(now)

    def left(self, now: float) -> float:
        """For how many seconds there may be no more of it."""
        if len(self._times) < (self._times.maxlen or 0):
            return 0.0
        return max(self._times[0] + self._seconds - now, 0.0)


class Allowance:
    """At most so many of something at once, and another one each so many seconds."""

    def __init__(self, at_once: int, seconds: float) -> None:
        """All of them may happen."""
        self._seconds = seconds
        self._in_advance = (at_once - 1) * seconds
        self._next_due = 0.0

    def note(self, now: float) -> None:
        """One more."""
        self._next_due = max(self._next_due, now) + self._seconds

    def left(self, now: float) -> float:
        """For how many seconds there may be no more of it."""
        return max(self._next_due - self._in_advance - now, 0.0)


class RequestGate:
    """Holds requests back, and learns from the answers for how long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Anything may be sent."""
        self._clock = clock
        self._shut_out_until = self._held_until = 0.0
        self._buckets: dict[str, float] = {}
        self._invalid = Window(MOST_INVALID, INVALID_SECONDS)
        self._sent = Window(MOST_A_SECOND, 1.0)
        self._connected = Window(MOST_CONNECTIONS, CONNECTION_SECONDS)
        self._logins = Allowance(LOGINS_AT_ONCE, LOGIN_SECONDS)
        self._under_way = UnderWay()

    def trace(self) -> aiohttp.TraceConfig:
        """What makes a session's requests pass here."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        trace.on_request_exception.append(self._failed)
        return trace

    async def before_login(self) -> None:
        """Return when the gateway may be asked for a new session, and count it."""
        if left := self._logins.left(self._clock()):
            log.error("too_many_logins", held_back_seconds=round(left))
            await asyncio.sleep(left)
        self._logins.note(self._clock())

    def left(self, method: str, url: str) -> float:
        """For how many seconds yet a request must not be sent."""
        now = self._clock()
        path = _path(url)
        if path is None:
            return self._connected.left(now) if _is_gateway(url) else 0.0
        holds = [self._shut_out_until - now, self._buckets.get(_bucket(method, path), 0.0) - now]
        if path[0] not in _ANSWERS:
            holds += [self._held_until - now, self._invalid.left(now), self._sent.left(now)]
        return max(0.0, *holds)

    def sent(self, url: str) -> None:
        """A request is sent now."""
        path = _path(url)
        if path is not None and path[0] not in _ANSWERS:
            self._sent.note(self._clock())
        elif _is_gateway(url):
            self._connected.note(self._clock())

    def heed(self, method: str, url: str, status: int, headers: Mapping[str, str]) -> None:
        """What an answer says of the requests to come."""
        path = _path(url)
        if path is None:
            return
        if status != 429 and headers.get("X-RateLimit-Remaining") == "0":
            self._hold(_bucket(method, path), _seconds(headers, "X-RateLimit-Reset-After", 0.0))
        if status not in _INVALID:
            return
        now, scope = self._clock(), headers.get("X-RateLimit-Scope")
        if scope != "shared":
            self._invalid.note(now)
            if left := self._invalid.left(now):
                log.error("too_many_requests_refused", held_back_seconds=round(left))
        if status != 429:
            return
        # Discord's own answers come by way of its proxies, and say so.
        if "Via" not in headers:
            seconds = min(_seconds(headers, "Retry-After", SHUT_OUT_SECONDS), LONGEST_SHUT_OUT_SECONDS)
            self._shut_out_until = max(self._shut_out_until, now + seconds)
            log.error("shut_out_by_proxy", seconds=round(seconds))
        elif scope == "global" or "X-RateLimit-Global" in headers:
            self._held_until = max(self._held_until, now + _seconds(headers, "Retry-After", 0.0))
        else:
            self._hold(_bucket(method, path), _seconds(headers, "Retry-After", 0.0))

    def _hold(self, bucket: str, seconds: float) -> None:
        now = self._clock()
        self._buckets = {name: until for name, until in self._buckets.items() if until > now}
        self._buckets[bucket] = max(self._buckets.get(bucket, 0.0), now + seconds)

    async def _before(
        self, _session: object, context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        url = str(request.url)
        path = _path(url)
        bucket = _bucket(request.method, path) if path is not None and path[0] not in _ANSWERS else None
        while True:  # what is to be waited for may become longer meanwhile
            if left := self.left(request.method, url):
                await asyncio.sleep(left)
            elif bucket is not None and not self._under_way.has_room(bucket, self._clock()):
                await self._under_way.change(bucket, self._clock())
            else:
                break
        self.sent(url)
        if bucket is not None:
            self._under_way.begin(bucket, self._clock())
            context.under_way = bucket

    async def _after(self, _session: object, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams) -> None:
        self.heed(request.method, str(request.url), request.response.status, request.response.headers)
        self._end(context, request.response.headers)

    async def _failed(self, _session: object, context: SimpleNamespace, _request: object) -> None:
        self._end(context, {})

    def _end(self, context: SimpleNamespace, headers: Mapping[str, str]) -> None:
        """It is under way no more; one that is answered may fail afterwards, by what others do with the answer."""
        bucket: str | None = context.__dict__.pop("under_way", None)
        if bucket is not None:
            self._under_way.end(bucket, headers, self._clock())


def _path(url: str) -> list[str] | None:
    """The parts of a request's path; None where it does not go to the API."""
    base = discord.http.Route.BASE + "/"
    return url.removeprefix(base).partition("?")[0].split("/") if url.startswith(base) else None


def _is_gateway(url: str) -> bool:
    return url.startswith(("ws:", "wss:"))


def _bucket(method: str, path: list[str]) -> str:
    """What Discord counts together: a route and what it is about first, whatever message or member follows."""
    return " ".join([method, *path[:2], *("*" if part.isdecimal() else part for part in path[2:])])


def _seconds(headers: Mapping[str, str], name: str, unsaid: float) -> float:
    try:
        return max(float(headers.get(name, "")), 0.0)
    except ValueError:
        return unsaid
