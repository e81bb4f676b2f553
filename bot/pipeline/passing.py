"""What may pass by itself, as where Discord is away or takes no more requests for now: it is tried again."""

from __future__ import annotations

import aiohttp
import discord

_PASSING = frozenset({401, 408, 429})
"""Besides what Discord's side fails at: a token that is being renewed, a request that came too slowly, or too many."""
REQUEST_ERRORS = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request raises that Discord refused, or gave no answer to."""


def may_pass(error: BaseException) -> bool:
    """Whether the same request may be taken later, so that nothing is settled by its failing now."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status in _PASSING
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | OSError | TimeoutError)
