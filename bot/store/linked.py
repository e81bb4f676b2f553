"""Which rules' messages are only linked, by the policies that cases were judged by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.withholding import linked_rules_of, withholds
from bot.store import tables

_MOST_KEPT = 1_024
# The few messages before one, and edits of them.
_LOOK_BACK = 50
_known: OrderedDict[str, frozenset[str]] = OrderedDict()
"""By a policy's digest, which never stands for another text."""


async def linked_by_digest(session: AsyncSession, digests: Iterable[str]) -> dict[str, frozenset[str]]:
    """The keys of the rules whose messages are only linked, by the digest of their policy.

    A policy that is not on record has none. Texts are read once a life of the process.
    """
    wanted = {digest for digest in digests if digest}
    version = tables.PolicyVersion
    if unread := wanted - _known.keys():
        found = await session.execute(select(version.digest, version.source).where(version.digest.in_(unread)))
        for digest, source in found:
            _known[digest] = linked_rules_of(source)
    linked = {digest: _known[digest] for digest in wanted if digest in _known}
    while len(_known) > _MOST_KEPT:
        _known.popitem(last=False)
    return linked


async def withheld_before(session: AsyncSession, channel_id: int, journal_id: int) -> list[str]:
    """The texts that may not be shown of those that came in before another in its channel, of the last few."""
    row, verdict = tables.Submission, tables.Verdict
    query = (
        select(row.text, verdict)
        .join(verdict, verdict.submission_id == row.id)
        .where(row.channel_id == channel_id, row.id < journal_id, ~row.cleared)
        .order_by(row.id.desc())
        .limit(_LOOK_BACK)
    )
    found = (await session.execute(query)).all()
    linked = await linked_by_digest(session, (made.policy_digest for _, made in found))
    return [
        text
        for text, made in found
        if withholds(linked.get(made.policy_digest, ()), made.decided_rule, made.probabilities)
    ]


def begins_one(said: str, texts: Iterable[str]) -> bool:
    """Whether what was said before a message begins one of these texts: it is kept without what came with it."""
    return bool(said.strip()) and any(text.startswith(said.strip()) for text in texts)
