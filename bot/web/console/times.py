"""Times as pages write them: in UTC, marked so that the page's script shows them in the reader's own zone. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")


def written(at: datetime) -> str:
    """A time in words."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def moment(at: datetime) -> Markup:
    """A time as an element of a page."""
    return with_times(written(at))


def with_times(sentence: str) -> Markup:
    """A sentence of ours in which times are elements; words that people wrote are not put through this."""
    marked = _WRITTEN.sub(r'<time datetime="\1T\2Z">\g<0></time>', str(escape(sentence)))
    return Markup(marked)  # noqa: S704 - escaped before anything was added
