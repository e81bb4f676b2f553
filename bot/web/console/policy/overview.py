"""The policy in force: its rules with their actions, who published it, and which places have their own."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.discord_io.places import parents_in
from bot.domain.calibration import Shifts
from bot.domain.calibration_words import shift_line
from bot.domain.care import read_as
from bot.domain.lawbook import policy_of
from bot.domain.policy import Policy, PolicyError, Rule
from bot.domain.records import PolicyVersion
from bot.domain.version_words import short
from bot.judge.interface import NoAnswerError
from bot.pipeline.calibrating import shifts_in_force
from bot.store import Store
from bot.web.console.asked import Asked, Page
from bot.web.console.policy.names import place_name
from bot.web.console.policy.placed import POLICY, Places
from bot.web.console.policy.scopes import HOWS, scopable


class Overview:
    """What holds now."""

    def __init__(self, store: Store, places: Places) -> None:
        """Read from `store`."""
        self._store = store
        self._places = places

    def pages(self) -> Sequence[Page]:
        """The page."""
        return [Page("GET", "policy", POLICY, self._show)]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        here, guild = await self._places.named(asked), asked.entry.guild
        versions = here.book.in_force(here.book.where(here.place_id, parents_in(guild)))
        policy, problem = _policy(versions)
        shifts: Shifts = {}
        if policy is not None:
            try:
                shifts = await shifts_in_force(self._store, asked.guild_id, versions, policy)
            except NoAnswerError as error:
                problem = str(error)
        learned = await self._store.learned.of(asked.guild_id)
        return here.page(
            "policy",
            "policy/overview.html",
            versions=versions,
            policy=policy,
            problem=here.said(problem),
            calibration=[shift_line(one, key) for key, one in shifts.items()],
            asks=_asks,
            short=short,
            thresholds=asked.entry.settings.thresholds,
            learned=len(learned),
            scopable=[(one.id, place_name(one.guild, one.id)) for one in scopable(guild, asked.entry.sight.hidden)],
            hows=HOWS,
        )


def _policy(versions: Sequence[PolicyVersion]) -> tuple[Policy | None, str]:
    """What versions come to, or why they come to nothing."""
    try:
        return (policy_of(tuple(versions)), "") if versions else (None, "")
    except PolicyError as error:
        return None, str(error)


def _asks(rule: Rule) -> list[str]:
    """What a rule asks for, and what its words make of it."""
    return [*(str(action) for action in rule.actions), *read_as(rule)]
