"""What browsers keep for the console: the session's cookie, and the token that forms have to bring back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.discord_io.refusal import NotAllowedError
from bot.language import tr
from bot.web.console import guard
from bot.web.console.sessions import Session, Sessions

COOKIE = "lawspeaker_session"
PATIENCE = 15.0
"""Seconds that a form may take to come in."""
_FORM = "application/x-www-form-urlencoded"
BY_ITSELF = "X-By-Itself"
"""The header of requests that a page makes every few seconds, of its own accord."""


class Keeping:
    """Sets and reads cookies: out of reach of scripts, of other sites' forms and, over TLS, of other hosts."""

    def __init__(self, sessions: Sessions, *, is_secure: bool) -> None:
        """Browsers come over TLS where `is_secure`."""
        self.sessions = sessions
        self._is_secure = is_secure

    def session_of(self, request: web.Request) -> Session | None:
        """The session that a browser brings along, as long as it lasts.

        A page that asks by itself keeps no session open of which nobody makes use.
        """
        look_up = self.sessions.peek if BY_ITSELF in request.headers else self.sessions.find
        return look_up(self.brought(request, COOKIE))

    def keep(self, response: web.StreamResponse, session: Session) -> None:
        """Let the browser bring a session along, until it is closed."""
        self._set(response, COOKIE, session.id, None)

    def forget(self, response: web.StreamResponse) -> None:
        """Let it bring none any more."""
        self._set(response, COOKIE, "", 0)

    def keep_apart(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        """Let it bring along something else for so many seconds; 0 takes it away."""
        self._set(response, name, value, seconds)

    def brought(self, request: web.Request, name: str) -> str:
        """What a browser brings along under a name."""
        return request.cookies.get(self._named(name), "")

    async def form(self, request: web.Request, session: Session) -> Mapping[str, str]:
        """The fields of a form of ours; NotAllowedError for one that does not come from this session's pages."""
        form = await _fields(request)
        given = request.headers.get("X-CSRF-Token") or form.get("csrf", "")
        if not guard.is_from_here(request) or not guard.has_token(session.csrf, given):
            raise NotAllowedError(tr("This form is out of date: reload the page and try again."))
        return form

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self._is_secure else name

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            self._named(name),
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",
        )


async def _fields(request: web.Request) -> Mapping[str, str]:
    """The fields of a form; none of what is no form of ours, which aiohttp says in many ways, or never ends."""
    if request.content_type != _FORM:
        return {}
    try:
        async with asyncio.timeout(PATIENCE):
            posted = await request.post()
    except (ValueError, RuntimeError, AssertionError, LookupError, TimeoutError, HttpProcessingError):
        return {}
    return {name: value for name, value in posted.items() if isinstance(value, str)}
