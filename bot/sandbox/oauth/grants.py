"""What users let applications know of them: codes that are exchanged once, and the tokens they are exchanged for."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.model import Application, User

SCOPES = frozenset({"identify", "guilds"})
"""The scopes that the sandbox has something to show for."""

CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(days=7)
SHORTEST_VERIFIER = 43


class GrantError(Exception):
    """A refused exchange, by RFC 6749's name for it and Discord's sentence, which may be missing."""

    def __init__(self, error: str, description: str | None = None) -> None:
        """As `invalid_grant`."""
        super().__init__(description or error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks a user for. `challenge` is that of PKCE (S256), None where there is none."""

    application: Application
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user gave an application, and the two tokens that stand for it."""

    application: Application
    user: User
    scopes: frozenset[str]
    access: str
    refresh: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class _Code:
    asked: Asked
    user: User
    ends: datetime


class Grants:
    """All codes and tokens that are in use."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """By the sandbox's clock."""
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._by_access: dict[str, Grant] = {}
        self._by_refresh: dict[str, Grant] = {}

    def code(self, asked: Asked, user: User) -> str:
        """A code by which the application gets what the user lets it have: once, and within a minute."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(asked, user, self._now() + CODE_LASTS)
        return code

    def exchange(self, application: Application, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """What a code stands for. A code is used up by the first who names it; GrantError where it is worth nothing."""
        held = self._codes.pop(code, None)
        if held is None or held.asked.application is not application or held.ends <= self._now():
            raise GrantError("invalid_grant", 'Invalid "code" in request.')
        if held.asked.redirect_uri != redirect_uri:
            raise GrantError("invalid_grant", 'Invalid "redirect_uri" in request.')
        if held.asked.challenge is not None:
            if not verifier:
                raise GrantError("invalid_request", 'Missing "code_verifier"')
            if len(verifier) < SHORTEST_VERIFIER or challenge_of(verifier) != held.asked.challenge:
                raise GrantError("invalid_request", 'Invalid "code_verifier"')
        elif verifier is not None:
            raise GrantError("invalid_request", 'Invalid "code_verifier"')
        return self._new(application, held.user, held.asked.scopes)

    def refresh(self, application: Application, refresh: str) -> Grant:
        """The same with new tokens, which end the old ones; GrantError."""
        held = self._by_refresh.get(refresh)
        if held is None or held.application is not application:
            raise GrantError("invalid_grant")
        self._drop(held)
        return self._new(application, held.user, held.scopes)

    def revoke(self, application: Application, token: str) -> None:
        """End what a token belongs to: every token of that user for that application. Another's token stays."""
        held = self._by_access.get(token) or self._by_refresh.get(token)
        if held is not None and held.application is application:
            for one in [one for one in self._by_refresh.values() if _same_pair(one, held)]:
                self._drop(one)

    def by_access(self, token: str) -> Grant | None:
        """What an access token stands for now."""
        held = self._by_access.get(token)
        return held if held is not None and held.ends > self._now() else None

    def covers(self, application: Application, user: User, scopes: Collection[str]) -> bool:
        """Whether a user lets an application know this much already."""
        return any(
            one.application is application and one.user is user and one.scopes.issuperset(scopes)
            for one in self._by_refresh.values()
        )

    def _new(self, application: Application, user: User, scopes: frozenset[str]) -> Grant:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        grant = Grant(application, user, scopes, access, refresh, self._now() + TOKEN_LASTS)
        self._by_access[access] = self._by_refresh[refresh] = grant
        return grant

    def _drop(self, grant: Grant) -> None:
        self._by_access.pop(grant.access, None)
        self._by_refresh.pop(grant.refresh, None)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE for a verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _same_pair(one: Grant, other: Grant) -> bool:
    return one.application is other.application and one.user is other.user
