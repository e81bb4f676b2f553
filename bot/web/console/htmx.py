"""What htmx says of its requests."""

from __future__ import annotations

from aiohttp import web


def is_fragment(request: web.Request) -> bool:
    """Whether only a part of the page is asked for: whoever goes back in their history needs all of it."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
