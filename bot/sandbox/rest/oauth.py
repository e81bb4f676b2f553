"""OAuth2's tokens: codes exchanged for them, tokens renewed and revoked, and what a token stands for."""

from __future__ import annotations

import hmac
from typing import Any

from bot.sandbox import bodies, serialise
from bot.sandbox.errors import unauthorised
from bot.sandbox.model import Application
from bot.sandbox.oauth.grants import TOKEN_LASTS, Grant, GrantError
from bot.sandbox.rest.call import Call, Reply, Route
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World


class OAuthApi:
    """The routes by which an application gets and gives back what a user granted it."""

    def __init__(self, world: World) -> None:
        """Over one world."""
        self._world = world
        self._grants = world.grants

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("POST", "/oauth2/token", self.token, open=True, read=bodies.read_form),
            Route("POST", "/oauth2/token/revoke", self.revoke, open=True, read=bodies.read_form),
            Route("GET", "/oauth2/@me", self.me, scope=""),
        ]

    async def token(self, call: Call) -> Reply:
        """Tokens for a code, or new ones for those that end."""
        try:
            grant = self._granted(self._client(call.json), call.json)
        except GrantError as error:
            return _refused(error)
        return Reply(200, _shown(grant))

    async def revoke(self, call: Call) -> Reply:
        """End an authorisation, by either of its tokens; one that is not known has ended already (RFC 7009)."""
        try:
            application = self._client(call.json)
        except GrantError as error:
            return _refused(error)
        self._grants.revoke(application, call.json.get("token", ""))
        return Reply(200, {})

    async def me(self, call: Call) -> Reply:
        """The authorisation that the token stands for; with `identify`, whose it is."""
        grant = call.grant
        if grant is None:
            raise unauthorised()
        known = {"user": serialise.user(grant.user)} if "identify" in grant.scopes else {}
        return Reply(
            200,
            {
                "application": serialise.shown_application(grant.application),
                "scopes": sorted(grant.scopes),
                "expires": serialise.stamp(grant.ends),
                **known,
            },
        )

    def _granted(self, application: Application, form: dict[str, Any]) -> Grant:
        match form.get("grant_type"):
            case "authorization_code":
                code, redirect_uri = form.get("code", ""), form.get("redirect_uri", "")
                return self._grants.exchange(application, code, redirect_uri, form.get("code_verifier"))
            case "refresh_token":
                return self._grants.refresh(application, form.get("refresh_token", ""))
            case _:
                raise GrantError("unsupported_grant_type")

    def _client(self, form: dict[str, Any]) -> Application:
        application = self._world.applications.get(parse(form.get("client_id")) or 0)
        given = str(form.get("client_secret", ""))
        if application is None or not hmac.compare_digest(given.encode(), application.secret.encode()):
            raise GrantError("invalid_client")
        return application


def _shown(grant: Grant) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "access_token": grant.access,
        "expires_in": int(TOKEN_LASTS.total_seconds()),
        "refresh_token": grant.refresh,
        "scope": " ".join(sorted(grant.scopes)),
    }


def _refused(error: GrantError) -> Reply:
    described = {"error_description": error.description} if error.description else {}
    return Reply(401 if error.error == "invalid_client" else 400, {"error": error.error, **described})
