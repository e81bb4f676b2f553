"""The page: a chat client for the browser, as static files. All it learns comes from REST and the gateway."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

PREFIX = "/app/"
_FOLDER = Path(__file__).with_name("page")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
_NAME = re.compile(r"(?:[\w-]+/)*[\w-]+\.\w+")
# A file that a member posted is shown as an image of the page or saved; opened by itself it may run nothing.
OF_FILES = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def add(app: web.Application) -> None:
    """Serve the page's files below `/app/`."""
    app.router.add_get("/app", to_page)
    app.router.add_get(PREFIX + "{path:.*}", _file)


async def to_page(request: web.Request) -> web.StreamResponse:
    """Send a browser to the page."""
    raise web.HTTPFound(PREFIX)


async def _file(request: web.Request) -> web.StreamResponse:
    name = request.match_info["path"] or "index.html"
    path = _FOLDER / name
    kind = _TYPES.get(path.suffix)
    if kind is None or not _NAME.fullmatch(name) or not path.is_file():
        raise web.HTTPNotFound(headers=_headers(request))
    return web.Response(body=path.read_bytes(), headers={**_headers(request), "Content-Type": kind})


def _headers(request: web.Request) -> dict[str, str]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        # 'self' does not cover ws: everywhere. Host was checked before, see `origin`.
        f"connect-src 'self' ws://{request.host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
