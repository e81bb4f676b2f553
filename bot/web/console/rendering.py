"""Templates of the console. What is put into them is escaped, whoever wrote it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.language import spoken, tr, trn
from bot.web.console.sessions import Session
from bot.web.console.times import moment, with_times, written

_HERE = Path(__file__).resolve().parent
STATIC = _HERE / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def static_files() -> Mapping[str, tuple[str, bytes]]:
    """The type and content of all that pages load, by name. htmx is served as its wheel brings it."""
    found = {path.name: (_TYPES[path.suffix], path.read_bytes()) for path in STATIC.iterdir() if path.suffix in _TYPES}
    htmx = files("django_htmx").joinpath("static/django_htmx/htmx-2.min.js")
    return {**found, "htmx.js": (_TYPES[".js"], htmx.read_bytes())}


def static_address(name: str) -> str:
    """Where a file is to be had; another content has another address, so that browsers may keep it."""
    return f"/console/static/{name}?v={hashlib.sha256(static_files()[name][1]).hexdigest()[:12]}"


class Renderer:
    """Fills in templates, in the language that is spoken."""

    def __init__(self, sign_out_path: str | None = None) -> None:
        """With the templates of this package; `sign_out_path` is where one signs out, None where nobody does."""
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(moment=moment, with_times=with_times)
        self._environment.globals.update(
            tr=tr, trn=trn, static=static_address, spoken=spoken, written=written, sign_out_path=sign_out_path
        )

    def text(self, template: str, **values: Any) -> str:
        """A template filled in."""
        return self._environment.get_template(template).render(**values)

    def response(self, template: str, session: Session | None, *, status: int = 200, **values: Any) -> web.Response:
        """The same as an answer; templates find the session's token and visitor."""
        body = self.text(
            template,
            csrf=session.csrf if session is not None else "",
            visitor=session.visitor if session is not None else None,
            **values,
        )
        return web.Response(text=body, content_type="text/html", charset="utf-8", status=status)
