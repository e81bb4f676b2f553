"""Signing in to the console with Discord, through the sandbox's own flow, and what a session lets somebody see."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import discord
import pytest
import pytest_asyncio
import structlog
from aiohttp import web

from bot.domain.access import AccessChange, Group, Use, Who
from bot.logs import configure_logs, secrets_of
from bot.sandbox.permissions import MANAGE_MESSAGES, VIEW_CHANNEL
from bot.settings import load_settings
from bot.web.console import discord_oauth
from bot.web.console.asked import Asked, Page
from bot.web.console.build import build_console
from bot.web.console.discord_oauth import LARGEST_ANSWER, DiscordOAuth, OAuthClient, SignInError
from bot.web.console.keeping import Keeping
from bot.web.console.memberships import FRESH
from bot.web.console.rate import Rate, RateLimit
from bot.web.console.sessions import IDLE, LONGEST, Sessions
from bot.web.console.signing_in import ATTEMPT, Tries
from bot.web.server import WebServer
from tests.stage import Scene, until
from tests.web.signed import COOKIE, Browser, Signed, console_of, fake_discord, parameter, signed_console

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]
Opened = Callable[[], Browser]


@pytest_asyncio.fixture(loop_scope="session")
async def signed(scene: Scene) -> AsyncIterator[Signed]:
    async with signed_console(scene) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def opened(signed: Signed) -> AsyncIterator[Opened]:
    """Opens browsers."""
    browsers: list[Browser] = []

    def new() -> Browser:
        browsers.append(Browser(signed))
        return browsers[-1]

    yield new
    for browser in browsers:
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(opened: Opened) -> Browser:
    return opened()


class Changing:
    """A section with something to look at and something to change."""

    path = "changing"
    title = "Changing"
    use = Use(Group.CASES, Who.MODERATORS)

    def pages(self) -> list[Page]:
        async def look(_: Asked) -> web.Response:
            return web.Response(text="looked")

        async def change(_: Asked) -> web.Response:
            return web.Response(text="changed")

        return [Page("GET", self.path, self.use, look), Page("POST", self.path, self.use, change)]


def role_of(signed: Signed, role_id: int) -> discord.Role | None:
    """A role as the bot knows it."""
    guild = signed.scene.stage.trial.app.client.get_guild(signed.scene.guild.id)
    return guild.get_role(role_id) if guild is not None else None


# -- the way in ----------------------------------------------------------------------------------------------


async def test_who_is_not_signed_in_is_sent_to_do_so_and_then_to_the_page_they_wanted(
    signed: Signed, browser: Browser
) -> None:
    sent = await browser.get(signed.page)
    assert (sent.status, sent.location) == (303, f"/console/sign-in?next={quote(signed.page, safe='')}")
    shown = await browser.get(sent.location)
    assert shown.status == 200
    assert f"/console/sign-in/discord?next={quote(signed.page, safe='')}" in shown.text
    assert not browser.cookie(), "a session begins with signing in, not before"
    back = await browser.sign_in(signed.scene.moderator, signed.page)
    assert (back.status, back.location) == (303, signed.page)
    page = await browser.get(signed.page)
    assert page.status == 200
    assert signed.scene.moderator.name in page.text
    again = await browser.get("/console/sign-in")
    assert (again.status, again.location) == (303, "/console/"), "who is signed in goes on"


async def test_discord_is_asked_who_it_is_and_nothing_else(signed: Signed, browser: Browser) -> None:
    there = await browser.leave()
    assert there.startswith(signed.scene.server.api_base.removesuffix("/api/v10") + "/oauth2/authorize?")
    assert parameter(there, "scope") == "identify"
    assert parameter(there, "redirect_uri") == f"{signed.address}/console/signed-in"
    assert parameter(there, "code_challenge_method") == "S256"
    assert signed.scene.stage.trial.application.secret not in there


async def test_no_token_of_discords_outlives_the_sign_in(signed: Signed, browser: Browser) -> None:
    grants, application = signed.scene.server.world.grants, signed.scene.stage.trial.application
    await browser.sign_in(signed.scene.moderator)
    assert browser.cookie()
    assert not grants.covers(application, signed.scene.moderator, {"identify"})


async def test_a_token_is_given_back_also_when_discord_fails_after_it(signed: Signed, browser: Browser) -> None:
    grants, application = signed.scene.server.world.grants, signed.scene.stage.trial.application
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    signed.scene.server.fail("GET", "/users/@me", 500)
    shown = await browser.get(back)
    assert (shown.status, browser.cookie()) == (502, "")
    assert "Discord does not answer" in shown.text
    assert not grants.covers(application, signed.scene.moderator, {"identify"})


@pytest.mark.parametrize("status", [500, 429, 0])
async def test_when_discord_does_not_answer_a_sentence_says_so(signed: Signed, browser: Browser, status: int) -> None:
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    signed.scene.server.fail("POST", "/oauth2/token", status)
    shown = await browser.get(back)
    assert (shown.status, browser.cookie()) == (502, "")
    assert "Discord does not answer at the moment" in shown.text


async def test_who_does_not_agree_is_told_that_nobody_is_signed_in(signed: Signed, browser: Browser) -> None:
    sent = await browser.ask("POST", await browser.leave(signed.page), {"answer": "cancel"})
    shown = await browser.get(sent.location)
    assert (shown.status, browser.cookie()) == (403, "")
    assert "You did not agree" in shown.text
    assert f"/console/sign-in/discord?next={quote(signed.page, safe='')}" in shown.text


async def test_what_discord_refuses_by_itself_is_for_whoever_runs_the_bot(signed: Signed, browser: Browser) -> None:
    state = parameter(await browser.leave(), "state")
    shown = await browser.get(f"/console/signed-in?error=invalid_scope&state={state}")
    assert (shown.status, browser.cookie()) == (403, "")
    assert "whoever runs the bot" in shown.text


async def test_a_sign_in_is_worth_nothing_in_another_browser_or_a_second_time(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    victim = opened()
    await victim.leave()
    for other in (opened(), victim):
        shown = await other.get(back)
        assert (shown.status, other.cookie()) == (400, ""), "nobody is signed in as somebody else by a link"
    assert (await browser.get(back)).status == 303
    held = browser.cookie()
    assert (await browser.get(back)).status == 400
    assert browser.cookie() == held


async def test_a_code_of_another_sign_in_is_not_accepted(signed: Signed, browser: Browser, opened: Opened) -> None:
    thief = opened()
    stolen = parameter(await browser.agree(await browser.leave(), signed.scene.moderator), "code")
    there = await thief.leave()
    shown = await thief.get(f"/console/signed-in?code={stolen}&state={parameter(there, 'state')}")
    assert (shown.status, thief.cookie()) == (502, ""), "its challenge is another browser's"
    assert "sign in again" in shown.text


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=access_denied&state=x", "?state=%00&code=%FF"])
async def test_an_answer_to_nothing_is_one_sentence(browser: Browser, query: str) -> None:
    shown = await browser.get(f"/console/signed-in{query}")
    assert (shown.status, browser.cookie()) == (400, "")
    assert "sign in again" in shown.text


async def test_the_session_that_somebody_put_into_a_browser_is_not_the_one_that_is_signed_in(
    signed: Signed, browser: Browser
) -> None:
    planted = signed.session(signed.scene.member)
    browser.bring(planted)
    await browser.sign_in(signed.scene.moderator)
    assert browser.cookie() not in ("", planted.id)
    assert signed.sessions.find(planted.id) is None


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/healthz"])
async def test_after_signing_in_nobody_is_sent_elsewhere(signed: Signed, browser: Browser, wanted: str) -> None:
    back = await browser.sign_in(signed.scene.moderator, quote(wanted, safe=""))
    assert (back.status, back.location) == (303, "/console/")


# -- the way out, and the session's end ----------------------------------------------------------------------


async def test_signing_out_ends_the_session_and_needs_a_form_of_ours(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    await browser.sign_in(signed.scene.moderator)
    page, held = await browser.get(signed.page), browser.cookie()
    assert (await browser.post("/console/sign-out")).status == 403, "another site cannot sign somebody out"
    assert (await browser.get(signed.page)).status == 200
    out = await browser.post("/console/sign-out", {"csrf": page.token})
    assert (out.status, out.location, browser.cookie()) == (303, "/console/sign-in", "")
    late = opened()
    late.bring(held)
    assert (await late.get(signed.page)).status == 303
    assert (await late.post("/console/sign-out")).status == 303, "who is signed out may sign out"


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded; charset=x", "text/plain"])
async def test_a_form_that_is_none_is_out_of_date(signed: Signed, browser: Browser, kind: str) -> None:
    await browser.sign_in(signed.scene.moderator)
    sent = browser.http.post(f"{signed.address}/console/sign-out", data=b"csrf=a", headers={"Content-Type": kind})
    async with sent as answer:
        assert answer.status == 403
        assert "out of date" in await answer.text()


async def test_a_session_ends_after_two_hours_without_use_and_after_twelve_with_it(
    signed: Signed, browser: Browser
) -> None:
    await browser.sign_in(signed.scene.moderator)
    begun = signed.clock.now
    while signed.clock.now + IDLE / 2 < begun + LONGEST:
        signed.clock.now += IDLE / 2
        assert (await browser.get(signed.page)).status == 200
    signed.clock.now = begun + LONGEST + 1
    assert (await browser.get(signed.page)).status == 303
    await browser.sign_in(signed.scene.moderator)
    signed.clock.now += IDLE + 1
    assert (await browser.get(signed.page)).status == 303


async def test_a_page_that_asks_by_itself_keeps_no_session_open(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    page = await browser.get(signed.page)
    assert 'hx-headers=\'{"X-By-Itself": "yes"}\'' in page.text
    signed.clock.now += IDLE / 2
    assert (await browser.get(f"{signed.page}/live", X_By_Itself="yes")).status == 200
    signed.clock.now += IDLE / 2 + 1
    assert (await browser.get(f"{signed.page}/live", X_By_Itself="yes", HX_Request="true")).status == 403


async def test_a_page_that_asks_again_and_again_is_told_that_its_session_is_over(
    signed: Signed, browser: Browser
) -> None:
    shown = await browser.get(signed.page, HX_Request="true")
    assert shown.status == 403
    assert "sign in" in shown.text


# -- what a session lets somebody see ------------------------------------------------------------------------


async def test_a_moderator_sees_their_servers_and_no_other(signed: Signed, browser: Browser, opened: Opened) -> None:
    elsewhere = await signed.scene.stage.scene()
    signed.scene.server.world.join(elsewhere.guild, signed.scene.moderator)
    await browser.sign_in(signed.scene.moderator)
    chosen = await browser.get("/console/")
    assert (chosen.status, chosen.location) == (303, f"/console/servers/{signed.scene.guild.id}/")
    shown = await browser.get(f"/console/servers/{elsewhere.guild.id}/now")
    unknown = await browser.get("/console/servers/1/now")
    assert (shown.status, unknown.status) == (404, 404)
    assert "There is no such server, or you may not look at it." in shown.text
    assert "There is no such server, or you may not look at it." in unknown.text
    nobody = opened()
    await nobody.sign_in(signed.scene.member)
    assert "There is no server here that you may look at." in (await nobody.get("/console/")).text


async def test_rights_that_are_withdrawn_are_gone_with_the_next_change_and_soon_for_looking(scene: Scene) -> None:
    async with signed_console(scene, [Changing()]) as signed:
        browser = Browser(signed)
        await browser.sign_in(scene.moderator)
        token = (await browser.get("/console/servers/1/now")).token
        path = f"/console/servers/{scene.guild.id}/changing"
        assert (await browser.get(path)).text == "looked"
        assert (await browser.post(path, {"csrf": token})).text == "changed"
        scene.guild.members[scene.moderator.id].roles.clear()
        assert (await browser.post(path, {"csrf": token})).status == 404
        assert (await browser.get(path)).status == 404, "what the change learned holds for looking too"
        await browser.close()


async def test_what_is_known_of_a_member_holds_for_seconds(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    assert (await browser.get(signed.page)).status == 200
    signed.scene.guild.members[signed.scene.moderator.id].roles.clear()
    signed.clock.now += FRESH + 0.1
    assert (await browser.get(signed.page)).status == 404


async def test_a_role_that_loses_its_permission_counts_at_once(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    assert (await browser.get(signed.page)).status == 200
    role = signed.scene.guild.roles[signed.scene.moderator_role_id]
    role.permissions &= ~MANAGE_MESSAGES
    signed.scene.server.moderation.tell_role(signed.scene.guild, role, "UPDATE")

    async def is_known() -> bool:
        known = role_of(signed, role.id)
        return known is not None and not known.permissions.manage_messages

    await until(is_known)
    assert (await browser.get(signed.page)).status == 404


async def test_who_left_and_who_is_timed_out_sees_nothing_more(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    scene, world = signed.scene, signed.scene.server.world
    timed_out = opened()
    timed_out.bring(signed.session(scene.manager))
    await browser.sign_in(scene.moderator)
    scene.guild.members[scene.manager.id].timed_out_until = world.now() + timedelta(hours=1)
    shown = await timed_out.get(signed.page)
    assert shown.status in (403, 404)
    assert "A server" not in shown.text
    scene.server.moderation.kick(scene.guild, scene.owner, scene.guild.members[scene.moderator.id], None)
    assert (await browser.get(signed.page)).status == 404


async def test_nobody_gets_in_while_discord_does_not_say_who_is_a_member(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    signed.scene.server.fail("GET", "/guilds/{guild_id}/members/{user_id}", 403)
    shown = await browser.get(signed.page)
    assert shown.status == 409
    assert "Discord does not say" in shown.text


async def test_who_was_given_commands_by_the_server_sees_those_and_no_others(signed: Signed, browser: Browser) -> None:
    role = signed.scene.server.moderation.create_role(signed.scene.guild, "helpers")
    signed.scene.server.world.join(signed.scene.guild, signed.scene.member, [role])
    browser.bring(signed.session(signed.scene.member))
    assert (await browser.get(signed.page)).status == 404
    await signed.scene.store.guilds.set_access(signed.scene.guild.id, AccessChange(role.id, Group.STATS, True))

    async def is_known() -> bool:
        return role_of(signed, role.id) is not None

    await until(is_known)
    signed.clock.now += FRESH + 0.1
    assert (await browser.get(signed.page)).status == 200


async def test_who_signed_in_sees_what_they_see_on_discord_and_acts_in_their_own_name(
    signed: Signed, scene: Scene
) -> None:
    closed = [{"id": str(scene.guild.id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    channel = scene.server.places.create(scene.guild, {"name": "closed", "permission_overwrites": closed})
    client = scene.stage.trial.app.client

    async def is_known() -> bool:
        return client.get_channel(channel.id) is not None

    await until(is_known)
    entry = await signed.session(scene.moderator).visitor.act(scene.guild.id)
    assert (entry.actor_id, entry.member.id) == (scene.moderator.id, scene.moderator.id)
    assert channel.id in entry.sight.hidden
    assert not await entry.sight.sees(channel.id)
    assert await entry.sight.sees(scene.general.id)
    owner = await signed.session(scene.owner).visitor.enter(scene.guild.id)
    assert await owner.sight.sees(channel.id)


# -- limits and secrets --------------------------------------------------------------------------------------


async def test_who_tries_too_often_is_told_when_to_try_again_and_stands_in_nobodys_way(scene: Scene) -> None:
    tries = Tries(RateLimit(Rate(3, 60.0)), RateLimit(Rate(5, 60.0)))
    async with signed_console(scene, [], tries) as signed:
        browser = Browser(signed)
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
    browser = Browser(replace(signed, web=served))
    try:
        assert (await browser.get(signed.page)).location.startswith("/console/sign-in?")
        assert (await browser.sign_in(signed.scene.moderator, signed.page)).location == signed.page
        assert (await browser.get(signed.page)).status == 200
    finally:
        await browser.close()
        await served.stop()
