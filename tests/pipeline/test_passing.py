"""What may pass by itself, and for how long nobody asks while Discord's proxy shuts the bot out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.pipeline.passing import LONGEST_QUIET_SECONDS, Quiet, may_pass


def answered(status: int, **headers: str) -> discord.HTTPException:
    """What the library raises for an answer of Discord, or of the proxy before it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response: Any = SimpleNamespace(status=status, reason="", headers=named)
    return discord.HTTPException(response, "")


@pytest.mark.parametrize(
    "error",
    [
        *map(answered, (401, 408, 429, 500, 502, 503, 504, 524)),
        aiohttp.ClientConnectionError(),
        OSError(),
        TimeoutError(),
    ],
    ids=str,
)
def test_what_may_pass(error: Exception) -> None:
    assert may_pass(error)


@pytest.mark.parametrize("error", [*map(answered, (400, 403, 404, 405, 413)), ValueError(), KeyError()], ids=repr)
def test_what_does_not_pass(error: Exception) -> None:
    assert not may_pass(error)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (answered(429, Retry_After="7"), 7.0),
        (answered(429, Retry_After="999999999"), LONGEST_QUIET_SECONDS),
        (answered(429, Retry_After="7", Via="1.1 google"), 0.0),
        (answered(429, Retry_After="soon"), 0.0),
        (answered(429), 0.0),
        (answered(503, Retry_After="7"), 0.0),
        (OSError(), 0.0),
    ],
)
def test_only_the_proxy_is_heeded_and_not_for_ever(error: Exception, seconds: float) -> None:
    quiet = Quiet()
    quiet.heed(error)
    assert max(seconds - 5.0, 0.0) <= quiet.left <= seconds


def test_a_shorter_wish_does_not_shorten_a_longer_one() -> None:
    quiet = Quiet()
    quiet.heed(answered(429, Retry_After="60"))
    quiet.heed(answered(429, Retry_After="1"))
    assert quiet.left > 30.0
