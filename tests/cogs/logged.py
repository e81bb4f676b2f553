"""All that is logged while a test runs."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import structlog

from bot.logs import configure_logs
from bot.settings import Settings


@contextmanager
def logged(form: Literal["console", "json"]) -> Iterator[io.StringIO]:
    """What is logged at the lowest level, in this form; afterwards logging is as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("bot", "cogs", "discord")}
    configure_logs(Settings(log_level="debug", log_format=form), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()
