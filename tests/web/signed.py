"""A second console of the stage's bot, to which one signs in through the sandbox, and browsers for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import discord
from aiohttp import web
from yarl import URL

from bot.sandbox.model import User
from bot.web.console.asked import Section
from bot.web.console.console import Console
from bot.web.console.discord_oauth import DiscordOAuth, Identity, OAuthClient
from bot.web.console.guard import LOOPBACK
from bot.web.console.memberships import Memberships
from bot.web.console.moderator import Guilds, Moderator
from bot.web.console.sessions import Session, Sessions
from bot.web.console.signing_in import SignInDoor, Tries
from bot.web.server import WebServer
from tests.stage import Scene

COOKIE = "lawspeaker_session"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 10_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Signed:
    """The console, served; `clock` is that of its sessions and of what it knows of members."""

    scene: Scene
    web: WebServer
    door: SignInDoor
    sessions: Sessions
    guilds: Guilds
    clock: Clock

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    @property
    def page(self) -> str:
        """The path of a page of the scene's server."""
        return f"/console/servers/{self.scene.guild.id}/now"

    def session(self, user: User) -> Session:
        """A session of somebody's, as after they signed in."""
        return self.sessions.begin(Moderator(Identity(user.id, user.name), self.guilds))


def console_of(scene: Scene) -> Console:
    """The console that the bot serves."""
    return next(part for part in scene.stage.trial.app.web.parts if isinstance(part, Console))


@asynccontextmanager
async def signed_console(
    scene: Scene, sections: Sequence[Section] | None = None, tries: Tries | None = None
) -> AsyncIterator[Signed]:
    """Serve a console with these sections, or those of the bot's own, registered with the sandbox's application."""
    sections = console_of(scene).sections if sections is None else sections
    app, application, clock = scene.stage.trial.app, scene.stage.trial.application, Clock()
    secret = application.secret
    oauth = OAuthClient(lambda: app.client.application_id, secret, lambda: discord.http.Route.BASE, "tests")
    guilds = Guilds(app.client, app.store, Memberships(clock))
    door = SignInDoor(DiscordOAuth(oauth), guilds, lambda: f"http://127.0.0.1:{web.port}", tries)
    sessions = Sessions(clock)
    web = WebServer("127.0.0.1", 0, Console(door, sections, sessions, own_hosts=LOOPBACK))
    await web.start()
    before = application.redirect_uris
    application.redirect_uris = before | {door.redirect_uri()}
    try:
        yield Signed(scene, web, door, sessions, guilds, clock)
    finally:
        application.redirect_uris = before
        await web.stop()


@dataclass(slots=True)
class Answer:
    """What a browser got: a status, what is shown, and where it is sent."""

    status: int
    text: str
    location: str
    headers: dict[str, str]

    @property
    def token(self) -> str:
        """The token that the page's forms bring back."""
        found = re.search(r'X-CSRF-Token": "([\w-]+)"', self.text)
        assert found is not None, self.text
        return found[1]


@dataclass(slots=True)
class Browser:
    """A browser with cookies of its own; it goes nowhere by itself."""

    signed: Signed
    http: aiohttp.ClientSession = field(
        default_factory=lambda: aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    )

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        return await self.ask("POST", path, form or {}, **headers)

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        url = path if "://" in path else self.signed.address + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, url, data=form, headers=named, allow_redirects=False) as got:
            return Answer(got.status, await got.text(), got.headers.get("Location", ""), dict(got.headers))

    def cookie(self, name: str = COOKIE) -> str:
        return next((one.value for one in self.http.cookie_jar if one.key == name), "")

    def bring(self, session: Session | str) -> None:
        """Bring a session along, whoever it belongs to."""
        value = session if isinstance(session, str) else session.id
        self.http.cookie_jar.update_cookies({COOKIE: value}, URL(self.signed.address))

    async def leave(self, wanted: str = "") -> str:
        """Off to Discord: the address there."""
        sent = await self.get(f"/console/sign-in/discord?next={wanted}")
        assert sent.status == 303, sent.text
        return sent.location

    async def agree(self, there: str, user: User) -> str:
        """Agree on the page there: the address one is sent back to."""
        sent = await self.ask("POST", there, {"answer": "authorize", "account": str(user.id)})
        assert sent.status == 302, sent.text
        return sent.location

    async def sign_in(self, user: User, wanted: str = "") -> Answer:
        """The whole way; what one gets at its end."""
        return await self.get(await self.agree(await self.leave(wanted), user))

    async def close(self) -> None:
        await self.http.close()


Opened = Callable[[], Browser]
"""Opens a browser, which is closed at the end of the test."""


def parameter(address: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


@asynccontextmanager
async def fake_discord(answer: Any, given_back: list[str], *, with_token: bool = True) -> AsyncIterator[DiscordOAuth]:
    """A Discord that answers a token and then `answer`, or `answer` at once; notes which tokens it is given back."""

    def told(value: Any) -> web.Response:
        return web.Response(body=value) if isinstance(value, bytes) else web.json_response(value)

    async def token(_: web.Request) -> web.Response:
        return told({"access_token": "t"} if with_token else answer)

    async def me(_: web.Request) -> web.Response:
        return told(answer)

    async def revoke(request: web.Request) -> web.Response:
        given_back.append(str((await request.post())["token"]))
        return web.json_response({})

    app = web.Application()
    app.add_routes(
        [web.post("/oauth2/token", token), web.get("/users/@me", me), web.post("/oauth2/token/revoke", revoke)]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield DiscordOAuth(OAuthClient(lambda: 17, "s", lambda: base, "tests"))
    finally:
        await runner.cleanup()
