"""Events of the gateway that the library cannot read: each is skipped, so that none of them ends the bot."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import structlog

log = structlog.get_logger(__name__)

# There is no session without it: where it cannot be read, the connection fails as one that was never made.
_NEEDED = frozenset({"READY"})

Parser = Callable[[Any], None]


def skip_odd_events(parsers: dict[str, Parser]) -> None:
    """Let the library's parsers, by the event's name, pass over what they fail at instead of ending the connection."""
    for name, parse in parsers.items():
        if name not in _NEEDED:
            parsers[name] = _skipping(name, parse)


def _skipping(name: str, parse: Parser) -> Parser:
    def parse_or_skip(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # noqa: BLE001 - whatever the library trips over
            log_odd("gateway_event_skipped", error, event_name=name)

    return parse_or_skip


def log_odd(event: str, error: Exception, **about: object) -> None:
    """Log that something was skipped: neither it nor the error's words, for both may repeat what members wrote."""
    (at,) = traceback.extract_tb(error.__traceback__, limit=-1)
    log.error(event, error=type(error).__name__, at=f"{PurePath(at.filename).name}:{at.lineno}", **about)
