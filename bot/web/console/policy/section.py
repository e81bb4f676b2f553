"""*Policy*: all its pages, put together."""

from __future__ import annotations

from collections.abc import Sequence

from bot.judge.interface import Judge
from bot.language import mark
from bot.lawmaking.publication import Publication
from bot.lawmaking.scoping import Scoping
from bot.pipeline.backtest import Backtest
from bot.pipeline.slots import Slots
from bot.store import Store
from bot.web.console.asked import Page
from bot.web.console.names import People
from bot.web.console.policy.backtesting import BacktestPages
from bot.web.console.policy.backtests import Backtests
from bot.web.console.policy.card import CardPages
from bot.web.console.policy.editing import Editing
from bot.web.console.policy.overview import Overview
from bot.web.console.policy.placed import POLICY, Places
from bot.web.console.policy.scopes import Scopes
from bot.web.console.policy.thresholds import ThresholdPages
from bot.web.console.policy.trying import Trying
from bot.web.console.policy.versions import Versions


class PolicySection:
    """What is the law, and all that is done about it."""

    path = "policy"
    title = mark("Policy")
    use = POLICY

    def __init__(self, store: Store, judge: Judge, slots: Slots, people: People) -> None:
        """Read and write in `store`; ask `judge`; run backtests in `slots`, where others do too; name `people`."""
        places, publication = Places(store, people), Publication(store, judge)
        self._backtests = Backtests(Backtest(store, judge), slots)
        self._parts = (
            Overview(store, places),
            Scopes(places, Scoping(store, judge)),
            Editing(store, places, publication),
            Versions(store, places, publication),
            CardPages(store, places, judge),
            Trying(store, places, judge),
            BacktestPages(store, places, self._backtests),
            ThresholdPages(store, places),
        )

    def pages(self) -> Sequence[Page]:
        """All pages."""
        return [page for part in self._parts for page in part.pages()]

    async def stop(self) -> None:
        """End what runs in the background."""
        await self._backtests.stop()
