"""Which rules' messages are only linked, by the policies that cases were judged by."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.withholding import linked_rules_of, withholds
from bot.store import tables
from bot.store.plain import Plain
from bot.store.sessions import on_connection

_MOST_KEPT = 1_024
# The few messages before one, and edits of them.
_LOOK_BACK = 50
_known: OrderedDict[tuple[str, ...], frozenset[str]] = OrderedDict()
"""By the digests of versions in force together, which never stand for other texts."""

_GUILDS: BindParameter[Any] = bindparam("guilds", expanding=True)
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_VERSION = tables.PolicyVersion
_DIGESTS = Plain(
    select(_VERSION.guild_id, _VERSION.number, _VERSION.digest).where(
        _VERSION.guild_id.in_(_GUILDS), _VERSION.number.in_(_NUMBERS)
    )
)

Judged = tuple[int, tuple[int, ...]]
"""A server, and the numbers of the versions by which something there was judged, the outermost first."""


def judged_by(guild_id: int, number: int | None, extends: Sequence[int] | None) -> Judged:
    """What names the versions of a verdict: the innermost one's number, None without any, and those it extends."""
    return guild_id, (*(extends or ()), number) if number is not None else ()


def linked_by_versions(connection: Connection, judged: Iterable[Judged]) -> dict[Judged, frozenset[str]]:
    """The keys of the rules whose messages are only linked, by what judged them.

    Versions that are not on record have none. Their texts are read once a life of the process.
    """
    wanted = {one for one in judged if one[1]}
    if not wanted:
        return {}
    guilds, numbers = list({one[0] for one in wanted}), list({number for one in wanted for number in one[1]})
    rows = _DIGESTS.rows(connection, {"guilds": guilds, "numbers": numbers})
    digests = {(guild_id, number): digest for guild_id, number, digest in rows}
    by = {one: tuple(digests.get((one[0], number), "") for number in one[1]) for one in wanted}
    by = {one: together for one, together in by.items() if all(together)}
    if unread := {digest for together in by.values() if together not in _known for digest in together}:
        found = connection.execute(select(_VERSION.digest, _VERSION.source).where(_VERSION.digest.in_(unread)))
        sources = {one.digest: one.source for one in found}
        for together in by.values():
            if together not in _known:
                _known[together] = linked_rules_of(*(sources[digest] for digest in together))
    linked = {one: _known[together] for one, together in by.items()}
    while len(_known) > _MOST_KEPT:
        _known.popitem(last=False)
    return linked


async def withheld_before(session: AsyncSession, channel_id: int, journal_id: int) -> list[str]:
    """The texts that may not be shown of those that came in before another in its channel, of the last few.

    They come sorted, as `begins_one` takes them.
    """
    row, verdict = tables.Submission, tables.Verdict
    query = (
        select(row.text, row.guild_id, verdict)
        .join(verdict, verdict.submission_id == row.id)
        .where(row.channel_id == channel_id, row.id < journal_id, ~row.cleared)
        .order_by(row.id.desc())
        .limit(_LOOK_BACK)
    )
    found = (await session.execute(query)).all()
    by = [judged_by(guild_id, made.policy_number, made.extends) for _, guild_id, made in found]
    linked = await on_connection(session, lambda connection: linked_by_versions(connection, by))
    return sorted(
        text
        for (text, _, made), one in zip(found, by, strict=True)
        if withholds(linked.get(one, ()), made.decided_rule, made.probabilities)
    )


def begins_one(said: str, texts: Sequence[str]) -> bool:
    """Whether what was said before a message begins one of these texts: it is kept without what came with it.

    They are sorted: those that it begins would stand together, from its own place on.
    """
    beginning = said.strip()
    place = bisect_left(texts, beginning)
    return bool(beginning) and place < len(texts) and texts[place].startswith(beginning)
