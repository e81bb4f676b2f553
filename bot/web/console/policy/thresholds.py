"""Sliders for the thresholds, which show at once what they would change: reckoned from stored probabilities alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.discord_io.embeds import message_link
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.backtest import Sample
from bot.domain.decision import Outcome, Thresholds, ThresholdTable
from bot.domain.evaluation import Judged
from bot.domain.lawbook import rules_somewhere
from bot.domain.policy import Rule
from bot.domain.setting_fields import FIELDS
from bot.domain.setting_kinds import Change
from bot.domain.setting_values import SettingError, read_thresholds
from bot.domain.what_if import MOST_SHOWN, WhatIf, made_of, what_if
from bot.domain.withholding import NOT_SHOWN
from bot.language import mark, tr
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.case_links import cases_of
from bot.web.console.policy.chart import chart, curve, rows, share
from bot.web.console.policy.looked_at import LookedAt, Looking
from bot.web.console.policy.placed import POLICY, SETTINGS, Placed, Places
from bot.web.console.visitor import Entry

SHOWN = 200
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.ACT: mark("acted on"),
    Outcome.REVIEW: mark("asks a human"),
    Outcome.ALLOW: mark("left alone"),
}


@dataclass(frozen=True, slots=True)
class Slid:
    """What a pair of sliders is for: all rules without their own, where the key is empty, or one of its own."""

    key: str
    words: str
    thresholds: Thresholds
    is_own: bool


class ThresholdPages:
    """Looks at other thresholds, and saves them as `/settings` does."""

    def __init__(self, store: Store, places: Places) -> None:
        """Read messages from `store`, and save in it."""
        self._store = store
        self._places = places
        self._looking = Looking(store)

    def pages(self) -> Sequence[Page]:
        """The sliders, what they would change, and saving."""
        return [
            Page("GET", "policy/thresholds", POLICY, self._show),
            Page("POST", "policy/thresholds/preview", POLICY, self._preview, only_looks=True),
            Page("POST", "policy/thresholds", SETTINGS, self._save),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        table = asked.entry.settings.thresholds
        return here.page(
            "policy/thresholds",
            "policy/thresholds.html",
            sliders=_sliders(table, _rules(here)),
            may_save=asked.entry.may(SETTINGS),
            seen=_seen(table),
            **await self._reckoned(asked.entry, await self._looking.anew(asked.entry), table),
        )

    async def _preview(self, asked: Asked) -> web.StreamResponse:
        here = await self._places.named(asked)
        try:
            table = _given(asked.form, _rules(here), asked.entry.settings.thresholds)
        except SettingError as error:
            return here.fragment("policy/thresholds_refused.html", why=str(error))
        looked_at = await self._looking.again(asked.entry)
        return here.fragment("policy/thresholds_reckoned.html", **await self._reckoned(asked.entry, looked_at, table))

    async def _save(self, asked: Asked) -> web.StreamResponse:
        """Change what differs, each as `/settings` would; nothing where somebody else changed any meanwhile."""
        if not asked.entry.may(SETTINGS):
            raise NotAllowedError(tr("This needs the permission Manage Server."))
        here, now = await self._places.named(asked), asked.entry.settings.thresholds
        if asked.form.get("seen") != _seen(now):
            raise RefusedError(tr("Somebody changed the thresholds meanwhile: reload the page and look at them."))
        try:
            then = _given(asked.form, _rules(here), now)
        except SettingError as error:
            return here.fragment("policy/thresholds_refused.html", why=str(error))
        for key, value in _changes(now, then).items():
            change = Change(FIELDS["thresholds"], value, key)
            await self._store.guilds.change(asked.guild_id, change, by=asked.entry.actor_id)
        saved = (await self._store.guilds.get(asked.guild_id)).thresholds
        return here.fragment(
            "policy/thresholds_saved.html",
            seen=_seen(saved),
            changed=len(_changes(now, then)),
            **await self._reckoned(asked.entry, await self._looking.again(asked.entry), saved, saved),
        )

    async def _reckoned(
        self, entry: Entry, looked_at: LookedAt, then: ThresholdTable, now: ThresholdTable | None = None
    ) -> dict[str, Any]:
        """What comes of the latest messages, and the chart of reviewed ones."""
        table = entry.settings.thresholds if now is None else now
        judged = looked_at.reviewed
        found = what_if(looked_at.latest, table, then)
        drawn = [curve(tr("in force"), [_judged(one) for one in judged])] if judged else []
        moved = found.moved[:MOST_SHOWN]
        return {
            "found": found,
            "moved": moved,
            "cases": await cases_of(self._store, entry, [one.sample for one in moved]),
            "more": len(found.moved) - MOST_SHOWN,
            "outcomes": OUTCOMES,
            "text_of": _text,
            "link_of": _link,
            "widths": _widths(found),
            "chart": chart(drawn, then.default) if drawn else None,
            "rows": rows(drawn, then.default),
            "curves": drawn,
            "share": share,
            "reviewed": len(judged),
        }


def _rules(here: Placed) -> tuple[Rule, ...]:
    """The rules that hold anywhere, as far as they are seen."""
    return rules_somewhere(here.book, parents_in(here.asked.entry.guild))


def _sliders(table: ThresholdTable, rules: Sequence[Rule]) -> list[Slid]:
    server = Slid("", tr("Rules without thresholds of their own"), table.default, True)
    return [server, *(Slid(one.key, one.text, table.of(one.key), one.key in table.by_rule) for one in rules)]


def _given(form: Mapping[str, str], rules: Sequence[Rule], now: ThresholdTable) -> ThresholdTable:
    """The thresholds as the sliders stand; those of rules that are in force nowhere stay. SettingError."""
    default = _read(form, "", now.default)
    by_rule = {key: value for key, value in now.by_rule.items() if key not in {rule.key for rule in rules}}
    for rule in rules:
        if form.get(f"own:{rule.key}"):
            by_rule[rule.key] = _read(form, rule.key, now.of(rule.key))
    return ThresholdTable(default, by_rule)


def _read(form: Mapping[str, str], key: str, now: Thresholds) -> Thresholds:
    """A pair in per cent; what is not sent stays."""
    act, review = form.get(f"act:{key}"), form.get(f"review:{key}")
    if act is None or review is None:
        return now
    return read_thresholds(f"{act} %/{review} %") or Thresholds()


def _changes(now: ThresholdTable, then: ThresholdTable) -> dict[str, Thresholds | None]:
    """What is another then, by rule, the server's under no key; None where a rule has nothing of its own any more."""
    found: dict[str, Thresholds | None] = {} if now.default == then.default else {"": then.default}
    for key in {**now.by_rule, **then.by_rule}:
        if now.by_rule.get(key) != then.by_rule.get(key):
            found[key] = then.by_rule.get(key)
    return found


def _seen(table: ThresholdTable) -> str:
    """The thresholds that somebody saw, to be told from others."""
    pairs = [("", table.default), *sorted(table.by_rule.items())]
    return ";".join(f"{key}={one.act_at:g}/{one.review_at:g}" for key, one in pairs)


def _judged(sample: Sample) -> Judged:
    probabilities = sample.verdict.probabilities if sample.verdict is not None else {}
    return Judged(bool(sample.breaks), made_of(probabilities, ThresholdTable()).probability)


def _text(sample: Sample) -> str:
    """A message's words as far as they may be shown."""
    if sample.only_linked:
        return tr(NOT_SHOWN)
    words = " ".join(sample.submission.text.split())
    return words if len(words) <= SHOWN else words[:SHOWN] + "…"


def _link(sample: Sample) -> str:
    said = sample.submission
    return message_link(said.guild_id, said.channel_id, said.message_id)


def _widths(found: WhatIf) -> dict[str, list[tuple[Outcome, float, float]]]:
    """Where each outcome's part of a bar begins and how wide it is, from 0 to 1000."""
    widths: dict[str, list[tuple[Outcome, float, float]]] = {}
    for name, counts in (("now", found.now), ("then", found.then)):
        at = 0.0
        widths[name] = []
        for outcome in OUTCOMES:
            width = 1_000 * counts[outcome] / found.judged if found.judged else 0.0
            widths[name].append((outcome, round(at, 1), round(width, 1)))
            at += width
    return widths
