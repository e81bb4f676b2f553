"""A REST request as the handlers see it, and the routes that lead to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox import bodies
from bot.sandbox.errors import ApiError, invalid_form, missing_access, unauthorised, unknown
from bot.sandbox.model import Application, Channel, User
from bot.sandbox.oauth.grants import Grant
from bot.sandbox.permissions import may_see
from bot.sandbox.posting import Upload
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

Json = dict[str, Any]
MAX_REASON = 512


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a status, and a body of JSON or none."""

    status: int = 204
    body: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `caller` is None on routes that are opened by a token in their path.

    `grant` is what the caller granted the application that calls for them, None where they call themselves.
    """

    caller: User | None
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: Sequence[Upload] = ()
    reason: str | None = None
    grant: Grant | None = None

    @property
    def user(self) -> User:
        """Who calls; 401 where nobody is logged in."""
        if self.caller is None:
            raise unauthorised()
        return self.caller

    @property
    def json(self) -> Json:
        """The body, which must be an object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise ApiError(400, 50109, "The request body contains invalid JSON.")
        return self.body

    def id(self, name: str) -> int:
        """A snowflake of the path; Discord's error for a value that is none. `@me` is the caller."""
        value = self.parameters[name]
        if value == "@me":
            return self.user.id
        return self._snowflake(name, value)

    def number(self, name: str, low: int, high: int, default: int) -> int:
        """A number of the query, in a range."""
        value = self.query.get(name)
        if value is None:
            return default
        number = parse(value)
        if number is None or not low <= number <= high:
            raise invalid_form(name, f"int value should be between {low} and {high}.", "NUMBER_TYPE_RANGE")
        return number

    def snowflake(self, name: str) -> int | None:
        """A snowflake of the query, or None."""
        value = self.query.get(name)
        return None if value is None else self._snowflake(name, value)

    def named(self, name: str) -> int:
        """A snowflake that the body must have, as text or number."""
        return self._snowflake(name, self.json.get(name))

    @staticmethod
    def _snowflake(name: str, value: Any) -> int:
        snowflake = parse(value)
        if snowflake is None:
            raise invalid_form(name, f'Value "{str(value)[:100]}" is not snowflake.', "NUMBER_TYPE_COERCE")
        return snowflake


Handler = Callable[[Call], Awaitable[Reply]]
Reader = Callable[[web.Request], Awaitable[tuple[Any, Sequence[Upload]]]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template. An `open` one is opened by a token in its path, or by a client's secret.

    `scope` is that by which an application may call it for a user: "" for any, None for none. `read` reads the body.
    """

    method: str
    template: str
    handler: Handler
    open: bool = field(default=False, kw_only=True)
    scope: str | None = field(default=None, kw_only=True)
    read: Reader = field(default=bodies.read, kw_only=True)


def seen_channel(call: Call, world: World) -> Channel:
    """The channel of the path; Missing Access (50001) where it does not show for the caller."""
    channel = world.channel(call.id("channel_id"))
    if not may_see(channel, call.user, world.now()):
        raise missing_access()
    return channel


def own_application(call: Call, applications: Mapping[int, Application]) -> Application:
    """The application of the path, which must be the caller's own."""
    application = applications.get(call.id("application_id"))
    if application is None:
        raise unknown("application")
    if application.bot is not call.user:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    return application
