"""A server on loopback that speaks OpenAI's protocol, or does not, as the test says. No model."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.judge.remote.client import Client, Patience

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
MODEL = "big-model"
HASTY = Patience(tries=3, first_wait=0.01, longest_wait=0.2)


def spoken(text: str, tops: dict[str, float] | None = None) -> web.Response:
    """A chat answer: the text, and the first token's alternatives with their log-probabilities."""
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    if tops is not None:
        listed = [{"token": token, "logprob": value} for token, value in tops.items()]
        choice["logprobs"] = {"content": [{"token": text, "logprob": -0.1, "top_logprobs": listed}]}
    return web.json_response({"choices": [choice], "model": MODEL})


async def good(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Offers everything: Yes at 0.9 for a rule with `insult` in it, at 0.1 for any other; schemas are held to."""
    if "response_format" in body:
        return spoken(json.dumps(_by_schema(body["response_format"]["json_schema"]["schema"])))
    yes = "insult" in body["messages"][1]["content"].rsplit("break rule", 1)[1]
    return spoken("Yes", {"Yes": -0.1054, "No": -2.3026} if yes else {"No": -0.1054, "Yes": -2.3026})


def _by_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        key: "calls somebody a fool, which is an insult." if what["type"] == "string" else what["maximum"]
        for key, what in schema["properties"].items()
    }


@dataclass
class FakeServer:
    """What was asked of it, and how it answers from now on."""

    base: str = ""
    answer: Handler = good
    models: Any = field(default_factory=lambda: {"data": [{"id": MODEL, "owned_by": "us", "created": 1}]})
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        return web.json_response(self.models)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        return await self.answer(request, body)


@contextlib.asynccontextmanager
async def serving(server: FakeServer) -> AsyncIterator[FakeServer]:
    """Have the server listen; its address stands in `base` afterwards."""
    app = web.Application(client_max_size=10_000_000)
    app.router.add_get("/v1/models", server._list)
    app.router.add_post("/v1/chat/completions", server._answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield server
    finally:
        await runner.cleanup()


def client(server: FakeServer, seconds: float = 5.0) -> Client:
    """A client of this server that does not wait long between tries."""
    return Client(server.base, None, seconds, HASTY)
