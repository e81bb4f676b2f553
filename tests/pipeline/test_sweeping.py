"""Sweeps go on whatever one of them meets, and none waits for another."""

from __future__ import annotations

import asyncio

import pytest

from bot.pipeline import sweeping
from bot.pipeline.sweeping import Sweeping


async def test_a_sweep_that_fails_is_made_again_and_one_that_takes_long_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeping, "SWEEP_SECONDS", 0.0)
    tries, enough = 0, asyncio.Event()

    async def fails() -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            enough.set()
        raise OSError("the database is away")

    hanging = asyncio.Event()

    async def takes_long() -> None:
        hanging.set()
        await asyncio.Event().wait()

    both = Sweeping(long=takes_long, failing=fails)
    both.start()
    async with asyncio.timeout(30):
        await hanging.wait()
        await enough.wait()
        await both.stop()
