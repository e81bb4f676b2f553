"""Asking the database again: one that is away for a moment must lose no message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.store import OutdatedError
from bot.store.trouble import refuses_a_value

log = structlog.get_logger(__name__)

T = TypeVar("T")

RETRY_SECONDS = (0.2, 1.0, 5.0)


class StillAwayError(Exception):
    """The database was asked time and again, in vain."""


async def patiently(work: Callable[[], Awaitable[T]], event: str, **about: int) -> T:
    """What `work` gives; tried again after each of RETRY_SECONDS, logged as `event`. StillAwayError after that.

    A value that the database refuses it would refuse again, and what is outdated stays so: that error comes through at
    once.
    """
    for pause in (*RETRY_SECONDS, None):
        try:
            return await work()
        except Exception as error:
            if refuses_a_value(error) or isinstance(error, OutdatedError):
                raise
            if pause is None:
                raise StillAwayError(event) from error
            log.warning(event, error=type(error).__name__, **about)
            await asyncio.sleep(pause)
    raise AssertionError("the last try returns or raises")
