"""A browser without a window for tests of the console: it keeps its cookie and brings each page's token back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape

import aiohttp
from aiohttp import web

from bot.domain.access import Standing
from bot.pipeline.slots import Slots
from bot.web.console.console import Console
from bot.web.console.operator import Operator
from bot.web.console.policy.section import PolicySection
from bot.web.console.sessions import Sessions
from bot.web.console.visitor import Entry, Visitor
from tests.stage import Scene

MODERATOR = Standing(is_administrator=False, manages=False, moderates=True, role_ids=frozenset())
NOBODY = Standing(is_administrator=False, manages=False, moderates=False, role_ids=frozenset())


@dataclass
class Reader:
    """Somebody who reads and posts below one server's address."""

    session: aiohttp.ClientSession
    base: str
    status: int = 0
    token: str = field(default="", repr=False)

    async def get(self, path: str, **query: str) -> str:
        """A page as it is written, with its entities."""
        async with self.session.get(self.base + path, params=query) as response:
            return await self._read(response)

    async def post(self, path: str, **form: str) -> str:
        """What a form is answered, as htmx sends it; names may have a colon, which stands as `__`."""
        if not self.token:
            await self.get("")
        fields = {name.replace("__", ":"): value for name, value in form.items()}
        headers = {"HX-Request": "true", "X-CSRF-Token": self.token}
        async with self.session.post(self.base + path, data=fields, headers=headers) as response:
            return await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> str:
        self.status = response.status
        shown = await response.text()
        if found := re.search(r'"X-CSRF-Token": "([^"]+)"', shown):
            self.token = found[1]
        return shown


def words(shown: str) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def field_of(shown: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', shown)
    assert found is not None, name
    return unescape(found[1])


@asynccontextmanager
async def operator(scene: Scene) -> AsyncIterator[Reader]:
    """Whoever sits at the bot's machine, on the console of the running bot."""
    base = f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Reader(session, base)


class _Seen:
    """The operator's sight but for some places."""

    def __init__(self, hidden: frozenset[int]) -> None:
        self.hidden = hidden

    async def cases(self, find: Callable[..., object]) -> list[object]:
        raise NotImplementedError

    async def hides(self, found: object) -> bool:
        return any(one.channel_id in self.hidden for one in found)  # type: ignore[attr-defined]

    async def sees(self, channel_id: int, parent_id: int | None = None) -> bool:
        return channel_id not in self.hidden


class _As:
    """A visitor who is somebody on the server."""

    name = "somebody"

    def __init__(self, scene: Scene, actor_id: int, standing: Standing, hidden: frozenset[int]) -> None:
        self._operator = Operator(scene.stage.trial.app.client, scene.store)
        self._given = {"actor_id": actor_id, "standing": standing, "sight": _Seen(hidden)}

    async def servers(self) -> list[object]:
        return []

    async def enter(self, guild_id: int) -> Entry:
        return replace(await self._operator.enter(guild_id), **self._given)  # type: ignore[arg-type]


class _Door:
    sign_in_path = "/"

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def greet(self) -> Visitor | None:
        return self._visitor


@asynccontextmanager
async def visiting(
    scene: Scene, actor_id: int, standing: Standing = MODERATOR, hidden: frozenset[int] = frozenset()
) -> AsyncIterator[Reader]:
    """Somebody of the server, on a console of their own over the same store and judge."""
    section = PolicySection(scene.store, scene.stage.trial.app.judge, Slots())
    visitor: Visitor = _As(scene, actor_id, standing, hidden)  # type: ignore[assignment]
    app = web.Application()
    Console(_Door(visitor), (section,), Sessions()).add_to(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            yield Reader(session, f"http://127.0.0.1:{port}/console/servers/{scene.guild.id}/")
    finally:
        await section.stop()
        await runner.cleanup()
