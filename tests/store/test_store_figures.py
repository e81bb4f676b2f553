"""What is counted of a server, on SQLite and on PostgreSQL: its own and nobody else's."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Decision, Mode, Outcome, review_for
from bot.domain.figures import Answers, Day, Latency, Queue, ReviewedCase, Span, Tally, Work
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store
from bot.store.engine import sqlite_file
from tests.store.statements import statements_of

HERE, ELSEWHERE = 10, 11
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SPAN = Span(NOW - timedelta(days=1), NOW + timedelta(days=1))
DELETE, KICK = Action(ActionKind.DELETE), Action(ActionKind.KICK)
CONFIRM, OVERTURN, OTHER = ReviewKind.CONFIRM, ReviewKind.OVERTURN, ReviewKind.OTHER
numbers = itertools.count(1)


def submission(message_id: int, guild_id: int = HERE) -> Submission:
    return Submission(guild_id, 20, message_id, 0, 30, "ana", "text", "text", (), NOW)


def verdict(rule: str = "1", probability: float = 0.9, milliseconds: float | None = None) -> Verdict:
    timings = {"judge": 1.0} | ({"total": milliseconds} if milliseconds is not None else {})
    return Verdict(rule, {rule: probability}, "d" * 64, "tiny", "e" * 64, timings_ms=timings)


async def allowed(store: Store, milliseconds: Sequence[float | None], guild_id: int = HERE) -> None:
    """Messages that were judged so fast and let pass."""
    ids = await store.journal.append([submission(next(numbers), guild_id) for _ in milliseconds])
    for journal_id, took in zip(ids, milliseconds, strict=True):
        made = verdict(milliseconds=took)
        await store.journal.settle_allowed(journal_id, made, Decision(Outcome.ALLOW), Mode.SHADOW, 1)


async def case(
    store: Store,
    *reviews: ReviewKind,
    rule: str = "1",
    version: int = 1,
    actions: Sequence[Action] = (),
    guild_id: int = HERE,
    at: datetime = NOW,
    probability: float = 0.9,
) -> CaseRecord:
    """A case with the answers that moderators gave, one after the other."""
    (journal_id,) = await store.journal.append([submission(next(numbers), guild_id)])
    decision, made = Decision(Outcome.ACT, rule, tuple(actions)), verdict(rule, probability)
    opened = await store.journal.open_case(journal_id, made, decision, Mode.ENFORCE, version, actions, at)
    for kind in reviews:
        await store.reviews.answer(guild_id, opened.number, kind, 9, known=9)
    return opened


async def unjudged(store: Store) -> None:
    """A message that could not be judged, and one that was not due."""
    failed, dropped = await store.journal.append([submission(next(numbers)), submission(next(numbers))])
    await store.journal.open_case(failed, None, review_for("the judge is away"), Mode.ENFORCE, None, (), NOW)
    await store.journal.drop(dropped, "the server has no policy")


async def test_a_server_where_nothing_was_posted_has_an_empty_queue(store: Store) -> None:
    assert await store.figures.queue(HERE) == Queue()


async def test_the_queue_is_what_waits_or_is_judged_its_oldest_and_the_cases_not_through(store: Store) -> None:
    before = datetime.now(UTC)
    await store.journal.append([submission(1), submission(2)])
    between = datetime.now(UTC)
    await store.journal.append([submission(3), submission(4), submission(5)])
    await store.journal.append([submission(6, ELSEWHERE)])
    first, second, third, *_ = [entry.id for entry in await store.journal.claim(6) if entry.submission.guild_id == HERE]
    queue = await store.figures.queue(HERE)
    assert (queue.waiting, queue.unfinished) == (5, 0)
    assert queue.oldest is not None
    assert before <= queue.oldest <= between
    await store.journal.release([first])
    await store.journal.settle_allowed(second, verdict(), Decision(Outcome.ALLOW), Mode.SHADOW, 1)
    await store.journal.open_case(third, verdict(), Decision(Outcome.ACT, "1"), Mode.SHADOW, 1, (), NOW)
    queue = await store.figures.queue(HERE)
    assert (queue.waiting, queue.unfinished) == (3, 1)
    await store.journal.settle_allowed(first, verdict(), Decision(Outcome.ALLOW), Mode.SHADOW, 1)
    queue = await store.figures.queue(HERE)
    assert queue.waiting == 2
    assert queue.oldest is not None
    assert queue.oldest >= between


async def test_messages_judged_are_counted_by_what_was_decided_and_what_was_not_judged_is_not(store: Store) -> None:
    since = datetime.now(UTC)
    await allowed(store, [1.0, 2.0, 3.0])
    await allowed(store, [1.0], ELSEWHERE)
    await case(store)
    await unjudged(store)
    await store.journal.append([submission(next(numbers))])
    until = datetime.now(UTC) + timedelta(seconds=1)
    assert (await store.figures.work(HERE, Span(since, until))).judged == {Outcome.ALLOW: 3, Outcome.ACT: 1}
    assert await store.figures.work(HERE, Span(since, until).before()) == Work()
    assert await store.figures.work(12, Span(since, until)) == Work()


@pytest.mark.parametrize(
    ("milliseconds", "latency"),
    [
        ([], None),
        ([None], None),
        ([7.5], Latency(7.5, 7.5)),
        ([3.0, None, 1.0], Latency(1.0, 3.0)),
        ([4.0, 1.0, 3.0, 2.0, 2.0], Latency(2.0, 4.0)),
        ([float(number) for number in range(40, 0, -1)], Latency(20.0, 38.0)),
    ],
)
async def test_latency_is_the_median_and_95th_percentile_of_the_times_that_are_stored(
    store: Store, milliseconds: list[float | None], latency: Latency | None
) -> None:
    since = datetime.now(UTC)
    await allowed(store, milliseconds)
    await allowed(store, [10_000.0] * 3, ELSEWHERE)
    span = Span(since, datetime.now(UTC) + timedelta(seconds=1))
    assert (await store.figures.work(HERE, span)).latency == latency


async def test_actions_are_counted_by_kind_and_what_became_of_them(store: Store) -> None:
    done = await case(store, actions=[DELETE, KICK])
    await store.cases.finish(done.actions[0].id, ActionOutcome.DONE)
    await store.cases.finish(done.actions[1].id, ActionOutcome.FAILED, "the bot lacks Kick Members")
    await case(store, actions=[DELETE])
    await case(store, actions=[DELETE], guild_id=ELSEWHERE)
    await case(store, actions=[DELETE], at=SPAN.until)
    await case(store, actions=[DELETE], at=SPAN.since - timedelta(seconds=1))
    assert (await store.figures.work(HERE, SPAN)).actions == {
        ActionKind.DELETE: {ActionOutcome.DONE: 1, ActionOutcome.PLANNED: 1},
        ActionKind.KICK: {ActionOutcome.FAILED: 1},
    }


async def test_cases_are_tallied_by_version_and_rule_and_the_latest_review_of_each_counts(store: Store) -> None:
    await case(store, CONFIRM)
    await case(store, CONFIRM, OVERTURN)
    await case(store, OVERTURN, OTHER, CONFIRM)
    await case(store)
    await case(store, OTHER, rule="2")
    await case(store, OVERTURN, version=2)
    await case(store, OVERTURN, guild_id=ELSEWHERE)
    await case(store, OVERTURN, at=SPAN.until)
    await unjudged(store)
    tallies = await store.figures.tallies(HERE, SPAN)
    assert sorted(tallies, key=str) == sorted(
        [
            Tally(1, "1", Answers(4, confirmed=2, overturned=1)),
            Tally(1, "2", Answers(1, other=1)),
            Tally(2, "1", Answers(1, overturned=1)),
            Tally(None, None, Answers(1)),
        ],
        key=str,
    )
    assert await store.figures.tallies(12, SPAN) == []


async def test_reviewed_cases_come_with_their_rules_probability_and_the_latest_answer(store: Store) -> None:
    await case(store, OVERTURN, CONFIRM, probability=0.91)
    await case(store)
    await case(store, OTHER, rule="2", version=4, probability=0.52)
    await case(store, OVERTURN, guild_id=ELSEWHERE)
    await case(store, OVERTURN, at=SPAN.until)
    await unjudged(store)
    failed = (await store.cases.list(HERE))[0]
    await store.reviews.answer(HERE, failed.number, OVERTURN, 9)
    assert await store.figures.reviewed(HERE, SPAN) == [
        ReviewedCase(1, 1, "1", 0.91, CONFIRM, model_digest="e" * 64),
        ReviewedCase(3, 4, "2", 0.52, OTHER, model_digest="e" * 64),
    ]


async def test_no_figure_reads_a_table_from_end_to_end(store: Store) -> None:
    if sqlite_file(store.url) is None:
        pytest.skip("only SQLite plans the same however little there is")
    with statements_of(store) as asked:
        await store.figures.queue(HERE)
        await store.figures.work(HERE, SPAN)
        await store.figures.tallies(HERE, SPAN)
        await store.figures.reviewed(HERE, SPAN)
        await store.figures.answers_by_day(HERE, SPAN)
        await store.figures.recorded(HERE)
    plans = []
    async with store._engine.connect() as connection:
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
                plans += [row[3] for row in rows]
    assert len(plans) > len(asked) >= 6
    tables = ("submissions", "verdicts", "cases", "actions", "reviews", "any_review")
    assert [plan for plan in plans if plan.split()[:2] in [["SCAN", table] for table in tables]] == []


async def test_days_are_counted_apart_each_with_its_messages_and_the_answers_its_cases_have_by_now(
    store: Store,
) -> None:
    await case(store, CONFIRM, at=NOW - timedelta(days=2))
    await case(store, CONFIRM, OVERTURN, at=NOW - timedelta(days=1))
    await case(store, at=NOW - timedelta(seconds=1))
    await case(store, CONFIRM, at=NOW)
    await case(store, CONFIRM, at=NOW - timedelta(days=1), guild_id=ELSEWHERE)
    days = await store.figures.days(HERE, Span(NOW - timedelta(days=2), NOW))
    assert days == [
        Day(NOW - timedelta(days=1), {}, Answers(1, confirmed=1)),
        Day(NOW, {}, Answers(2, overturned=1)),
    ]
    assert await store.figures.answers_by_day(HERE, Span(NOW - timedelta(days=2), NOW)) == [day.answers for day in days]


async def test_what_is_on_record_grows_with_each_case_and_each_answer_of_this_server_alone(store: Store) -> None:
    grown = [await store.figures.recorded(HERE)]
    opened = await case(store)
    grown.append(await store.figures.recorded(HERE))
    await store.reviews.answer(HERE, opened.number, CONFIRM, 9)
    grown.append(await store.figures.recorded(HERE))
    await case(store, CONFIRM, guild_id=ELSEWHERE)
    await allowed(store, [1.0])
    assert grown == sorted(set(grown)), "each more than the one before"
    assert await store.figures.recorded(HERE) == grown[-1]


async def test_messages_are_counted_on_the_day_they_were_judged(store: Store) -> None:
    await allowed(store, [1.0, 2.0])
    await case(store)
    until = datetime.now(UTC) + timedelta(seconds=1)
    days = await store.figures.days(HERE, Span(until - timedelta(days=30), until))
    assert [day.judged for day in days] == [{}] * 29 + [{Outcome.ALLOW: 2, Outcome.ACT: 1}]
