"""Somebody who looks at the console without scripts: pages are got, forms are sent as a browser sends them."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.sandbox.model import Channel, Overwrite, User
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.stage import Scene, until
from tests.web.signed import COOKIE, signed_console


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that was shown, after redirects."""

    status: int
    path: str
    source: str

    @property
    def words(self) -> str:
        """What can be read on it, without markup."""
        body = self.source.partition("<main")[2]
        return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", body).split()))

    def cell(self, name: str) -> list[str]:
        """The words of the cells of a class."""
        found = re.findall(rf'<td[^>]*class="{name}[^"]*">(.*?)</td>', self.source, re.DOTALL)
        return [html.unescape(" ".join(re.sub(r"<[^>]*>", " ", cell).split())) for cell in found]

    def has_form(self, action: str) -> bool:
        """Whether a form is offered that is sent to an address that ends so."""
        return re.search(rf'action="[^"]*/{re.escape(action)}"', self.source) is not None


class Looking:
    """One browser on one server's pages."""

    def __init__(self, scene: Scene, session: aiohttp.ClientSession, port: int) -> None:
        self.scene = scene
        self._port = port
        self._session = session
        self._csrf = ""
        self.pushed = ""
        """The address that the last answer gave the page."""

    async def fragment(self, path: str) -> Shown:
        """The part of a page that takes another's place."""
        return await self.get(path, **{"HX-Request": "true"})

    async def get(self, path: str, **headers: str) -> Shown:
        """A page below the server's."""
        async with self._session.get(self._at(path), headers=headers) as response:
            return await self._read(response)

    async def send(self, path: str, **fields: object) -> Shown:
        """Send a form with the session's token, and be led on."""
        if not self._csrf:
            await self.get("cases")
        return await self.send_without_token(path, csrf=self._csrf, **fields)

    def speaking(self, language: str) -> None:
        """From here on the browser asks for pages in this language."""
        self._session.headers["Accept-Language"] = language

    async def send_without_token(self, path: str, **fields: object) -> Shown:
        """Send a form as it is given."""
        given = {name: str(value) for name, value in fields.items()}
        async with self._session.post(self._at(path), data=given) as response:
            return await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> Shown:
        source = await response.text()
        if found := re.search(r'"X-CSRF-Token": "([^"]+)"', source):
            self._csrf = found[1]
        self.pushed = response.headers.get("HX-Push-Url", "")
        path = response.url.path_qs.partition(f"/servers/{self.scene.guild.id}/")[2]
        return Shown(response.status, path, source)

    def _at(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/console/servers/{self.scene.guild.id}/{path}"


@asynccontextmanager
async def looking_as(scene: Scene, user: User) -> AsyncIterator[Looking]:
    """A member who has signed in to the scene's console."""
    async with signed_console(scene) as signed:
        cookies = {COOKIE: signed.session(user).id}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), cookies=cookies) as session:
            yield Looking(scene, session, signed.web.port)


async def hide(scene: Scene, channel: Channel) -> None:
    """Hide a channel from the scene's moderator, and wait until the bot has heard of it."""
    scene.server.places.set_overwrite(channel, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))

    async def is_hidden() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        assert guild is not None
        known, member = guild.get_channel(channel.id), await guild.fetch_member(scene.moderator.id)
        return known is not None and not known.permissions_for(member).view_channel

    await until(is_hidden)
