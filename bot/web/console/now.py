"""*Now*: how the bot stands at the moment."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.domain.access import Group, Use, Who
from bot.judge.interface import Judge
from bot.language import mark, tr
from bot.store import Store
from bot.web.console.asked import Asked, Page


class Now:
    """The judge and the queue."""

    path = "now"
    title = mark("Now")
    use = Use(Group.STATS, Who.BOTH)

    def __init__(self, store: Store, judge: Judge) -> None:
        """Read from `store`, ask `judge` how it stands."""
        self._store = store
        self._judge = judge

    def pages(self) -> Sequence[Page]:
        """The page."""
        return [Page("GET", self.path, self.use, self._show)]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        waiting = (await self._store.journal.backlog()).get(asked.guild_id, 0)
        return asked.page("now.html", tr(self.title), judge=self._judge.info(), waiting=waiting)
