"""A second console of the stage's bot, to which one signs in through the sandbox, and browsers for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
from aiohttp import web

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
from tests.web.client import Browser, Pages


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


Opened = Callable[[], Browser]
"""Opens a browser, which is closed at the end of the test."""


def parameter(address: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


@asynccontextmanager
async def signed_in(scene: Scene, user: User) -> AsyncIterator[Pages]:
    """Somebody of the server, who signed in to a console of the same bot."""
    async with signed_console(scene) as signed:
        browser = Browser(signed.address)
        browser.bring(signed.session(user))
        try:
            yield Pages(browser, scene)
        finally:
            await browser.close()


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
