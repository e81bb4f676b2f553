"""Requests for the page, and for what hands out tokens, must be addressed to this server by a name of its own.

A page elsewhere cannot read the answers of another origin. But its domain may be made to lead here after it was loaded
(DNS rebinding): the browser then takes this server for that origin, and still sends its name as Host.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def own_hosts(host: str, port: int) -> frozenset[str]:
    """The values of Host by which a server is addressed that listens there."""
    return frozenset(f"{name}:{port}" for name in (*_LOOPBACK, _bracketed(host)))


def guard(prefixes: tuple[str, ...], hosts: Callable[[], frozenset[str]]) -> Middleware:
    """A middleware that answers 403 below `prefixes` where Host is none of `hosts`."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        guarded = any(request.path == one or request.path.startswith(one.rstrip("/") + "/") for one in prefixes)
        if guarded and request.host.lower() not in hosts():
            raise web.HTTPForbidden(text="Open this page by the address that was printed when the sandbox started.\n")
        return await handler(request)

    return check


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        return host.lower()
