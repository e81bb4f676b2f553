"""A judge that reads one message after another, and so many a second: what comes faster waits."""

from __future__ import annotations

import asyncio
from functools import wraps
from typing import Any

PACE = "MESSAGES_JUDGED_A_SECOND"
"""In a bot's environment: how many those are; its judge reads as many as come where it is not set."""


def slow_down(judge: type[Any], a_second: float) -> None:
    """Let every judge of a class take its time."""
    classify, seconds, free_at = judge.classify, 1 / a_second, 0.0

    @wraps(classify)
    async def slowly(*arguments: Any, **named: Any) -> Any:
        nonlocal free_at
        now = asyncio.get_running_loop().time()
        free_at = max(free_at, now) + seconds
        await asyncio.sleep(free_at - now)
        return await classify(*arguments, **named)

    judge.classify = slowly
