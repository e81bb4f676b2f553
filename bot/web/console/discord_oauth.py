"""Discord's OAuth2, asked for one thing: which user somebody's browser belongs to. No token outlives the question."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import structlog

from bot.language import mark, tr

log = structlog.get_logger(__name__)

SECONDS = 8.0
"""How long each of the three questions may take."""
LARGEST_ANSWER = 64 * 1024
LONGEST_NAME = 100

_AWAY = mark("Discord does not answer at the moment: try again in a minute.")
_UNUSABLE = mark("Discord's answer could not be used: try again in a minute.")
_EXPIRED = mark("This sign-in took too long or was used already: sign in again.")
_SECRET = mark("Discord refuses this console: whoever runs the bot has to look at its client secret.")


class SignInError(Exception):
    """Discord did not say who it is; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of Discord: their id, and the name that they go by."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """What the application is to Discord. `client_id` is None as long as the bot has not logged in."""

    client_id: Callable[[], int | None]
    secret: str = field(repr=False)
    api_base: Callable[[], str]
    user_agent: str


class DiscordOAuth:
    """The code flow, with PKCE (RFC 7636)."""

    def __init__(self, client: OAuthClient) -> None:
        """For one application."""
        self._client = client

    def address(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Where a browser is sent so that its user may agree. SignInError before the bot has logged in."""
        asked = {
            "response_type": "code",
            "client_id": self._client_id(),
            "redirect_uri": redirect_uri,
            "scope": "identify",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "consent",
        }
        home = urlsplit(self._client.api_base())
        return f"{home.scheme}://{home.netloc}/oauth2/authorize?{urlencode(asked)}"

    async def identity(self, code: str, verifier: str, redirect_uri: str) -> Identity:
        """Whose code it is. The token that it is exchanged for is used once and given back. SignInError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        async with aiohttp.ClientSession(
            headers={"User-Agent": self._client.user_agent},
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            token = _text(await self._post(session, "/oauth2/token", form), "access_token")
            try:
                headers = {"Authorization": f"Bearer {token}"}
                return identity_of(await self._answer(session, "GET", "/users/@me", headers=headers))
            finally:
                with suppress(SignInError):
                    await self._post(session, "/oauth2/token/revoke", {"token": token})

    def _client_id(self) -> str:
        client_id = self._client.client_id()
        if client_id is None:
            raise SignInError(tr("The bot is still starting: try again in a minute."))
        return str(client_id)

    async def _post(self, session: aiohttp.ClientSession, path: str, form: Mapping[str, str]) -> Any:
        login = {"client_id": self._client_id(), "client_secret": self._client.secret}
        return await self._answer(session, "POST", path, data={**login, **form})

    async def _answer(self, session: aiohttp.ClientSession, method: str, path: str, **request: Any) -> Any:
        """The JSON of an answer; SignInError for any that is not one. Nothing of it is logged but its status."""
        url = self._client.api_base().rstrip("/") + path
        try:
            async with session.request(method, url, allow_redirects=False, **request) as response:
                status, body = response.status, await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("sign_in_unanswered", path=path, error=type(error).__name__)
            raise SignInError(tr(_AWAY)) from None
        answer = _parsed(body)
        if status != 200:
            named = answer.get("error") if isinstance(answer, dict) else None
            kind = named if named in ("invalid_grant", "invalid_request", "invalid_client") else ""
            log.warning("sign_in_refused", path=path, status=status, error=kind)
            raise SignInError(tr(_sentence(status, kind)))
        return answer


def _sentence(status: int, kind: str) -> str:
    if kind == "invalid_client":
        return _SECRET
    if kind:
        return _EXPIRED
    return _AWAY if status == 429 or status >= 500 else _UNUSABLE


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """A body, as far as it is not too large; what is too large is cut off, and then is no JSON."""
    body = b""
    async for chunk in response.content.iter_chunked(LARGEST_ANSWER):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            return b""
    return body


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _text(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not 0 < len(value) <= 1_000:
        raise SignInError(tr(_UNUSABLE))
    return value


def identity_of(answer: Any) -> Identity:
    """Whom Discord names; SignInError where it names nobody, or a bot."""
    user_id = _text(answer, "id")
    if not user_id.isdecimal() or len(user_id) > 20 or answer.get("bot"):
        raise SignInError(tr(_UNUSABLE))
    names = (answer.get("global_name"), answer.get("username"), user_id)
    name = next(one for one in names if isinstance(one, str) and one.strip())
    return Identity(int(user_id), name[:LONGEST_NAME])
