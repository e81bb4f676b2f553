"""The backtest: the draft against what is in force, on stored messages and reviewed cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.discord_io.embeds import message_link
from bot.discord_io.refusal import RefusedError
from bot.domain.audit import THE_SHELL
from bot.domain.backtest import Compared, Findings, findings
from bot.domain.backtest_words import against_words, reached_sentence, reading_words
from bot.domain.decision import Thresholds
from bot.domain.evaluation import Judged
from bot.domain.version_words import name_of
from bot.domain.withholding import NOT_SHOWN
from bot.language import tr
from bot.pipeline.backtest_order import MESSAGES, MOST_MESSAGES, backtest_order
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.numbers import number_in
from bot.web.console.policy.backtests import Backtests, Run
from bot.web.console.policy.case_links import cases_of
from bot.web.console.policy.chart import chart, curve, rows, share
from bot.web.console.policy.placed import POLICY, Placed, Places

MOST_ROWS = 100
SHOWN = 160


class BacktestPages:
    """Begins, shows and stops backtests."""

    def __init__(self, store: Store, places: Places, backtests: Backtests) -> None:
        """Read messages from `store`; run through `backtests`."""
        self._store = store
        self._places = places
        self._backtests = backtests

    def pages(self) -> Sequence[Page]:
        """The page, its moving part, beginning and stopping."""
        return [
            Page("GET", "policy/backtest", POLICY, self._show),
            Page("GET", "policy/backtest/run", POLICY, self._progress),
            Page("POST", "policy/backtest", POLICY, self._begin),
            Page("POST", "policy/backtest/stop", POLICY, self._stop),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        return here.page(
            "policy/backtest",
            "policy/backtest.html",
            messages=MESSAGES,
            most=MOST_MESSAGES,
            differs=here.draft is not None and (here.live is None or here.live.digest != here.draft.digest),
            **await self._seen(here),
        )

    async def _progress(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        return here.fragment("policy/backtest_run.html", **await self._seen(here))

    async def _begin(self, asked: Asked) -> web.StreamResponse:
        here, entry = await self._places.named(asked), asked.entry
        messages = _messages(asked.form.get("messages", ""))
        order = await backtest_order(self._store, entry.guild, here.place_id, messages, entry.sight)
        self._backtests.begin(order, entry.actor_id, here.place_id)
        return here.fragment("policy/backtest_run.html", **await self._seen(here))

    async def _stop(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        run = self._backtests.of(asked.guild_id)
        if run is not None and run.is_running:
            await self._backtests.end(run)
        return here.fragment("policy/backtest_run.html", **await self._seen(here))

    async def _seen(self, here: Placed) -> dict[str, Any]:
        """The server's run as who asks may see it: the messages of another's only where they see all channels."""
        entry = here.asked.entry
        run = self._backtests.of(entry.guild.id)
        if run is None or (run.place_id != here.place_id and not run.is_running):
            return {"run": None, "by": "", "result": None}
        here = await self._places.with_people(here, [run.by])
        is_own = run.by == entry.actor_id or entry.actor_id == THE_SHELL
        result = None
        if run.found is not None and is_own:
            seen = [one for one in run.found.compared if not await entry.sight.hides([one.sample.submission])]
            found = findings(seen)
            changed = _changed(found)
            cases = await cases_of(self._store, entry, [one.sample for one in changed[:MOST_ROWS]])
            result = _result(run, found, changed, cases, entry.settings.thresholds.default)
        return {"run": run, "by": here.person(run.by), "is_own": is_own, "result": result}


def _messages(given: str) -> int:
    messages = number_in(given, MOST_MESSAGES)
    if not messages:
        raise RefusedError(tr("Give a whole number of messages from 1 to {most:,}.", most=MOST_MESSAGES))
    return messages


def _changed(found: Findings) -> list[Compared]:
    """The messages about which most changed, each once."""
    every = [*found.newly_caught, *found.let_go, *found.biggest]
    return list({one.sample.journal_id: one for one in every}.values())


def _result(
    run: Run, found: Findings, changed: Sequence[Compared], cases: Mapping[int, int], thresholds: Thresholds
) -> dict[str, Any]:
    """What is shown of a backtest that is done."""
    assert run.extent is not None
    reviewed = [one for one in found.compared if one.sample.breaks is not None]
    curves = []
    if reviewed:
        draft = [Judged(bool(one.sample.breaks), one.draft.probability) for one in reviewed]
        curves.append(curve(tr("the draft"), draft))
        if run.order.live is not None:
            live = [Judged(bool(one.sample.breaks), one.live.probability) for one in reviewed]
            curves.append(curve(name_of(run.order.live), live))
    return {
        "title": tr("The draft against {version}", version=name_of(run.order.live))
        if run.order.live is not None
        else tr("The draft against no policy at all"),
        "reached": reached_sentence(found, run.extent),
        "found": found,
        "draft": against_words(found.draft) if found.draft is not None else "",
        "live": against_words(found.live) if found.live is not None else "",
        "chart": chart(curves, thresholds) if curves else None,
        "curves": curves,
        "rows": rows(curves, thresholds),
        "share": share,
        "changed": [_row(one, cases) for one in changed[:MOST_ROWS]],
        "more": len(changed) - MOST_ROWS,
    }


def _row(one: Compared, cases: Mapping[int, int]) -> dict[str, Any]:
    """A message that changed, with the number of its case where there is one."""
    said = one.sample.submission
    words = tr(NOT_SHOWN) if one.only_linked else " ".join(said.text.split())
    return {
        "text": words if len(words) <= SHOWN else words[:SHOWN] + "…",
        "case": cases.get(one.sample.journal_id),
        "link": message_link(said.guild_id, said.channel_id, said.message_id),
        "live": reading_words(one.live, one.live.rule or ""),
        "draft": reading_words(one.draft, one.draft.rule or ""),
        "live_outcome": one.live.outcome.value,
        "draft_outcome": one.draft.outcome.value,
        "reviewed": {None: "", True: tr("breaks a rule"), False: tr("fine")}[one.sample.breaks],
    }
