"""Stored messages to try a policy on: kept texts only, of one server, with what humans found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FLAG = Action(ActionKind.FLAG)
ACT = Decision(Outcome.ACT, "1", (FLAG,))
VERDICT = Verdict("1", {"1": 0.9}, "d" * 64, "tiny", "e" * 64)


async def settled(
    store: Store, number: int, guild_id: int = 10, channel_id: int = 20, parent_id: int | None = None
) -> int:
    said = Submission(
        guild_id, channel_id, number, 0, 30, "ana", f"text {number}", f"norm {number}", (), NOW, parent_id
    )
    (journal_id,) = await store.journal.append([said])
    await store.journal.claim(100)
    await store.journal.settle_allowed(journal_id, VERDICT, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
    return journal_id


async def case(store: Store, number: int, *kinds: ReviewKind) -> int:
    said = Submission(10, 20, number, 0, 30, "ana", f"text {number}", f"norm {number}", (), NOW)
    (journal_id,) = await store.journal.append([said])
    await store.journal.claim(100)
    opened = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, (FLAG,), NOW)
    await store.journal.settled(journal_id)
    for kind in kinds:
        await store.reviews.answer(10, opened.number, kind, 7, known=9)
    return journal_id


async def test_the_newest_settled_messages_of_the_server_come_with_their_verdicts(store: Store) -> None:
    ids = [await settled(store, number) for number in range(1, 4)]
    await settled(store, 8, guild_id=11)
    waiting = Submission(10, 20, 9, 0, 30, "ana", "waits", "waits", (), NOW)
    await store.journal.append([waiting])
    samples = await store.samples.latest(10, 2)
    assert [one.journal_id for one in samples] == [ids[2], ids[1]]
    assert samples[0].submission.text == "text 3"
    assert samples[0].verdict == VERDICT
    assert samples[0].breaks is None


async def test_a_message_without_a_verdict_is_a_sample_too(store: Store) -> None:
    (journal_id,) = await store.journal.append([Submission(10, 20, 1, 0, 30, "ana", "text", "text", (), NOW)])
    await store.journal.claim(1)
    await store.journal.drop(journal_id, "the server has no policy")
    (sample,) = await store.samples.latest(10, 5)
    assert sample.verdict is None


async def test_the_messages_that_became_cases_are_told_with_their_numbers(store: Store) -> None:
    allowed, first, second = await settled(store, 1), await case(store, 2), await case(store, 3)
    assert await store.cases.numbers(10, [allowed, first, second]) == {first: 1, second: 2}
    assert await store.cases.numbers(10, [allowed]) == await store.cases.numbers(10, []) == {}
    assert await store.cases.numbers(11, [first]) == {}, "of no other server"


async def test_the_last_review_of_a_case_says_what_a_human_found(store: Store) -> None:
    confirmed = await case(store, 1, ReviewKind.CONFIRM)
    overturned = await case(store, 2, ReviewKind.CONFIRM, ReviewKind.OVERTURN)
    other = await case(store, 3, ReviewKind.OTHER)
    await case(store, 4)
    found = {one.journal_id: one.breaks for one in await store.samples.reviewed(10)}
    assert found == {confirmed: True, overturned: False, other: True}


async def test_what_retention_cleared_is_no_sample(store: Store) -> None:
    await settled(store, 1)
    await case(store, 2, ReviewKind.CONFIRM)
    await store.retention.clear(datetime.now(UTC) + timedelta(days=400))
    assert await store.samples.latest(10, 5) == []
    assert await store.samples.reviewed(10) == []


async def test_nothing_comes_from_hidden_channels_and_their_threads(store: Store) -> None:
    seen = await settled(store, 1)
    await settled(store, 2, channel_id=21)
    await settled(store, 3, channel_id=99, parent_id=21)
    in_thread = await settled(store, 4, channel_id=98, parent_id=20)
    assert [one.journal_id for one in await store.samples.latest(10, 9, [21])] == [in_thread, seen]
    await case(store, 5, ReviewKind.CONFIRM)
    assert await store.samples.reviewed(10, [20]) == []
