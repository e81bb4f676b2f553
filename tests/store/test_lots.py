"""However much is on record: no statement binds it all, and no transaction changes it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.figures import Span
from bot.domain.records import ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store
from bot.store.chain import Appender
from bot.store.linked import begins_one
from bot.store.sessions import Touched
from tests.store.statements import statements_of

HERE, ANA, BO = 10, 30, 31
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MANY, PAGE = 45, 2
# What of a case may change at once is in so few places, and no row has so many columns.
FEW, COLUMNS = 6 * PAGE, 30
REVIEW = Decision(Outcome.REVIEW, "1")


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are small beside what is on record."""
    for name in ("erasure.PAGE", "chain.CHUNK", "chain_kinds.CHUNK", "case_index.CHUNK"):
        monkeypatch.setattr(f"bot.store.{name}", PAGE)


def said(message_id: int, author_id: int) -> Submission:
    return Submission(HERE, 20, message_id, 0, author_id, "somebody", "words", "words", (), NOW)


async def cases(store: Store, author_id: int, first: int = 1) -> list[Submission]:
    """MANY settled cases of a member."""
    submissions = [said(first + number, author_id) for number in range(MANY)]
    for journal_id in await store.journal.append(submissions):
        made = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64)
        await store.journal.open_case(journal_id, made, REVIEW, Mode.SHADOW, None, (), NOW)
        await store.journal.settled(journal_id)
    return submissions


@contextmanager
def watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How much each transaction says it touched; in the end no statement had more parameters than a page takes."""
    touched_by: list[int] = []
    append = Appender.append

    def noting(self: Appender, connection: Connection, servers: Mapping[int, Touched]) -> None:
        touched_by.append(sum(map(len, servers.values())))
        append(self, connection, servers)

    monkeypatch.setattr(Appender, "append", noting)
    with statements_of(store) as sent:
        yield touched_by
    assert max(bound(parameters) for _, parameters in sent) < COLUMNS


def bound(parameters: Any) -> int:
    """How many parameters a statement has; one that is sent with many lots of them has those of a lot."""
    if isinstance(parameters, list) and parameters and isinstance(parameters[0], tuple | list | dict):
        parameters = parameters[0]
    return len(parameters or ())


async def test_a_member_who_wrote_much_is_forgotten_a_page_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cases(store, ANA)
    with watched(store, monkeypatch) as touched:
        await store.erasure.erase(HERE, ANA, ())
        await store.erasure.unname_unposted(HERE, ANA)
    assert touched
    assert max(touched) <= FEW
    assert (await store.erasure.held(HERE, ANA, ())).is_nothing


async def test_a_member_who_reported_much_is_forgotten_a_page_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.reports.MOST_REPORTS", MANY + 1)
    for one in await cases(store, BO):
        await store.reports.add(one, ANA, Mode.SHADOW)
    waiting = await store.waiting.count(HERE, ())
    with watched(store, monkeypatch) as touched:
        await store.erasure.erase(HERE, ANA, ())
    assert touched
    assert max(touched) <= FEW
    assert (await store.erasure.held(HERE, ANA, ())).is_nothing
    assert await store.waiting.count(HERE, ()) == waiting == MANY, "they wait for a human as before"


async def test_what_somebody_answered_and_reported_is_disclosed_a_page_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.disclosure.PAGE", PAGE)
    monkeypatch.setattr("bot.store.reports.MOST_REPORTS", MANY + 1)
    for number, one in enumerate(await cases(store, BO), start=1):
        await store.reviews.answer(HERE, number, ReviewKind.CONFIRM, ANA)
        await store.reports.add(one, ANA, Mode.SHADOW)
    with statements_of(store) as sent:
        told = [entry async for entry in store.disclosure.of_member(HERE, ANA, ())]
    assert [record["review_of_case"] for name, record in told if name == "as_moderator"] == list(range(1, MANY + 1))
    assert [record["reported_case"] for name, record in told if name == "reports"] == list(range(1, MANY + 1))
    # What belongs to a page of their own messages is read by that page's cases.
    asked = [sql for sql, _ in sent if "case_id IN" not in sql]
    read = [sql for sql in asked if "FROM reviews" in sql or "FROM reports" in sql]
    assert len(read) > 2 * MANY / PAGE
    assert [sql for sql in read if "LIMIT" not in sql] == []


class Counted(str):
    """A text that counts how often it is asked how it begins."""

    asked = 0

    def startswith(self, *beginning: Any) -> bool:
        Counted.asked += 1
        return super().startswith(*beginning)


def test_whether_words_begin_any_of_many_texts_is_not_asked_of_each() -> None:
    texts = [Counted(text) for text in sorted(f"text {number}" for number in range(2_000))]
    assert begins_one(" text 77 ", texts)
    assert begins_one("text 1999", texts)
    assert begins_one("t", texts)
    assert not begins_one("text 77 and more", texts)
    assert not begins_one("u", texts)
    assert not begins_one(" ", texts)
    assert Counted.asked <= 5


async def test_of_the_answers_of_a_span_the_newest_are_looked_at_one_by_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    submissions = [said(number, BO) for number in range(1, 5)]
    for number, journal_id in enumerate(await store.journal.append(submissions), start=1):
        made = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64)
        await store.journal.open_case(journal_id, made, REVIEW, Mode.SHADOW, 1, (), NOW)
        await store.reviews.answer(HERE, number, ReviewKind.CONFIRM, ANA)
    monkeypatch.setattr("bot.store.figures.MOST_REVIEWED", 3)
    found = await store.figures.reviewed(HERE, Span(NOW, NOW + timedelta(days=1)))
    assert [one.number for one in found] == [2, 3, 4]
