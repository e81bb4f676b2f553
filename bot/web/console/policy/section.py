"""*Policy*: all its pages, put together."""

from __future__ import annotations

from collections.abc import Sequence

from bot.judge.interface import Judge
from bot.language import mark
from bot.pipeline.publication import Publication
from bot.store import Store
from bot.web.console.asked import Page
from bot.web.console.people import People
from bot.web.console.policy.editing import Editing
from bot.web.console.policy.overview import Overview
from bot.web.console.policy.placed import POLICY, Places
from bot.web.console.policy.versions import Versions


class PolicySection:
    """What is the law, and all that is done about it."""

    path = "policy"
    title = mark("Policy")
    use = POLICY

    def __init__(self, store: Store, judge: Judge) -> None:
        """Read and write in `store`; ask `judge`."""
        places, publication = Places(store, People()), Publication(store, judge)
        self._parts = (
            Overview(store, places),
            Editing(store, places, publication),
            Versions(store, places, publication),
        )

    def pages(self) -> Sequence[Page]:
        """All pages."""
        return [page for part in self._parts for page in part.pages()]
