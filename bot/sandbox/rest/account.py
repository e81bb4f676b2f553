"""The caller itself, its application and guilds, and where the gateway is."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox import serialise
from bot.sandbox.errors import ApiError
from bot.sandbox.model import Guild
from bot.sandbox.moderation import Moderation
from bot.sandbox.permissions import require_in_guild
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.world import World


class AccountApi:
    """The routes for what a client reads about itself and its guilds."""

    def __init__(self, world: World, moderation: Moderation, gateway_url: Callable[[], str]) -> None:
        """`gateway_url` is known once the server listens."""
        self._world = world
        self._moderation = moderation
        self._gateway_url = gateway_url

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/gateway", self.gateway, open=True),
            Route("GET", "/gateway/bot", self.gateway_bot),
            Route("GET", "/users/@me", self.me, scope="identify"),
            Route("GET", "/users/{user_id}", self.user),
            Route("GET", "/users/@me/guilds", self.my_guilds, scope="guilds"),
            Route("GET", "/oauth2/applications/@me", self.application),
            Route("GET", "/applications/@me", self.application),
            Route("GET", "/guilds/{guild_id}", self.guild),
            Route("DELETE", "/users/@me/guilds/{guild_id}", self.leave),
        ]

    async def gateway(self, call: Call) -> Reply:
        """Where the gateway is."""
        return Reply(200, {"url": self._gateway_url()})

    async def gateway_bot(self, call: Call) -> Reply:
        """Where the gateway is, and how many logins are left."""
        start = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return Reply(200, {"url": self._gateway_url(), "shards": 1, "session_start_limit": start})

    async def me(self, call: Call) -> Reply:
        """The caller."""
        return Reply(200, serialise.own_user(call.user))

    async def user(self, call: Call) -> Reply:
        """Any user."""
        return Reply(200, serialise.user(self._world.user(call.id("user_id"))))

    async def my_guilds(self, call: Call) -> Reply:
        """The caller's guilds."""
        mine = [one for one in self._world.guilds.values() if call.user.id in one.members]
        return Reply(200, [serialise.own_guild(one, call.user, self._world.now()) for one in mine])

    async def application(self, call: Call) -> Reply:
        """The calling bot's application."""
        if not call.user.bot:
            raise ApiError(403, 20002, "Only bots can use this endpoint")
        return Reply(200, serialise.application(self._world.applications[call.user.id]))

    async def guild(self, call: Call) -> Reply:
        """A guild the caller is in."""
        guild = self._guild(call)
        count = {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
        counted = call.query.get("with_counts") in ("1", "true", "True")
        return Reply(200, serialise.guild(guild) | (count if counted else {}))

    async def leave(self, call: Call) -> Reply:
        """Leave a guild, which its owner cannot."""
        guild = self._guild(call)
        if guild.owner is call.user:
            raise ApiError(400, 50055, "Invalid Guild")
        self._moderation.leave(guild, call.user)
        return Reply()

    def _guild(self, call: Call) -> Guild:
        guild = self._world.guild(call.id("guild_id"))
        require_in_guild(guild, call.user, 0, self._world.now())
        return guild
