"""Which messages became cases that the visitor may open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.access import Group, Use, Who
from bot.domain.backtest import Sample
from bot.store import Store
from bot.web.console.visitor import Entry

_CASES = Use(Group.CASES, Who.MODERATORS)


async def cases_of(store: Store, entry: Entry, samples: Iterable[Sample]) -> Mapping[int, int]:
    """The cases' numbers by the messages' place in the journal; of messages that the visitor sees."""
    if not entry.may(_CASES):
        return {}
    return await store.cases.numbers(entry.guild.id, [one.journal_id for one in samples])
