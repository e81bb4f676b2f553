"""What may pass by itself, as where Discord is away or takes no more requests for now: it is tried again."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import discord

_PASSING = frozenset({401, 408, 429})
"""Besides what Discord's side fails at: a token that is being renewed, a request that came too slowly, or too many."""
REQUEST_ERRORS = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request raises that Discord refused, or gave no answer to."""
LONGEST_QUIET_SECONDS = 3_600.0


def may_pass(error: BaseException) -> bool:
    """Whether the same request may be taken later, so that nothing is settled by its failing now."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status in _PASSING
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | OSError | TimeoutError)


class Quiet:
    """While Discord's proxy shuts this address out nobody asks: each request would make it last longer.

    The library waits by itself for what Discord limits, and only gives up where the proxy before it refuses.
    """

    def __init__(self) -> None:
        """Anybody may ask."""
        self._until = 0.0

    def heed(self, error: BaseException) -> None:
        """Be quiet for as long as an error asks for, if it does."""
        self._until = max(self._until, time.monotonic() + _shut_out_for(error))

    @property
    def left(self) -> float:
        """For how many seconds yet; 0 where anybody may ask."""
        return max(self._until - time.monotonic(), 0.0)

    async def over(self) -> None:
        """Return once it is."""
        while self.left:  # noqa: ASYNC110 - it may become longer meanwhile
            await asyncio.sleep(self.left)


def _shut_out_for(error: BaseException) -> float:
    """For how many seconds; 0 where this is nothing that the proxy says. Discord's own answers came `Via` it."""
    if not isinstance(error, discord.HTTPException) or error.status != 429 or error.response.headers.get("Via"):
        return 0.0
    try:
        wanted = float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return 0.0
    return min(max(wanted, 0.0), LONGEST_QUIET_SECONDS)
