"""Keeps the index of cases: whatever the chain is told of, in the same transaction.

So it knows every way by which words come and go, and a message that opened no case costs it nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, select

from bot.domain.case_words import words_of_all
from bot.domain.records import STATUS_AFTER, CaseStatus, ReviewKind
from bot.domain.withholding import withholds
from bot.store import tables
from bot.store.chain_kinds import APPEAL_WORDS, CASE, CHUNK, NOTE, OF_SUBMISSIONS, REVIEW, REVIEW_NOTE
from bot.store.index_tables import CaseIndex
from bot.store.index_words import kept, made_by
from bot.store.linked import judged_by, linked_by_versions
from bot.store.sealed_columns import seal_of
from bot.store.sessions import Touched, put


def index_touched(connection: Connection, servers: Mapping[int, Touched]) -> None:
    """Make the rows anew of the cases of what was written or erased on servers.

    A note that was deleted tells no more of which case it was: who deletes it also blanks the case's message.
    """
    found: set[int] = set()
    refs: defaultdict[Select[Any], set[int]] = defaultdict(set)
    for touched in servers.values():
        for kind, ref in touched:
            if kind in (CASE, APPEAL_WORDS):
                found.add(ref)
            elif kind in _CASES_OF:
                refs[_CASES_OF[kind]].add(ref)
    for query, its in refs.items():
        for chunk in _chunks(its):
            found.update(connection.scalars(query, {"ids": chunk}))
    index_cases(connection, found)


def index_cases(connection: Connection, case_ids: Iterable[int]) -> None:
    """Make the rows of cases anew."""
    for chunk in _chunks(case_ids):
        # Held from before what they are made of is read: of two who change a case at once the second sees the first.
        connection.execute(_HELD, {"ids": chunk})
        if rows := _rows(connection, chunk):
            connection.execute(_put(connection.dialect.name), rows)


def _rows(connection: Connection, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    dialect = connection.dialect
    seal = seal_of(dialect)
    cases = connection.execute(_CASES, {"ids": case_ids}).all()
    written, status = _written(connection, cases)
    linked = linked_by_versions(connection, {_judged(case) for case in cases})
    return [
        {
            "case_id": case.id,
            "guild_id": case.guild_id,
            "author_id": case.author_id,
            "channel_id": case.channel_id,
            "parent_id": case.parent_id,
            "rule": case.decided_rule,
            "status": status.get(case.id, CaseStatus.OPEN),
            "created_at": case.created_at,
            "made_by": made_by(seal),
            "words": kept(
                dialect.name,
                seal,
                case.guild_id,
                words_of_all([*_said(case, linked.get(_judged(case), frozenset())), *written[case.id]]),
            ),
        }
        for case in cases
    ]


def _said(case: Any, linked: frozenset[str]) -> list[str]:
    """The message and what was said of it, as far as it is shown: nobody is to find out by searching what is not."""
    if withholds(linked, case.decided_rule, case.probabilities):
        return []
    undone = [case.normalised] if case.normalised != case.text else []
    return [case.text, *undone, case.rationale, case.quote]


def _written(
    connection: Connection, cases: Sequence[Row[Any]]
) -> tuple[defaultdict[int, list[str]], dict[int, CaseStatus]]:
    """What people wrote about cases, and how these were answered last. Most cases have none of it."""
    texts: defaultdict[int, list[str]] = defaultdict(list)
    status: dict[int, CaseStatus] = {}
    if ids := [case.id for case in cases if case.has_reviews]:
        for case_id, kind, noted in connection.execute(_REVIEWS, {"ids": ids}):
            texts[case_id].append(noted)
            status[case_id] = STATUS_AFTER[ReviewKind(kind)]
    if ids := [case.id for case in cases if case.has_notes]:
        for case_id, noted in connection.execute(_NOTES, {"ids": ids}):
            texts[case_id].append(noted)
    if ids := [case.id for case in cases if case.has_appeal]:
        for case_id, appealed, answered in connection.execute(_APPEALS, {"ids": ids}):
            texts[case_id] += [appealed, answered]
    return texts, status


def _judged(case: Any) -> Any:
    return judged_by(case.guild_id, case.policy_number, case.extends)


def _chunks(ids: Iterable[int]) -> list[list[int]]:
    """In their order, which is that in which everybody takes them."""
    wanted = sorted(ids)
    return [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]


@lru_cache
def _put(dialect: str) -> Any:
    return put(dialect, CaseIndex, "case_id")


_CASE, _ROW, _VERDICT = tables.Case, tables.Submission, tables.Verdict
_REVIEW, _NOTE, _APPEAL = tables.Review, tables.CaseNote, tables.Appeal
_IDS: Any = bindparam("ids", expanding=True)
_CASES_OF = {
    **dict.fromkeys(OF_SUBMISSIONS, select(_CASE.id).where(_CASE.submission_id.in_(_IDS))),
    **dict.fromkeys((REVIEW, REVIEW_NOTE), select(_REVIEW.case_id).where(_REVIEW.id.in_(_IDS))),
    NOTE: select(_NOTE.case_id).where(_NOTE.id.in_(_IDS)),
}
_HELD = select(CaseIndex.case_id).where(CaseIndex.case_id.in_(_IDS)).order_by(CaseIndex.case_id).with_for_update()
_CASES = (
    select(
        _CASE.id,
        _CASE.guild_id,
        _CASE.created_at,
        *(_ROW.author_id, _ROW.channel_id, _ROW.parent_id, _ROW.text, _ROW.normalised),
        *(_VERDICT.decided_rule, _VERDICT.probabilities, _VERDICT.policy_number, _VERDICT.extends),
        *(_VERDICT.rationale, _VERDICT.quote),
        exists().where(_REVIEW.case_id == _CASE.id).label("has_reviews"),
        exists().where(_NOTE.case_id == _CASE.id).label("has_notes"),
        exists().where(_APPEAL.case_id == _CASE.id).label("has_appeal"),
    )
    .join(_ROW, _ROW.id == _CASE.submission_id)
    .join(_VERDICT, _VERDICT.submission_id == _CASE.submission_id)
    .where(_CASE.id.in_(_IDS))
)
_REVIEWS = select(_REVIEW.case_id, _REVIEW.kind, _REVIEW.note).where(_REVIEW.case_id.in_(_IDS)).order_by(_REVIEW.id)
_NOTES = select(_NOTE.case_id, _NOTE.text).where(_NOTE.case_id.in_(_IDS)).order_by(_NOTE.id)
_APPEALS = select(_APPEAL.case_id, _APPEAL.text, _APPEAL.answer).where(_APPEAL.case_id.in_(_IDS))
