"""Disclosure: all that a server's records hold about one member."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, func, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.submission import message_link
from bot.domain.withholding import NOT_SHOWN, withholds
from bot.store import tables
from bot.store.chain_tables import ChainLink
from bot.store.context import is_theirs
from bot.store.linked import Judged, begins_one, judged_by, linked_by_versions
from bot.store.sessions import Sessions, on_connection

Entry = tuple[str, dict[str, Any]]
"""A section's name, and one record of it in values that JSON knows; ids are texts, as in Discord's own JSON."""

PAGE = 200


class Disclosure:
    """Reads a page at a time, so that memory holds one page however much somebody wrote."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def of_member(self, guild_id: int, member_id: int, names: Collection[str]) -> AsyncIterator[Entry]:
        """What is on record, section by section; nothing where there is nothing.

        `messages` are theirs, each with its verdict and case and all that belongs to the case. `in_context_of_others`
        are their words among the messages before somebody else's. `as_moderator` and `settings` are what they did for
        the server, and what is set about them; `reports` are those they made, never who reported them.
        `learned_examples` are those made of what they wrote. `names` are names they go by: older records know authors
        by name only. Of messages that are only linked the words are left out wherever they stand, and the message's
        record says so.
        """
        withheld: list[str] = []
        async for entry in self._messages(guild_id, member_id, names, withheld):
            yield entry
        async for entry in self._in_context(guild_id, member_id, names, sorted(withheld)):
            yield entry
        async with self._sessions.read() as session:
            learned = await _learned_from(session, guild_id, member_id)
        for entry in learned:
            yield entry
        async for entry in self._answers(guild_id, member_id):
            yield entry
        async with self._sessions.read() as session:
            others = await _as_moderator(session, guild_id, member_id)
        for entry in others:
            yield entry

    async def _messages(
        self, guild_id: int, member_id: int, names: Collection[str], withheld: list[str]
    ) -> AsyncIterator[Entry]:
        """Their messages; the texts that are left out are added to `withheld`."""
        last = 0
        while page := await self._message_page(guild_id, member_id, names, last, withheld):
            for record in page:
                yield "messages", record
            last = int(page[-1]["id"])

    async def _message_page(
        self, guild_id: int, member_id: int, names: Collection[str], after: int, withheld: list[str]
    ) -> list[dict[str, Any]]:
        row = tables.Submission
        async with self._sessions.read() as session:
            page = await _page(session, after, row.guild_id == guild_id, row.author_id == member_id)
            ids = [one.id for one in page]
            verdicts = await _by(session, tables.Verdict.submission_id, ids)
            cases = await _by(session, tables.Case.submission_id, ids)
            belongings = await _belongings(session, [case["id"] for found in cases.values() for case in found])
            by = tuple(_judged(guild_id, made) for found in verdicts.values() for made in found)
            linked = await on_connection(session, lambda connection: linked_by_versions(connection, by))
        records = []
        for submission in page:
            record = _plain(submission)
            # What others said before it is theirs.
            record["context"] = [entry[:2] for entry in submission.context if is_theirs(entry, member_id, names)]
            record["verdict"] = made = _only(verdicts.get(str(submission.id)))
            if made and withholds(linked.get(_judged(guild_id, made), ()), made["decided_rule"], made["probabilities"]):
                withheld.append(submission.text)
                _withhold(record, made)
            case = _only(cases.get(str(submission.id)))
            record["case"] = {**case, **belongings[case["id"]]} if case else None
            records.append(record)
        return records

    async def _in_context(
        self, guild_id: int, member_id: int, names: Collection[str], withheld: Sequence[str]
    ) -> AsyncIterator[Entry]:
        row = tables.Submission
        # Of a whole server no more is read than is looked at.
        query = select(row.id, row.context, row.channel_id, row.message_id, row.posted_at)
        query = query.where(row.guild_id == guild_id, row.author_id != member_id, ~row.cleared)
        async for submission in self._paged(query, row.id):
            for entry in submission.context:
                if is_theirs(entry, member_id, names) and not begins_one(entry[1], withheld):
                    yield "in_context_of_others", _said_before(submission, entry)

    async def _answers(self, guild_id: int, member_id: int) -> AsyncIterator[Entry]:
        """What they answered to cases, and what they reported."""
        review, case, report = tables.Review, tables.Case, tables.Report
        reviews = select(review.case_id, review.id, review, case.number).join(case, case.id == review.case_id)
        reviews = reviews.where(case.guild_id == guild_id, review.reviewer_id == member_id)
        async for _, _, one, number in self._paged(reviews, review.case_id, review.id):
            yield "as_moderator", {"review_of_case": number, **_plain(one)}
        reports = select(report.at, report.case_id, case.number).join(case, case.id == report.case_id)
        reports = reports.where(case.guild_id == guild_id, report.reporter_id == member_id)
        async for at, _, number in self._paged(reports, report.at, report.case_id):
            yield "reports", {"reported_case": number, "at": at.isoformat()}

    async def _paged(self, query: Any, *key: InstrumentedAttribute[Any]) -> AsyncIterator[Any]:
        """What a query finds, in the order of a key, which its rows begin with."""
        last: tuple[Any, ...] | None = None
        query = query.order_by(*key).limit(PAGE)
        while True:
            async with self._sessions.read() as session:
                page = (await session.execute(query if last is None else query.where(tuple_(*key) > last))).all()
            for one in page:
                yield one
            if len(page) < PAGE:
                return
            last = tuple(page[-1][: len(key)])


async def _page(session: AsyncSession, after: int, *wanted: ColumnElement[bool]) -> list[tables.Submission]:
    row = tables.Submission
    return list(await session.scalars(select(row).where(row.id > after, *wanted).order_by(row.id).limit(PAGE)))


def _judged(guild_id: int, verdict: dict[str, Any]) -> Judged:
    return judged_by(guild_id, verdict["policy_number"], verdict["extends"])


def _withhold(record: dict[str, Any], verdict: dict[str, Any]) -> None:
    """Take out of a message's record what may not be shown, and say so with the link to it."""
    record |= {"text": "", "normalised": "", "context": []}
    verdict |= {"rationale": "", "quote": "", "reasoning": None}
    record["withheld"] = NOT_SHOWN
    record["link"] = message_link(*(int(record[name]) for name in ("guild_id", "channel_id", "message_id")))


def _said_before(submission: Any, entry: list[Any]) -> dict[str, Any]:
    return {
        "channel_id": str(submission.channel_id),
        "before_message_id": str(submission.message_id),
        "posted_at": submission.posted_at.isoformat(),
        "author_name": entry[0],
        "text": entry[1],
    }


def _only(found: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    return found[0] if found else None


async def _by(session: AsyncSession, key: Any, values: Collection[Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the key's table as records, by the value of its key."""
    found: dict[str, list[dict[str, Any]]] = {}
    query: Select[Any] = select(key.class_).where(key.in_(values)).order_by(*key.class_.__table__.primary_key)
    for one in await session.scalars(query):
        found.setdefault(str(getattr(one, key.key)), []).append(_plain(one))
    return found


async def _belongings(session: AsyncSession, case_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """By a case's id all that belongs to it, by table: whichever tables point at cases."""
    found: dict[str, dict[str, Any]] = {one: {} for one in case_ids}
    for mapper in tables.Base.registry.mappers:
        table = mapper.local_table
        assert isinstance(table, Table)
        if table in _TOLD_APART:
            continue
        for column in table.columns:
            if any(key.column is tables.Case.__table__.c.id for key in column.foreign_keys):
                key = getattr(mapper.class_, mapper.get_property_by_column(column).key)
                rows = await _by(session, key, [int(one) for one in case_ids])
                for case_id in case_ids:
                    found[case_id][table.name] = rows.get(case_id, [])
    return found


# What is disclosed may reach the member, who is not to learn who reported them; examples have a section of their own.
_TOLD_APART = (tables.Report.__table__, tables.LearnedExample.__table__)


async def _learned_from(session: AsyncSession, guild_id: int, member_id: int) -> list[Entry]:
    one = tables.LearnedExample
    found = await session.scalars(select(one).where(one.guild_id == guild_id, one.author_id == member_id))
    return [("learned_examples", _plain(row)) for row in found]


async def _as_moderator(session: AsyncSession, guild_id: int, member_id: int) -> list[Entry]:
    """What else they did, of which there is little: they erased, wrote policies, made examples."""
    version, exemption, link = tables.PolicyVersion, tables.Exemption, ChainLink
    erasures = await session.execute(
        select(link.at, func.count())
        .where(link.guild_id == guild_id, link.by_id == member_id)
        .group_by(link.at)
        .order_by(link.at)
    )
    entries: list[Entry] = [
        ("as_moderator", {"erased_contents": count, "at": at.isoformat()}) for at, count in erasures
    ]
    versions = await session.scalars(
        select(version).where(version.guild_id == guild_id, version.author_id == member_id).order_by(version.number)
    )
    entries += [("as_moderator", {"policy_version": one.number, **_plain(one)}) for one in versions]
    learned = tables.LearnedExample
    taught = await session.scalars(
        select(learned).where(learned.guild_id == guild_id, learned.moderator_id == member_id).order_by(learned.id)
    )
    # Without the text: it is another's.
    entries += [
        ("as_moderator", {"learned_example": one.id, "rule": one.rule, "breaks": one.breaks, "at": one.at.isoformat()})
        for one in taught
    ]
    policy = await session.get(tables.Policy, guild_id)
    if policy is not None and policy.draft_author_id == member_id:
        entries.append(("as_moderator", {"policy_draft": policy.draft_source, "at": _value(policy.draft_at)}))
    place = tables.PlacePolicy
    drafts = await session.scalars(
        select(place).where(place.guild_id == guild_id, place.draft_author_id == member_id).order_by(place.place_id)
    )
    entries += [
        (
            "as_moderator",
            {
                "policy_draft": one.draft_source,
                "at": _value(one.draft_at),
                "place_id": _value(one.place_id, is_id=True),
            },
        )
        for one in drafts
    ]
    if await session.get(exemption, (guild_id, "user", member_id)) is not None:
        entries.append(("settings", {"exempt_from_judging": True}))
    return entries


def _plain(row: tables.Base) -> dict[str, Any]:
    """A row by its columns, in values that JSON knows."""
    return {
        column.key: _value(getattr(row, column.key), is_id=isinstance(column.columns[0].type, BigInteger))
        for column in inspect(row).mapper.column_attrs
    }


def _value(value: Any, *, is_id: bool = False) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if is_id and value is not None else value
