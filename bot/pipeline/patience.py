"""Asking the database again: one that is away for a moment must lose no message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

RETRY_SECONDS = (0.2, 1.0, 5.0)


async def patiently(work: Callable[[], Awaitable[T]], event: str, **about: int) -> T:
    """What `work` gives; tried again after each of RETRY_SECONDS, logged as `event`, and what the last try raises."""
    for pause in RETRY_SECONDS:
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - whatever the database raises; the last try lets it through
            log.warning(event, error=type(error).__name__, **about)
            await asyncio.sleep(pause)
    return await work()
