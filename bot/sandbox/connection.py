"""A user's connection to a Discord server: REST requests, and what the gateway says, kept in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import aiohttp

from bot.sandbox.answer import MemberError

Json = dict[str, Any]
File = tuple[str, bytes]
"""A file to post: its name and its bytes."""

_TRIES = 5


class UserConnection:
    """One user, logged in. `events` holds each gateway event since the start, as (name, data)."""

    def __init__(self, api_base: str, gateway_url: str, token: str) -> None:
        """Act as the user whose token it is; `api_base` is as `http://127.0.0.1:9000/api/v10`."""
        self._api_base = api_base.rstrip("/")
        self._gateway_url = gateway_url
        self._token = token
        self._waiting: list[tuple[Callable[[str, Json], bool], asyncio.Future[Json]]] = []
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._sequence: int | None = None
        self.session_id = ""
        self.user: Json = {}
        self.events: list[tuple[str, Json]] = []

    async def start(self) -> None:
        """Connect, and return once the server said READY."""
        self._session = aiohttp.ClientSession()
        socket = await self._session.ws_connect(self._gateway_url, max_msg_size=0)
        hello = json.loads((await socket.receive()).data)
        await socket.send_json(
            {"op": 2, "d": {"token": self._token, "properties": {"os": "linux", "browser": "", "device": ""}}}
        )
        beating = asyncio.create_task(self._beat(socket, hello["d"]["heartbeat_interval"] / 1000))
        self._tasks = [beating, asyncio.create_task(self._read(socket))]
        ready = await self.wait_for("READY", lambda _: True)
        self.session_id, self.user = ready["session_id"], ready["user"]

    async def stop(self) -> None:
        """Log out; what still waits for an event is cancelled."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for _, future in self._waiting:
            future.cancel()
        if self._session is not None:
            await self._session.close()

    async def wait_for(self, event: str, predicate: Callable[[Json], bool], timeout: float = 10) -> Json:  # noqa: ASYNC109
        """The first event of a name, since the start, that is accepted; TimeoutError after `timeout` seconds."""
        return await self.wait_until(lambda name, data: name == event and predicate(data), timeout)

    async def request(self, method: str, path: str, body: Any = None, files: Sequence[File] = ()) -> Any:
        """One REST request with the member's token; waits where the server asks to (429), at most five times."""
        assert self._session is not None, "start() first"
        for attempt in range(1, _TRIES + 1):
            content: Json = {}
            if files:
                form = aiohttp.FormData()
                form.add_field("payload_json", json.dumps(body), content_type="application/json")
                for index, (name, data) in enumerate(files):
                    form.add_field(f"files[{index}]", data, filename=name)
                content["data"] = form
            elif body is not None:
                content["json"] = body
            headers = {"Authorization": self._token}
            async with self._session.request(method, self._api_base + path, headers=headers, **content) as response:
                answer = await response.json(content_type=None) if response.status != 204 else None
            if response.status == 429 and attempt < _TRIES and isinstance(answer, dict):
                await asyncio.sleep(float(answer["retry_after"]))
                continue
            if response.status >= 400:
                raise MemberError.of(response.status, answer)
            return answer
        raise AssertionError("unreachable")

    async def wait_until(self, predicate: Callable[[str, Json], bool], seconds: float, since: int = 0) -> Json:
        """The first event from number `since` on that is accepted, those to come included; TimeoutError if none."""
        for name, data in self.events[since:]:
            if predicate(name, data):
                return data
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        entry = (predicate, future)
        self._waiting.append(entry)
        try:
            return await asyncio.wait_for(future, seconds)
        finally:
            self._waiting.remove(entry)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            payload = json.loads(frame.data)
            if payload.get("s") is not None:
                self._sequence = payload["s"]
            if payload["op"] != 0:
                continue
            name, data = payload["t"], payload["d"]
            self.events.append((name, data))
            for predicate, future in list(self._waiting):
                if not future.done() and predicate(name, data):
                    future.set_result(data)

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, seconds: float) -> None:
        while not socket.closed:
            await asyncio.sleep(seconds)
            with suppress(ConnectionError):
                await socket.send_json({"op": 1, "d": self._sequence})
