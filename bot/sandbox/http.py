"""REST over aiohttp: logs the caller in, reads bodies, counts requests, brings on faults, writes answers."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

import structlog
from aiohttp import web

from bot.sandbox.errors import ApiError, unauthorised
from bot.sandbox.exchange import Exchange
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.model import User
from bot.sandbox.oauth.grants import Grant
from bot.sandbox.ratelimit import MAJOR, RateLimits, Refusal
from bot.sandbox.rest.call import MAX_REASON, Call, Reply, Route
from bot.sandbox.world import World

PREFIX = "/api/v10"
_INVALID = frozenset({401, 403, 429})

log = structlog.get_logger(__name__)


class RestServer:
    """Serves routes. `on_exchange` hears of every request that had an answer."""

    def __init__(
        self, world: World, limits: RateLimits, faults: Faults, on_exchange: Callable[[Exchange], None] | None
    ) -> None:
        """Over one world."""
        self._world = world
        self._limits = limits
        self._faults = faults
        self._on_exchange = on_exchange

    def add(self, app: web.Application, routes: Sequence[Route]) -> None:
        """Add routes to a web application, literal paths before those with parameters."""
        for route in sorted(routes, key=lambda one: one.template.count("{")):
            app.router.add_route(route.method, PREFIX + route.template, self._serving(route))
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._nowhere)

    def _serving(self, route: Route) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            address = request.remote or ""
            shut_out = self._limits.shut_out(address)
            if shut_out is not None:
                # As from the proxy before Discord: no JSON, and no Via, by which the client knows it.
                return web.Response(status=429, text="error code: 1015", headers={"Retry-After": f"{shut_out:.0f}"})
            fault = self._faults.next(route.method, route.template)
            if fault is not None and not fault.after:
                return await _failed(request, fault)
            caller: User | None = None
            body: Any = None
            headers: dict[str, str] = {}
            try:
                caller, grant = (None, None) if route.open else self._login(request, route)
                headers, refusal = self._count(request, route, caller)
                if refusal is not None:
                    self._limits.note_invalid(address)
                    return _too_many(refusal, headers)
                body, files = await route.read(request)
                call = Call(caller, request.match_info, request.query, body, files, _reason(request), grant)
                reply = await route.handler(call)
            except ApiError as error:
                reply = Reply(error.status, error.body())
                if error.status in _INVALID:
                    self._limits.note_invalid(address)
                if error.status == 429:
                    headers["Via"] = "1.1 sandbox"
            except Exception as error:  # noqa: BLE001 - a fault of ours is told as one, and the server goes on
                _log_fault(route, error)
                reply = Reply(500, {"message": "500: Internal Server Error", "code": 0})
            if fault is not None:
                return await _failed(request, fault)
            if self._on_exchange is not None:
                told = Exchange(
                    route.method,
                    request.path.removeprefix(PREFIX),
                    route.template,
                    body,
                    reply.status,
                    reply.body,
                    request.query_string,
                    caller.id if caller else None,
                    route.open or bool(caller and caller.bot),
                )
                self._on_exchange(told)
            return _response(reply, headers)

        return serve

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        if self._on_exchange is not None:
            path = request.path.removeprefix(PREFIX)
            self._on_exchange(Exchange(request.method, path, "", None, 404, None, request.query_string))
        return _response(Reply(404, {"message": "404: Not Found", "code": 0}), {})

    def _login(self, request: web.Request, route: Route) -> tuple[User, Grant | None]:
        given = request.headers.get("Authorization", "")
        if given.startswith("Bearer "):
            grant = self._world.grants.by_access(given.removeprefix("Bearer "))
            if grant is None or route.scope is None or route.scope not in ("", *grant.scopes):
                raise unauthorised()
            return grant.user, grant
        user = self._world.by_token(given.removeprefix("Bot "))
        if user is None or user.bot is not given.startswith("Bot "):
            raise unauthorised()
        return user, None

    def _count(self, request: web.Request, route: Route, caller: User | None) -> tuple[dict[str, str], Refusal | None]:
        major = " ".join(request.match_info.get(name, "") for name in MAJOR)
        # A route that a token opens is counted by that token, so that no interaction waits for another.
        tokens = (request.match_info.get(name, "") for name in ("webhook_token", "interaction_token"))
        name = str(caller.id) if caller is not None else "".join(tokens)
        return self._limits.take(name, route.method, route.template, major, counted_overall=not route.open)


def _log_fault(route: Route, error: Exception) -> None:
    """Log where it happened, without the error's own words, which may have members' text in them."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]]
    log.error("sandbox_request_failed", route=f"{route.method} {route.template}", error=type(error).__name__, at=where)


def _reason(request: web.Request) -> str | None:
    raw = request.headers.get("X-Audit-Log-Reason")
    if raw is None:
        return None
    if len(raw) > MAX_REASON:
        tree = {
            "X-Audit-Log-Reason": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 512 or fewer."}]}
        }
        raise ApiError(400, 50035, "Invalid Form Body", tree)
    return unquote(raw)


def _response(reply: Reply, headers: dict[str, str]) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    data = json.dumps(reply.body).encode()
    # The client hands a body over as text unless the type is exactly this, without a charset.
    return web.Response(status=reply.status, body=data, headers={**headers, "Content-Type": "application/json"})


def _too_many(refusal: Refusal, headers: dict[str, str]) -> web.Response:
    # Without Via the client takes a 429 for a ban by Cloudflare.
    extra = {"Via": "1.1 sandbox", "Retry-After": f"{refusal.retry_after:.3f}"}
    extra["X-RateLimit-Scope"] = "global" if refusal.everywhere else "user"
    if refusal.everywhere:
        extra["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": refusal.retry_after,
        "global": refusal.everywhere,
    }
    return _response(Reply(429, body), {**headers, **extra})


async def _failed(request: web.Request, fault: Fault) -> web.Response:
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.status == 0:
        assert request.transport is not None
        request.transport.close()
    headers = {"Via": "1.1 sandbox"} if fault.status == 429 else {}
    body = fault.body or {"message": f"{fault.status}: injected", "code": 0}
    return _response(Reply(fault.status or 500, body), headers | fault.headers)
