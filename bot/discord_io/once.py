"""Requests that no library repeats by itself: what Discord failed at may have taken effect all the same.

discord.py asks again where Discord answers 500, 502 or 504, aiohttp where the connection is cut and the method, as that
of a kick or a ban, is called idempotent. By then a moderator may have lifted what the first request did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp
import discord

_once: ContextVar[bool] = ContextVar("once", default=False)


@contextmanager
def once() -> Iterator[None]:
    """Requests in here raise what goes wrong at once; whoever tries again is to look first what there is."""
    token = _once.set(True)
    try:
        yield
    finally:
        _once.reset(token)


def watching_once(trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
    """What the client is to be made with, so that `once` holds for its requests too, after what `trace` does."""
    trace.on_request_end.append(_raise_if_failed)
    trace.on_connection_create_start.append(_raise_if_again)
    trace.on_connection_reuseconn.append(_raise_if_again)
    return trace


async def _raise_if_failed(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
) -> None:
    if _once.get() and ended.response.status >= 500:
        # Read to its end, so that its connection is free again.
        raise discord.DiscordServerError(ended.response, await ended.response.text())


async def _raise_if_again(_session: aiohttp.ClientSession, context: SimpleNamespace, _connecting: object) -> None:
    """A connection is taken for a request, whose context is the same when it is made again."""
    if _once.get() and getattr(context, "was_made", False):
        raise aiohttp.ServerDisconnectedError
    context.was_made = True
