"""What holds for every request to the console, whatever it asks for."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import web

from bot.language import LANGUAGES, SOURCE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE = frozenset({"GET", "HEAD"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that browsers call the origin of our own forms "null", as they do of a stranger's.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def protect(response: web.StreamResponse) -> None:
    """Say to the browser what a page may do: nothing but what it is served from here. Pages are not kept."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def is_own_host(host: str, own: frozenset[str]) -> bool:
    """Whether a Host header names us: another name that leads here is a page of somebody else's."""
    with suppress(ValueError):
        named = urlsplit(f"//{host}")
        return named.username is None and (named.hostname or "") in own
    return False


def is_from_here(request: web.Request) -> bool:
    """Whether a browser says that a request comes from one of our own pages; what says nothing needs its token."""
    origin = request.headers.get("Origin")
    if not _is_own_site(request):
        return False
    with suppress(ValueError):
        return origin is None or urlsplit(origin).netloc == request.host
    return False


def is_opened_by_somebody(request: web.Request) -> bool:
    """Whether a request is one of our own pages', or somebody goes to a page of ours from wherever they are.

    What a page of another site asks for by itself gets nothing: it cannot read the answer, but can tell how long it
    took, and whoever needs no session here is let in wherever they ask from.
    """
    if _is_own_site(request):
        return True
    goes = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
    return request.method in SAFE and goes == ("navigate", "document")


def _is_own_site(request: web.Request) -> bool:
    """Whether a browser says that no other site asks; older ones, and what is no browser, do not say."""
    return request.headers.get("Sec-Fetch-Site", "none") in {"same-origin", "none"}


def has_token(expected: str, given: str) -> bool:
    """Whether a form brings back its session's token."""
    return bool(given) and secrets.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def language_of(request: web.Request) -> str:
    """The first of the browser's languages that the bot speaks."""
    for part in request.headers.get("Accept-Language", "").split(",")[:10]:
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return SOURCE
