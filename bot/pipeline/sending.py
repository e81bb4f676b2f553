"""Sending again what Discord may have taken already: with the same nonce it is posted once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import discord

AGAIN_SECONDS = 2.0

_LOST = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


async def again_if_lost(send: Callable[[], Awaitable[object]]) -> None:
    """Send, and once more after AGAIN_SECONDS where the answer was lost; raises what the second try raises.

    `send` has the same nonce each time. For what is not tried again later on, as the actions of a case are.
    """
    try:
        await send()
    except _LOST:
        await asyncio.sleep(AGAIN_SECONDS)
        await send()
