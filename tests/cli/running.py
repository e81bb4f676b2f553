"""A command that is tried while a bot answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.judge.interface import JudgeInfo
from bot.web.health import Health
from bot.web.metrics import PrometheusMetrics
from bot.web.server import WebServer


def refused_while_a_bot_answers(run: Any, monkeypatch: pytest.MonkeyPatch, *command: object) -> str:
    """The sentence with which a command is refused while a bot answers on its web port."""

    async def backlog() -> dict[int, int]:
        return {}

    async def with_bot_running() -> str:
        metrics = PrometheusMetrics(backlog, lambda: JudgeInfo("tiny", "ab12", ready=True))
        server = WebServer("127.0.0.1", 0, Health(metrics, list))
        await server.start()
        monkeypatch.setenv("LAWSPEAKER_WEB_PORT", str(server.port))
        try:
            return str((await asyncio.to_thread(run, *command)).sentence)
        finally:
            await server.stop()

    return asyncio.run(with_bot_running())
