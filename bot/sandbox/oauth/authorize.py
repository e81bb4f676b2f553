"""The page on which a user lets an application know who they are, and which sends them back to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.sandbox.bodies import read_form
from bot.sandbox.errors import ApiError
from bot.sandbox.model import User
from bot.sandbox.oauth.grants import SCOPES, Asked
from bot.sandbox.oauth.page import asking_page, refusing_page
from bot.sandbox.rest.sandbox import Account
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

OAUTH = "/oauth2"
PATH = OAUTH + "/authorize"
_STYLE = OAUTH + "/authorize.css"
_ACCOUNT = "sandbox_account"
_CSS = Path(__file__).with_name("authorize.css")


class PageError(Exception):
    """A request that is not answered by sending the user back: nobody knows to whom. The message is Discord's."""


class SentBackError(Exception):
    """A request that is refused by sending the user back, with RFC 6749's name for why."""

    def __init__(self, redirect_uri: str, error: str, description: str) -> None:
        """As `invalid_scope`."""
        super().__init__(description)
        self.answer = {"error": error, "error_description": description}
        self.redirect_uri = redirect_uri


class AuthorizePage:
    """Serves the page. Which account a browser used last is in a cookie, as it is logged in to Discord with one."""

    def __init__(self, world: World, accounts: Callable[[], Sequence[Account]]) -> None:
        """`accounts` are those that are offered to whoever opens the page."""
        self._world = world
        self._grants = world.grants
        self._accounts = accounts

    def routes(self) -> list[web.RouteDef]:
        """The routes, at the server's root."""
        return [web.get(PATH, self._show), web.post(PATH, self._answer), web.get(_STYLE, self._style)]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = self._asked(request.query)
        except PageError as error:
            return _page(refusing_page(str(error), _STYLE), 400)
        except SentBackError as error:
            return _sent_back(error.redirect_uri, error.answer, request.query)
        user = self._world.by_token(request.cookies.get(_ACCOUNT, ""))
        known = user is not None and self._grants.covers(asked.application, user, asked.scopes)
        if user is not None and known and request.query.get("prompt") == "none":
            return self._authorized(asked, user, request.query)
        # A browser holds redirects after a form to `form-action` too.
        home = urlsplit(asked.redirect_uri)
        page = asking_page(asked, self._accounts(), user, request.query_string, _STYLE)
        return _page(page, 200, f"'self' {home.scheme}://{home.netloc}")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = self._asked(request.query)
        except PageError as error:
            return _page(refusing_page(str(error), _STYLE), 400)
        except SentBackError as error:
            return _sent_back(error.redirect_uri, error.answer, request.query)
        try:
            form, _ = await read_form(request)
        except ApiError as error:
            return _page(refusing_page(error.message, _STYLE), error.status)
        if form.get("answer") != "authorize":
            answer = {"error": "access_denied", "error_description": "The resource owner or server denied the request"}
            return _sent_back(asked.redirect_uri, answer, request.query)
        user = self._world.users.get(parse(form.get("account")) or 0)
        if user is None or user.bot:
            return _page(refusing_page("Unknown Account", _STYLE), 400)
        response = self._authorized(asked, user, request.query)
        response.set_cookie(_ACCOUNT, user.token, path=OAUTH, httponly=True, samesite="Lax")
        return response

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_CSS, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    def _authorized(self, asked: Asked, user: User, query: Mapping[str, str]) -> web.Response:
        return _sent_back(asked.redirect_uri, {"code": self._grants.code(asked, user)}, query)

    def _asked(self, query: Mapping[str, str]) -> Asked:
        """What an application asks for. Raises PageError, SentBackError."""
        application = self._world.applications.get(parse(query.get("client_id")) or 0)
        if application is None:
            raise PageError("Unknown Application")
        redirect_uri = query.get("redirect_uri", "")
        if redirect_uri not in application.redirect_uris:
            raise PageError("Invalid OAuth2 redirect_uri")
        if query.get("response_type") != "code":
            raise SentBackError(redirect_uri, "unsupported_response_type", "The sandbox has the code flow alone.")
        scopes = frozenset(query.get("scope", "").split())
        if not scopes or not scopes <= SCOPES:
            raise SentBackError(redirect_uri, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
        challenge = query.get("code_challenge")
        if challenge is not None and query.get("code_challenge_method") != "S256":
            raise SentBackError(redirect_uri, "invalid_request", 'Unsupported "code_challenge_method"')
        return Asked(application, redirect_uri, scopes, challenge)


def _sent_back(redirect_uri: str, answer: Mapping[str, str], query: Mapping[str, str]) -> web.Response:
    """The way back, with what the application gave along."""
    given = {"state": query["state"]} if "state" in query else {}
    join = "&" if urlsplit(redirect_uri).query else "?"
    location = f"{redirect_uri}{join}{urlencode({**answer, **given})}"
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})


def _page(html: str, status: int, form_action: str = "'none'") -> web.Response:
    policy = (
        f"default-src 'none'; style-src 'self'; img-src data:; form-action {form_action}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)
