"""By which door one comes to the console: whom it lets in unasked, and how others sign in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from bot.web.console.keeping import Keeping
from bot.web.console.rendering import Renderer
from bot.web.console.visitor import Visitor


class Door(Protocol):
    """Who is let in without having signed in, and how others sign in and out."""

    def greet(self, request: web.Request) -> Visitor | None:
        """Who somebody without a session is; None where they have to sign in at `sign_in_path`. NotAllowedError."""

    @property
    def sign_in_path(self) -> str:
        """Where one signs in."""

    @property
    def sign_out_path(self) -> str | None:
        """Where one signs out; None where nobody does."""

    def routes(self, keeping: Keeping, renderer: Renderer) -> Sequence[web.RouteDef]:
        """The pages by which one does, below /console."""
