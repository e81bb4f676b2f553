"""Signing in elsewhere with an account of the sandbox: Discord's code flow, from the page that asks to the tokens."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.sandbox.model import Application, User
from bot.sandbox.oauth.grants import challenge_of
from tests.sandbox.conftest import Place

HOME = "https://mod.example/signed-in"
VERIFIER = "v" * 43


class Browser:
    """Somebody's browser, and the application's own requests, which follow no redirect."""

    def __init__(self, place: Place, application: Application) -> None:
        self.place = place
        self.application = application
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.asked = {
            "response_type": "code",
            "client_id": str(application.id),
            "redirect_uri": HOME,
            "scope": "identify",
            "state": "s",
        }

    @property
    def page(self) -> str:
        return self.place.server.api_base.removesuffix("/api/v10") + "/oauth2/authorize"

    async def ask(self, **changes: str) -> tuple[int, str, dict[str, list[str]]]:
        """Open the page: its status, its HTML, and what stands in the address that one is sent to."""
        query = {name: value for name, value in {**self.asked, **changes}.items() if value}
        async with self.session.get(self.page, params=query, allow_redirects=False) as answer:
            return answer.status, await answer.text(), sent_to(answer)

    async def press(self, user: User | None, answer: str = "authorize", **changes: str) -> dict[str, list[str]]:
        query = {**self.asked, **changes}
        form = {"answer": answer, **({"account": str(user.id)} if user else {})}
        async with self.session.post(self.page, params=query, data=form, allow_redirects=False) as sent:
            assert sent.status == 302, await sent.text()
            return sent_to(sent)

    async def code(self, user: User, **changes: str) -> str:
        return (await self.press(user, **changes))["code"][0]

    async def token(self, path: str = "/oauth2/token", secret: str | None = None, **form: str) -> tuple[int, Any]:
        """What the application is told when it sends a form with its id and secret."""
        login = {"client_id": str(self.application.id), "client_secret": secret or self.application.secret}
        async with self.session.post(self.place.server.api_base + path, data={**login, **form}) as answer:
            return answer.status, await answer.json()

    async def exchange(self, code: str, **form: str) -> tuple[int, Any]:
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": HOME}
        return await self.token(**{**grant, **form})

    async def get(self, path: str, access: str, word: str = "Bearer") -> tuple[int, Any]:
        headers = {"Authorization": f"{word} {access}"}
        async with self.session.get(self.place.server.api_base + path, headers=headers) as answer:
            return answer.status, await answer.json()


def sent_to(answer: aiohttp.ClientResponse) -> dict[str, list[str]]:
    location = urlsplit(answer.headers.get("Location", ""))
    assert not location.netloc or f"{location.scheme}://{location.netloc}{location.path}" == HOME
    return parse_qs(location.query)


@pytest.fixture
async def browser(place: Place) -> AsyncIterator[Browser]:
    browser = Browser(place, place.server.world.add_application("Console", redirect_uris=[HOME]))
    yield browser
    await browser.session.close()


async def test_a_user_who_agrees_is_sent_back_with_a_code_that_becomes_their_identity(
    place: Place, browser: Browser
) -> None:
    status, page, _ = await browser.ask()
    assert status == 200
    for shown in ("Console", "mod.example", place.member.name, place.owner.name):
        assert shown in page
    assert f'value="{place.application.id}"' not in page, "a bot signs in nowhere"
    sent = await browser.press(place.member)
    assert sent["state"] == ["s"]
    status, tokens = await browser.exchange(sent["code"][0])
    assert status == 200
    access, refresh = tokens.pop("access_token"), tokens.pop("refresh_token")
    assert tokens == {"token_type": "Bearer", "expires_in": 604_800, "scope": "identify"}
    assert access != refresh
    status, me = await browser.get("/users/@me", access)
    assert (status, me["id"], me["username"]) == (200, str(place.member.id), "member")
    status, about = await browser.get("/oauth2/@me", access)
    assert (status, about["scopes"], about["user"]["id"]) == (200, ["identify"], str(place.member.id))
    assert about["application"]["id"] == str(browser.application.id)


async def test_a_user_who_refuses_is_sent_back_without_a_code(browser: Browser) -> None:
    sent = await browser.press(None, "cancel")
    assert sent["error"] == ["access_denied"]
    assert (sent["state"], "code" in sent) == (["s"], False)


@pytest.mark.parametrize("changed", [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": HOME + "/"}])
async def test_nobody_is_sent_to_an_address_that_is_not_registered(browser: Browser, changed: dict[str, str]) -> None:
    status, page, sent = await browser.ask(**changed)
    assert (status, sent) == (400, {})
    assert "Invalid OAuth2 redirect_uri" in page


async def test_an_application_that_is_none_is_named_on_the_page(browser: Browser) -> None:
    for client in ("1", "x", ""):
        status, page, _ = await browser.ask(client_id=client)
        assert (status, "Unknown Application" in page) == (400, True)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "identify email"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_granted_is_told_the_application(
    browser: Browser, changed: dict[str, str], error: str
) -> None:
    status, _, sent = await browser.ask(**changed)
    assert (status, sent["error"], sent["state"]) == (302, [error], ["s"])


async def test_a_code_is_worth_something_once(place: Place, browser: Browser) -> None:
    code = await browser.code(place.member)
    assert (await browser.exchange(code))[0] == 200
    refused = {"error": "invalid_grant", "error_description": 'Invalid "code" in request.'}
    assert await browser.exchange(code) == (400, refused)
    assert await browser.exchange("never given") == (400, refused)


async def test_a_code_ends_after_a_minute(place: Place, browser: Browser) -> None:
    code = await browser.code(place.member)
    later = place.server.world.now() + timedelta(seconds=61)
    place.server.world.clock = lambda: later
    assert (await browser.exchange(code))[1]["error"] == "invalid_grant"


async def test_a_code_is_bound_to_its_application_and_address(place: Place, browser: Browser) -> None:
    other = place.server.world.add_application("Other", redirect_uris=[HOME])
    code = await browser.code(place.member)
    status, answer = await browser.exchange(code, client_id=str(other.id), client_secret=other.secret)
    assert (status, answer["error"]) == (400, "invalid_grant")
    code = await browser.code(place.member)
    status, answer = await browser.exchange(code, redirect_uri=HOME + "?x")
    assert (status, answer["error_description"]) == (400, 'Invalid "redirect_uri" in request.')


async def test_a_code_asked_for_with_a_challenge_needs_its_verifier(place: Place, browser: Browser) -> None:
    challenge = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    for form, error in (
        ({}, 'Missing "code_verifier"'),
        ({"code_verifier": "w" * 43}, 'Invalid "code_verifier"'),
    ):
        status, answer = await browser.exchange(await browser.code(place.member, **challenge), **form)
        assert (status, answer["error_description"]) == (400, error)
    code = await browser.code(place.member, **challenge)
    assert (await browser.exchange(code, code_verifier=VERIFIER))[0] == 200
    code = await browser.code(place.member)
    assert (await browser.exchange(code, code_verifier=VERIFIER))[0] == 400, "nobody asked for one"


async def test_a_wrong_secret_or_client_is_refused(place: Place, browser: Browser) -> None:
    code = await browser.code(place.member)
    assert await browser.exchange(code, client_secret="wrong") == (401, {"error": "invalid_client"})
    assert await browser.exchange(code, client_id="1") == (401, {"error": "invalid_client"})
    assert await browser.token("/oauth2/token/revoke", secret="wrong", token="x") == (401, {"error": "invalid_client"})
    assert (await browser.exchange(code))[0] == 200, "the code was not used up by who has no secret"


async def test_the_client_may_name_itself_by_a_basic_login(place: Place, browser: Browser) -> None:
    form = {"grant_type": "authorization_code", "code": await browser.code(place.member), "redirect_uri": HOME}
    url = f"{place.server.api_base}/oauth2/token"
    for secret, status in (("wrong", 401), (browser.application.secret, 200)):
        login = base64.b64encode(f"{browser.application.id}:{secret}".encode()).decode()
        async with browser.session.post(url, data=form, headers={"Authorization": f"Basic {login}"}) as answer:
            assert answer.status == status


async def test_tokens_are_asked_for_by_a_form_and_nothing_else(place: Place, browser: Browser) -> None:
    login = {"client_id": str(browser.application.id), "client_secret": browser.application.secret}
    for path in ("/oauth2/token", "/oauth2/token/revoke"):
        async with browser.session.post(place.server.api_base + path, json=login) as answer:
            assert answer.status == 400
    assert await browser.token(grant_type="password") == (400, {"error": "unsupported_grant_type"})


async def test_a_refresh_gives_new_tokens_and_ends_the_old_ones(place: Place, browser: Browser) -> None:
    _, first = await browser.exchange(await browser.code(place.member))
    status, second = await browser.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert status == 200
    assert (await browser.get("/users/@me", first["access_token"]))[0] == 401
    assert (await browser.get("/users/@me", second["access_token"]))[0] == 200
    again = await browser.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again == (400, {"error": "invalid_grant"})


async def test_a_revocation_ends_all_that_the_user_granted_the_application(place: Place, browser: Browser) -> None:
    grants = [(await browser.exchange(await browser.code(place.member)))[1] for _ in range(2)]
    _, others = await browser.exchange(await browser.code(place.owner))
    assert await browser.token("/oauth2/token/revoke", token="never given") == (200, {})
    assert await browser.token("/oauth2/token/revoke", token=grants[0]["refresh_token"]) == (200, {})
    for one in grants:
        assert (await browser.get("/users/@me", one["access_token"]))[0] == 401
        answer = await browser.token(grant_type="refresh_token", refresh_token=one["refresh_token"])
        assert answer[1] == {"error": "invalid_grant"}
    assert (await browser.get("/users/@me", others["access_token"]))[0] == 200


async def test_a_token_ends_after_a_week(place: Place, browser: Browser) -> None:
    _, tokens = await browser.exchange(await browser.code(place.member))
    later = place.server.world.now() + timedelta(days=7, seconds=1)
    place.server.world.clock = lambda: later
    assert (await browser.get("/users/@me", tokens["access_token"]))[0] == 401


async def test_a_token_opens_what_its_scope_names_and_nothing_else(place: Place, browser: Browser) -> None:
    _, narrow = await browser.exchange(await browser.code(place.member))
    _, wide = await browser.exchange(await browser.code(place.member, scope="identify guilds"))
    assert (await browser.get("/users/@me/guilds", narrow["access_token"]))[0] == 401
    status, guilds = await browser.get("/users/@me/guilds", wide["access_token"])
    assert (status, [one["name"] for one in guilds]) == (200, ["The Guild"])
    for path in (f"/guilds/{place.guild.id}", f"/channels/{place.general.id}", f"/users/{place.owner.id}"):
        assert (await browser.get(path, wide["access_token"]))[0] == 401, path
    for word in ("Bot", "bearer", ""):
        assert (await browser.get("/users/@me", wide["access_token"], word))[0] == 401, word
    assert (await browser.get("/oauth2/@me", place.application.token, "Bot"))[0] == 401


async def test_who_agreed_before_is_not_asked_again_where_the_application_says_so(
    place: Place, browser: Browser
) -> None:
    assert (await browser.ask(prompt="none"))[0] == 200, "nobody agreed yet"
    await browser.exchange(await browser.code(place.member))
    status, _, sent = await browser.ask(prompt="none")
    assert (status, "code" in sent) == (302, True)
    assert (await browser.exchange(sent["code"][0]))[0] == 200
    assert (await browser.ask(prompt="consent"))[0] == 200
    assert (await browser.ask(prompt="none", scope="identify guilds"))[0] == 200, "it asks for more"


async def test_the_page_shows_names_as_they_are_and_loads_nothing_but_its_style(place: Place, browser: Browser) -> None:
    place.server.world.add_user("x", global_name="<script>alert(1)</script>")
    name = {"state": '"><script>alert(2)</script>'}
    status, page, _ = await browser.ask(**name)
    assert (status, "<script" in page) == (200, False)
    async with browser.session.get(browser.page, params=browser.asked) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://mod.example;" in policy
    assert "script" not in policy
    async with browser.session.get(browser.page + ".css") as answer:
        assert (answer.status, answer.content_type) == (200, "text/css")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=nonsense", b"answer=authorize"),
        ("application/x-www-form-urlencoded", b"answer=%ff%00&account=\xff"),
        ("multipart/form-data", b"no form"),
        ("multipart/form-data; boundary=x", b"--x\r\ncut off"),
        ("application/json", b"{}"),
        ("", b""),
    ],
)
async def test_a_form_that_is_none_is_refused_and_nothing_fails(
    place: Place, browser: Browser, kind: str, body: bytes
) -> None:
    urls = [browser.page, *(place.server.api_base + path for path in ("/oauth2/token", "/oauth2/token/revoke"))]
    for url in urls:
        headers = {"Content-Type": kind} if kind else {}
        sent = browser.session.post(
            url,
            params=browser.asked,
            data=body,
            headers=headers,
            skip_auto_headers=("Content-Type",),
            allow_redirects=False,
        )
        async with sent as answer:
            assert answer.status < 500, url
            assert "code=" not in answer.headers.get("Location", "")


async def test_who_is_offered_stands_on_the_page_and_nobody_else(place: Place, browser: Browser) -> None:
    place.server.offer(place.member, "writes <as> a member")
    _, page, _ = await browser.ask()
    assert "writes &lt;as&gt; a member" in page
    assert f'value="{place.member.id}"' in page
    assert f'value="{place.owner.id}"' not in page


async def test_the_page_is_for_browsers_that_mean_this_server(place: Place, browser: Browser) -> None:
    for method in ("GET", "POST"):
        sent = browser.session.request(method, browser.page, params=browser.asked, headers={"Host": "evil.example"})
        async with sent as answer:
            assert answer.status == 403


async def test_a_bot_and_nobody_at_all_cannot_be_signed_in(place: Place, browser: Browser) -> None:
    for account in (str(place.application.id), "1", "x", ""):
        form = {"answer": "authorize", "account": account}
        async with browser.session.post(browser.page, params=browser.asked, data=form) as answer:
            assert answer.status == 400
