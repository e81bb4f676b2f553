"""What the gateway refuses for good ends the bot with one sentence and no loop; anything else is tried again."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bot.app
import bot.discord_io.client
from bot.app import StartError
from bot.sandbox.faults import Effect
from bot.sandbox.link import HELLO, IDENTIFY
from bot.sandbox.server import SandboxServer
from bot.store import schema
from tests.addresses import give_back_addresses
from tests.cogs.scripted_stage import ScriptedJudge
from tests.pipeline.away import Lives

FATAL = {
    4004: "Discord refuses the token: copy it anew",
    4010: "The gateway closed the connection (code 4010)",
    4011: "The gateway closed the connection (code 4011)",
    4012: "The gateway closed the connection (code 4012)",
    4013: "The gateway closed the connection (code 4013)",
    4014: "The Message Content intent is off: switch it on",
}


@pytest.fixture
async def lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lives]:
    """A bot that has not begun."""
    monkeypatch.setattr(bot.app, "build_judge", lambda *_: ScriptedJudge())
    monkeypatch.setattr(bot.discord_io.client, "RECONNECT_SECONDS", 0.01)
    give_back_addresses(monkeypatch)
    server = SandboxServer()
    await server.start()
    lives = Lives(server, server.world.add_application("Lawspeaker"), tmp_path)
    await schema.upgrade(lives.store.url)
    yield lives
    await lives.end()
    await lives.store.close()
    await server.stop()


@pytest.mark.parametrize("code", FATAL)
async def test_at_the_start(lives: Lives, code: int) -> None:
    lives.server.gateway.faults.add(IDENTIFY, Effect.CLOSED, code=code, times=math.inf)
    with pytest.raises(StartError) as raised:
        await lives.begin()
    assert str(raised.value).startswith(FATAL[code])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("code", FATAL)
async def test_while_it_runs(lives: Lives, code: int) -> None:
    app = await lives.begin()
    gateway = lives.server.gateway
    gateway.faults.add(HELLO, Effect.CLOSED)
    gateway.cut(lives.application.bot, code)
    with pytest.raises(StartError) as raised:
        await app.wait_stopped()
    assert str(raised.value).startswith(FATAL[code])
    assert app.missing() == ["discord"]
    assert (gateway.identifies, gateway.resumes) == (1, 0)
    assert gateway.faults.next(HELLO) is not None, "nobody connects again"


async def test_a_first_connection_that_fails_is_made_again(lives: Lives) -> None:
    lives.server.gateway.faults.add(HELLO, Effect.CLOSED, times=3)
    lives.server.gateway.faults.add(HELLO, Effect.TORN, times=2)
    app = await lives.begin()
    assert app.missing() == []


async def test_a_gateway_that_says_nothing_keeps_the_bot_from_starting_and_it_says_so(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "READY_SECONDS", 0.5)
    lives.server.gateway.faults.add(HELLO, Effect.WITHHELD, times=math.inf)
    with pytest.raises(StartError, match=r"^Discord's gateway did not answer in time: check the network and try again"):
        await lives.begin()
