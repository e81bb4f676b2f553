"""How often somebody may try: token buckets, in memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

from bot.discord_io.request_gate import Allowance

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and one more each so many seconds."""

    burst: int
    seconds: float


class RateLimit:
    """Counts by key; the key that was used longest ago is forgotten where there are too many."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        """Time is told by `clock`, in seconds."""
        self._rate = rate
        self._clock = clock
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one; 0.0 where there was one, else the seconds until there is one, and none is taken."""
        now = self._clock()
        allowance = self._allowances.get(key) or Allowance(self._rate.burst, self._rate.seconds)
        # Sums of floats: a hair's breadth is no wait.
        if (too_soon := allowance.left(now)) > 1e-6:
            return too_soon
        allowance.note(now)
        self._allowances[key] = allowance
        self._allowances.move_to_end(key)
        while len(self._allowances) > MOST:
            self._allowances.popitem(last=False)
        return 0.0


def address_of(request: web.Request) -> str:
    """Where a request comes from, for counting: an IPv4 address or the network of an IPv6 one.

    A proxy on this machine writes last in X-Forwarded-For whom it speaks for; from elsewhere the header says nothing.
    """
    address = _parsed(request.remote or "")
    if address is not None and address.is_loopback:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).rpartition(",")[2].strip()
        address = _parsed(forwarded) or address
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> 64)
    return str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
