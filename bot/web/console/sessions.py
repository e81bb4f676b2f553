"""Sessions of the console: in memory, so that a restart ends all of them."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.web.console.visitor import Visitor

LONGEST = 12 * 3_600.0
IDLE = 2 * 3_600.0
"""Seconds after which a session ends, whatever is done in it and where nothing is."""
MOST = 10_000


@dataclass(slots=True)
class Session:
    """One browser's visit. `id` is its cookie, `csrf` what its forms have to bring back."""

    visitor: Visitor
    begun: float
    seen: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


class Sessions:
    """The sessions that are open; the one that was used longest ago goes where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Time is told by `clock`, in seconds."""
        self._clock = clock
        self._open: OrderedDict[str, Session] = OrderedDict()

    def begin(self, visitor: Visitor) -> Session:
        """A new session, under an id that nobody had."""
        now = self._clock()
        session = Session(visitor, now, now)
        self._open[session.id] = session
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return session

    def find(self, session_id: str) -> Session | None:
        """The session of a cookie, as long as it lasts, which is in use by that."""
        session = self.peek(session_id)
        if session is not None:
            session.seen = self._clock()
            self._open.move_to_end(session_id)
        return session

    def peek(self, session_id: str) -> Session | None:
        """The same, without being used."""
        session = self._open.get(session_id)
        if session is None:
            return None
        now = self._clock()
        if now - session.begun > LONGEST or now - session.seen > IDLE:
            del self._open[session_id]
            return None
        return session

    def end(self, session: Session) -> None:
        """Nobody gets in with it any more."""
        self._open.pop(session.id, None)
