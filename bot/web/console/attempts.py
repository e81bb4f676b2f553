"""Sign-ins that were begun: each belongs to one browser, is finished once, and soon."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

LASTS = 600
"""Seconds from the first page to the way back."""
MOST = 2_000

HOME = "/console/"
_LONGEST = 500
# One slash, then what a path and its query hold: nothing that a browser reads as another host.
_OWN_PATH = re.compile(r"/console/[A-Za-z0-9\-._~/?&=%+:,!*']*")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in. `browser` is the browser's cookie, `state` comes back through Discord, `verifier` is PKCE's."""

    next: str
    begun: float
    browser: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def challenge(self) -> str:
        """PKCE's challenge for the verifier (S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Attempts:
    """Those that are under way; the oldest goes where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Time is told by `clock`, in seconds."""
        self._clock = clock
        self._begun: OrderedDict[str, Attempt] = OrderedDict()

    def begin(self, wanted: str) -> Attempt:
        """A new one, after which the browser is to see a page of ours."""
        attempt = Attempt(own_path(wanted), self._clock())
        self._begun[attempt.browser] = attempt
        while len(self._begun) > MOST:
            self._begun.popitem(last=False)
        return attempt

    def finish(self, browser: str, state: str) -> Attempt | None:
        """The one that this browser began and this state belongs to. It is over then, also if they do not fit."""
        attempt = self._begun.pop(browser, None)
        if attempt is None or self._clock() - attempt.begun > LASTS:
            return None
        return attempt if secrets.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")) else None


def own_path(wanted: str) -> str:
    """A path of the console's, as it was asked for; its first page for whatever else was."""
    if len(wanted) > _LONGEST or not _OWN_PATH.fullmatch(wanted) or ".." in wanted:
        return HOME
    return HOME if re.match(r"/console/sign", wanted) else wanted
