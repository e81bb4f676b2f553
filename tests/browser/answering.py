"""An application of the test's own: it takes its interactions from the gateway and answers them as the test says."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bot.sandbox.model import Application
from tests.browser.silent import silent
from tests.stage import SECONDS, Scene

Json = dict[str, Any]
MESSAGE, DEFERRED, MODAL = 4, 5, 9


class Answering:
    """Answers through the interactions' own routes, as any application does."""

    def __init__(self, scene: Scene) -> None:
        self.application: Application = silent(scene)
        self._base: str = scene.server.api_base
        self._session = scene.server.hub.open(self.application.bot, 0)
        self._session.queue = asyncio.Queue()

    async def next(self) -> Json:
        """The next interaction."""
        async with asyncio.timeout(SECONDS):
            while True:
                frame = await self._session.queue.get()
                if isinstance(frame, dict) and frame["t"] == "INTERACTION_CREATE":
                    interaction: Json = frame["d"]
                    return interaction

    async def answer(self, interaction: Json, kind: int, data: Json) -> None:
        """Give an interaction its first answer."""
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        await self._request("POST", path, {"type": kind, "data": data})

    async def settle(self, interaction: Json, body: Json) -> None:
        """Say what a deferred answer has become."""
        path = f"/webhooks/{self.application.id}/{interaction['token']}/messages/@original"
        await self._request("PATCH", path, body)

    async def _request(self, method: str, path: str, body: Json) -> None:
        async with aiohttp.ClientSession() as session, session.request(method, self._base + path, json=body) as reply:
            assert reply.status < 300, await reply.text()
