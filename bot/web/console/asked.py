"""What a section of the console is asked, and how it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from bot.discord_io.refusal import RefusedError
from bot.domain.access import Use
from bot.language import tr
from bot.web.console.numbers import LARGEST_ID, number_in
from bot.web.console.rendering import Renderer
from bot.web.console.sessions import Session
from bot.web.console.visitor import Entry


def address(guild_id: int, path: str) -> str:
    """The address of a path below a server's."""
    return f"/console/servers/{guild_id}/{path}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a server's page, by a visitor who may use what the page is for."""

    request: web.Request
    session: Session
    entry: Entry
    renderer: Renderer
    nav: Sequence[Section]
    form: Mapping[str, str] = field(default_factory=dict)
    """The fields of a form that was posted; of several of one name the first."""

    @property
    def guild_id(self) -> int:
        """The server."""
        return self.entry.guild.id

    @property
    def query(self) -> Mapping[str, str]:
        """What stands in the address behind the question mark."""
        return self.request.query

    def number(self, name: str) -> int:
        """A number that is part of the path; RefusedError where it is none."""
        number = number_in(self.request.match_info[name], LARGEST_ID)
        if number is None:
            raise RefusedError(tr("There is no such page: go back to the server's first page."))
        return number

    def page(self, template: str, title: str, **values: Any) -> web.Response:
        """A whole page of the server."""
        return self._html(template, title=title, **values)

    def fragment(self, template: str, **values: Any) -> web.Response:
        """A part of a page, which takes the place of the one that asked for it."""
        return self._html(template, **values)

    def at(self, path: str) -> str:
        """The address of a path below the server's."""
        return address(self.guild_id, path)

    def to(self, path: str) -> web.Response:
        """Go to another page below the server's, as after a form was posted."""
        return web.Response(status=303, headers={"Location": self.at(path)})

    def _html(self, template: str, **values: Any) -> web.Response:
        shown = {"entry": self.entry, "guild": self.entry.guild, "nav": self.nav, "at": self.at}
        return self.renderer.response(template, self.session, **{**shown, **values})


@dataclass(frozen=True, slots=True)
class Page:
    """One address below a server's, as `cases/{number}`: who may use it is said here, and looked at before it answers.

    A page that is posted to changes something; one that is got does not.
    """

    method: str
    path: str
    use: Use
    answer: Callable[[Asked], Awaitable[web.StreamResponse]]
    only_looks: bool = False
    """What is posted is too long for an address, and changes nothing: it may be asked as often as a page is got."""


class Section(Protocol):
    """A part of the console with an entry in its navigation."""

    @property
    def path(self) -> str:
        """Its first page's path below a server's."""

    @property
    def title(self) -> str:
        """Its name, to be translated."""

    @property
    def use(self) -> Use:
        """Who sees its entry."""

    def pages(self) -> Sequence[Page]:
        """All its pages."""
