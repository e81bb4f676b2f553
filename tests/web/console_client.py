"""A browser without a window for tests of the console: it keeps its cookie and brings each page's token back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import aiohttp

from bot.sandbox.model import Channel, User
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.stage import Scene, until
from tests.web.signed import Browser, signed_console


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


@asynccontextmanager
async def signed_in(scene: Scene, user: User) -> AsyncIterator[Reader]:
    """Somebody of the server, who signed in to a console of the same bot."""
    async with signed_console(scene) as signed:
        browser = Browser(signed)
        browser.bring(signed.session(user))
        yield Reader(browser.http, f"{signed.address}/console/servers/{scene.guild.id}/")
        await browser.close()


async def secret_channel(scene: Scene) -> Channel:
    """A watched channel that moderators do not see, as the bot knows it by then."""
    unseen = {"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
    made: Channel = scene.server.places.create(scene.guild, {"name": "secret", "permission_overwrites": [unseen]})
    await scene.store.guilds.watch(scene.guild.id, made.id)

    async def known() -> bool:
        return scene.stage.trial.app.client.get_channel(made.id) is not None

    await until(known)
    return made
