"""The health endpoints: alive, ready or what is missing, and figures."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.judge.interface import JudgeInfo
from bot.web.health import Health
from bot.web.metrics import PrometheusMetrics
from bot.web.probe import bot_answers, port_is_free
from bot.web.server import WebError, WebServer

MISSING: list[str] = []


async def _backlog() -> dict[int, int]:
    return {}


def make_server(port: int = 0, host: str = "127.0.0.1") -> WebServer:
    metrics = PrometheusMetrics(_backlog, lambda: JudgeInfo("tiny", "ab12", ready=True))
    return WebServer(host, port, Health(metrics, lambda: list(MISSING)))


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    MISSING.clear()
    made = make_server()
    await made.start()
    yield made
    await made.stop()


async def get(server: WebServer, path: str) -> tuple[int, str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}{path}") as response,
    ):
        return response.status, response.headers["Content-Type"], await response.text()


async def test_healthz_is_ok_even_while_something_is_missing(server: WebServer) -> None:
    MISSING.append("discord")
    status, _, body = await get(server, "/healthz")
    assert (status, body) == (200, "ok")


async def test_readyz_is_503_and_names_what_is_missing_until_nothing_is(server: WebServer) -> None:
    MISSING.extend(["discord", "judge"])
    status, kind, body = await get(server, "/readyz")
    assert (status, json.loads(body)) == (503, {"ready": False, "missing": ["discord", "judge"]})
    assert kind.startswith("application/json")
    MISSING.clear()
    status, _, body = await get(server, "/readyz")
    assert (status, json.loads(body)) == (200, {"ready": True, "missing": []})


async def test_metrics_are_served_in_prometheus_form(server: WebServer) -> None:
    status, kind, body = await get(server, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "# TYPE lawspeaker_messages_total counter" in body


async def test_nothing_else_is_served(server: WebServer) -> None:
    assert (await get(server, "/"))[0] == 404


async def test_a_taken_port_is_one_sentence_that_names_the_variable(server: WebServer) -> None:
    with pytest.raises(WebError, match=r"^Port \d+ is taken: set LAWSPEAKER_WEB_PORT .*\.$"):
        await make_server(server.port).start()


async def test_a_host_of_another_machine_is_one_sentence_that_names_the_variable() -> None:
    with pytest.raises(WebError, match="LAWSPEAKER_WEB_HOST"):
        await make_server(host="192.0.2.1").start()


async def test_the_port_is_free_again_after_stop(server: WebServer) -> None:
    port = server.port
    await server.stop()
    again = make_server(port)
    await again.start()
    assert again.port == port
    await again.stop()


async def test_stop_without_start_does_nothing() -> None:
    await make_server().stop()


async def test_a_running_bot_is_told_from_other_programs_and_from_nothing(server: WebServer) -> None:
    assert await asyncio.to_thread(bot_answers, "127.0.0.1", server.port)
    assert await asyncio.to_thread(bot_answers, "0.0.0.0", server.port)
    assert not port_is_free("127.0.0.1", server.port)
    with socket.create_server(("127.0.0.1", 0)) as other:
        silent = other.getsockname()[1]
        other.listen()
        assert not port_is_free("127.0.0.1", silent)
    assert port_is_free("127.0.0.1", silent)
    assert not await asyncio.to_thread(bot_answers, "127.0.0.1", silent)
    assert not bot_answers("127.0.0.1", 0)
