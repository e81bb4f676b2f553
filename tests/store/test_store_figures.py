"""What is counted of a server, on SQLite and on PostgreSQL: its own and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.figures import Queue
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store

HERE, ELSEWHERE = 10, 11
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def submission(message_id: int, guild_id: int = HERE) -> Submission:
    return Submission(guild_id, 20, message_id, 0, 30, "ana", "text", "text", (), NOW)


def verdict(rule: str = "1", probability: float = 0.9) -> Verdict:
    return Verdict(rule, {rule: probability}, "d" * 64, "tiny", "e" * 64)


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
