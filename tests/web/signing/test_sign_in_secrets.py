"""Signing in: its limits and secrets, Discord's answers whatever they are, and how the settings open the console."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
import structlog
from aiohttp import web

from bot.logs import configure_logs, secrets_of
from bot.settings import load_settings
from bot.web.console import discord_oauth
from bot.web.console.build import build_console
from bot.web.console.discord_oauth import LARGEST_ANSWER, DiscordOAuth, OAuthClient, SignInError
from bot.web.console.keeping import COOKIE, Keeping
from bot.web.console.rate import Rate, RateLimit
from bot.web.console.sessions import Sessions
from bot.web.console.signing_in import ATTEMPT, Tries
from bot.web.server import WebServer
from tests.stage import Scene
from tests.web.client import Browser
from tests.web.signed import Signed, console_of, fake_discord, parameter, signed_console

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


# -- limits and secrets --------------------------------------------------------------------------------------


async def test_who_tries_too_often_is_told_when_to_try_again_and_stands_in_nobodys_way(scene: Scene) -> None:
    tries = Tries(RateLimit(Rate(3, 60.0)), RateLimit(Rate(5, 60.0)))
    async with signed_console(scene, [], tries) as signed:
        browser = Browser(signed.address)
        for _ in range(3):
            await browser.leave()
        for path in ("/console/sign-in/discord", "/console/signed-in?code=a&state=b"):
            shown = await browser.get(path)
            assert shown.status == 429
            assert 0 < int(shown.headers["Retry-After"]) <= 60
            assert "too many tries" in shown.text
        assert (await browser.get("/console/sign-in")).status == 200
        others = [await browser.get("/console/sign-in/discord", X_Forwarded_For=f"192.0.2.{n}") for n in range(3)]
        assert [one.status for one in others] == [303, 303, 429], "there is also a limit for all together"
        await browser.close()


async def test_no_secret_code_or_token_is_in_any_log(signed: Signed, browser: Browser) -> None:
    application = signed.scene.stage.trial.application
    stream = StringIO()
    settings = load_settings(oauth_client_secret=application.secret, log_level="debug")
    before = logging.root.handlers[:]
    configure_logs(settings, "debug", stream)
    try:
        back = await browser.agree(await browser.leave(), signed.scene.moderator)
        await browser.get(back)
        await browser.get("/console/signed-in?code=a-code&state=a-state")
        signed.scene.server.fail("POST", "/oauth2/token", 400, body={"error": "invalid_grant", "secret": "words"})
        await browser.get(await browser.agree(await browser.leave(), signed.scene.moderator))
    finally:
        logging.root.handlers[:] = before
    logged = stream.getvalue()
    assert "console_signed_in" in logged
    assert "sign_in_refused" in logged
    for secret in (application.secret, parameter(back, "code"), parameter(back, "state"), browser.cookie(), "words"):
        assert secret not in logged
    assert application.secret in secrets_of(settings)


async def test_the_cookies_are_for_this_host_alone_where_browsers_come_over_tls() -> None:
    response = web.Response()
    keeping = Keeping(Sessions(), is_secure=True)
    keeping.keep(response, keeping.sessions.begin(None))  # type: ignore[arg-type]
    keeping.keep_apart(response, ATTEMPT, "x", 600)
    for name in (COOKIE, ATTEMPT):
        cookie = response.cookies[f"__Host-{name}"]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")


async def test_the_cookies_of_loopback_are_out_of_reach_of_scripts_and_other_sites(
    signed: Signed, browser: Browser
) -> None:
    for path, name in (("/console/sign-in/discord", ATTEMPT),):
        async with browser.http.get(signed.address + path, allow_redirects=False) as got:
            cookie = got.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


# -- Discord's answers, whatever they are --------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "x" * 3},
        {"id": 17, "username": "a"},
        {"id": "9" * 30, "username": "a"},
        {"id": "17", "username": "a", "bot": True},
        [],
        "text",
        b"no JSON",
        b"{" * 100_000,
        b'"' + b"a" * (LARGEST_ANSWER + 1) + b'"',
    ],
)
async def test_an_answer_that_makes_no_sense_is_one_sentence(answer: Any) -> None:
    """The same with what comes instead of a token."""
    for with_token in (True, False):
        given_back: list[str] = []
        async with fake_discord(answer, given_back, with_token=with_token) as oauth:
            with pytest.raises(SignInError, match=r"^Discord.*\.$"):
                await oauth.identity("code", "verifier", "http://127.0.0.1/console/signed-in")
        assert given_back == (["t"] if with_token else [])


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"id": "17", "username": "ann", "global_name": "Ann"}, "Ann"),
        ({"id": "17", "username": "ann", "global_name": None}, "ann"),
        ({"id": "17", "username": " ", "global_name": ""}, "17"),
        ({"id": "17", "username": "a" * 5_000}, "a" * 100),
    ],
)
async def test_somebody_goes_by_the_name_they_chose(answer: Any, name: str) -> None:
    async with fake_discord(answer, []) as oauth:
        who = await oauth.identity("code", "verifier", "http://127.0.0.1/console/signed-in")
    assert (who.user_id, who.name) == (17, name)


async def test_a_discord_that_says_nothing_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_oauth, "SECONDS", 0.05)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with silent:
        with pytest.raises(SignInError, match="does not answer"):
            await DiscordOAuth(OAuthClient(lambda: 17, "s", lambda: base, "tests")).identity("c", "v", "http://x/")


async def test_the_secret_is_sent_nowhere_else_whatever_discord_says() -> None:
    leaked: list[str] = []

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async def elsewhere(request: web.Request) -> web.Response:
        leaked.append(await request.text())
        return web.json_response({"access_token": "t"})

    app = web.Application()
    app.add_routes([web.post("/oauth2/token", moved), web.post("/elsewhere", elsewhere)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with pytest.raises(SignInError):
        await DiscordOAuth(OAuthClient(lambda: 17, "s", lambda: base, "tests")).identity("c", "v", "http://x/")
    await runner.cleanup()
    assert leaked == []


async def test_before_the_bot_has_logged_in_nobody_can_sign_in() -> None:
    oauth = DiscordOAuth(OAuthClient(lambda: None, "s", lambda: "http://127.0.0.1:1/api/v10", "tests"))
    with pytest.raises(SignInError, match="still starting"):
        oauth.address("http://127.0.0.1/", "s", "c")


async def test_the_console_is_served_as_the_settings_open_it(scene: Scene) -> None:
    app = scene.stage.trial.app

    def built(**given: Any) -> Any:
        return build_console(load_settings(**given), app.client, app.store, [], lambda: 1)

    assert built() is not None
    with structlog.testing.capture_logs() as logs:
        assert built(web_host="0.0.0.0") is None
    assert [one["event"] for one in logs] == ["console_not_served"]
    assert "LAWSPEAKER_OAUTH_CLIENT_SECRET" in logs[0]["advice"]
    assert built(web_host="0.0.0.0", web_url="https://mod.example", oauth_client_secret="s") is not None


async def test_with_a_client_secret_set_one_signs_in_on_loopback_too(signed: Signed) -> None:
    app, application = signed.scene.stage.trial.app, signed.scene.stage.trial.application
    settings = load_settings(web_port=0, oauth_client_secret=application.secret)
    console = build_console(settings, app.client, app.store, console_of(signed.scene).sections, lambda: served.port)
    assert console is not None
    served = WebServer("127.0.0.1", 0, console)
    await served.start()
    application.redirect_uris |= {f"http://127.0.0.1:{served.port}/console/signed-in"}
    browser = Browser(replace(signed, web=served).address)
    try:
        assert (await browser.get(signed.page)).location.startswith("/console/sign-in?")
        assert (await browser.sign_in(signed.scene.moderator, signed.page)).location == signed.page
        assert (await browser.get(signed.page)).status == 200
    finally:
        await browser.close()
        await served.stop()
