"""Logging: one stream of lines on stderr, for our own events and for the libraries', without secrets or content."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import Settings

REDACTED = "[redacted]"
CONTENT_KEYS = frozenset(
    {"content", "text", "normalised", "context", "quote", "rationale", "reasoning", "source", "author_name"}
)
"""Keys that hold what members or moderators wrote; they are dropped from every line."""

_OURS = ("bot", "cogs")
# It has something to tell an administrator. Below INFO it logs whole messages, so it never gets there;
# other libraries (the database driver logs its parameters) are heard only when they warn.
_HEARD = ("discord",)


def configure_logs(settings: Settings, level: str | None = None, stream: TextIO | None = None) -> None:
    """Set up logging for the whole process.

    `level` and `stream` are the settings' and stderr unless given. Lines are JSON unless the settings ask for the
    console's form or, with `auto`, the stream is a terminal; colours are for terminals only.
    """
    stream = stream or sys.stderr
    least = getattr(logging, (level or settings.log_level).upper())
    common: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                Discreet(secrets_of(settings)),
                _renderer(settings, stream),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING), force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(least)
    for name in _HEARD:
        logging.getLogger(name).setLevel(max(least, logging.INFO))


def _renderer(settings: Settings, stream: TextIO) -> Processor:
    terminal = stream.isatty()
    if settings.log_format == "json" or (settings.log_format == "auto" and not terminal):
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    # Tracebacks are text by now; the renderer's own would show local variables, and with them content.
    return structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=structlog.dev.plain_traceback)


def secrets_of(settings: Settings) -> frozenset[str]:
    """What must never be shown: the token, keys and secrets, the database's password as written and as meant."""
    given = (settings.discord_token, settings.remote_api_key, settings.oauth_client_secret)
    found = {one.get_secret_value() for one in given if one}
    password = _password(settings.database_url) if settings.database_url else None
    if password:
        found |= {password, unquote(password)}
    return frozenset(secret for secret in found if secret)


def _password(url: str) -> str | None:
    """The password that a database's URL holds, or would hold if it were one."""
    try:
        return urlsplit(url).password
    except ValueError:
        login = url.partition("://")[2].rpartition("@")[0]
        return login.partition(":")[2] or None


class Discreet:
    """A structlog processor: drops keys that hold content, blanks secrets, makes control characters visible."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Blank these strings wherever they stand, the longest first."""
        self._secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """The event as it may be shown."""
        return {key: self._clean(value, key) for key, value in event.items() if key not in CONTENT_KEYS}

    def _clean(self, value: Any, key: str) -> Any:
        match value:
            case str():
                for secret in self._secrets:
                    value = value.replace(secret, REDACTED)
                return _visible(value, keep_lines=key == "exception")
            case dict():
                return {name: self._clean(one, key) for name, one in value.items() if name not in CONTENT_KEYS}
            case list() | tuple() | set() | frozenset():
                return [self._clean(one, key) for one in value]
            case None | bool() | int() | float():
                return value
            case _:
                return self._clean(str(value), key)


def _visible(text: str, keep_lines: bool) -> str:
    """`text` with what a terminal would obey, or a reader would not see, written as an escape."""
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else char.encode("unicode_escape").decode()
        for char in text
    )
