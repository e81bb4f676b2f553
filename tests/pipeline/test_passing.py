"""What may pass by itself, and what does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.pipeline.passing import may_pass


def answered(status: int) -> discord.HTTPException:
    """What the library raises for an answer of Discord, or of the proxy before it."""
    response: Any = SimpleNamespace(status=status, reason="", headers={})
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
