"""Forgetting a member: their words are nowhere any more, the decisions are still there, others lose nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord, JournalState, ReviewKind
from bot.domain.submission import NOBODY, ContextMessage, Submission
from bot.domain.verdict import AS_AN_ANSWER, Method, Verdict
from bot.store import ForgottenError, Store
from bot.store.engine import sqlite_file
from bot.store.erasure import UNJUDGED, Held
from bot.store.tables import Base

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HERE, ELSEWHERE = 10, 11
ANA, BO = 30, 31
FLAG = Action(ActionKind.FLAG)
ACT = Decision(Outcome.ACT, "2", (FLAG,))
NAMES = frozenset({"ana the secret"})


def submission(
    message_id: int, guild_id: int = HERE, author_id: int = ANA, context: tuple[ContextMessage, ...] = ()
) -> Submission:
    name, words = ("ana the secret", "secret words") if author_id == ANA else ("bo", "harmless words")
    return Submission(guild_id, 20, message_id, 0, author_id, name, words, f"norm {words}", context, NOW)


def verdict(words: str = "") -> Verdict:
    """What a judge that reasons says: a quote is of the message itself."""
    quote = words if words == "secret words" else ""
    return Verdict("2", {"2": 0.9}, "d" * 64, "m", "e" * 64, Method.REASON, words, quote, f"I see {words}")


async def dump(store: Store) -> str:
    """All that stands in any table."""
    async with store._engine.connect() as connection:
        rows = [row for table in Base.metadata.sorted_tables for row in await connection.execute(select(table))]
    return "\n".join(str(row) for row in rows)


async def case_of(store: Store, one: Submission, words: str) -> CaseRecord:
    (number,) = await store.journal.append([one])
    await store.journal.claim(100)
    return await store.journal.open_case(number, verdict(words), ACT, Mode.ENFORCE, 3, ACT.actions, NOW)


async def settled_case(store: Store, one: Submission, words: str) -> CaseRecord:
    case = await case_of(store, one, words)
    await store.reviews.answer(case.guild_id, case.number, ReviewKind.CONFIRM, 9, note=f"they said {words}")
    await store.reviews.add_note(case.guild_id, case.number, 9, f"again they said {words}")
    await store.appeals.lodge(case.guild_id, case.number, one.author_id, f"I only said {words}")
    await store.appeals.answer(case.guild_id, case.number, 9, f"You said {words}")
    await store.journal.settled(case.journal_id)
    return case


async def forget(store: Store, names: frozenset[str] = frozenset()) -> Held:
    held = await store.erasure.erase(HERE, ANA, names)
    await store.erasure.unname_unposted(HERE, ANA)
    return held


async def test_no_table_holds_a_word_or_the_name_of_who_was_forgotten_and_the_decision_stays(store: Store) -> None:
    before = await settled_case(store, submission(1), "secret words")
    (allowed,) = await store.journal.append([submission(2)])
    await store.journal.claim(5)
    await store.journal.settle_allowed(allowed, verdict("secret words"), Decision(Outcome.ALLOW), Mode.ENFORCE, 3)
    said = (ContextMessage("bo", "hello", BO), ContextMessage("ana the secret", "secret words", ANA))
    other = await case_of(store, submission(3, author_id=BO, context=said), "He answers secret words.")
    assert await forget(store) == Held(messages=2, waiting=0, contexts=1, cases=1, named=2)
    assert "secret" not in await dump(store)
    case = await store.cases.get(HERE, before.number)
    assert case is not None
    assert (case.number, case.decision, case.policy_number, case.created_at) == (1, ACT, 3, NOW)
    assert [one.action for one in case.actions] == [FLAG]
    assert [(one.kind, one.reviewer_id) for one in case.reviews] == [(ReviewKind.CONFIRM, 9)]
    assert case.submission.author_id == NOBODY
    kept = await store.cases.get(HERE, other.number)
    assert kept is not None
    assert (kept.submission.text, kept.submission.author_id) == ("harmless words", BO)
    assert kept.submission.context == (ContextMessage("bo", "hello", BO),)


async def test_the_files_of_sqlite_hold_no_word_either(store: Store) -> None:
    file = sqlite_file(store.url)
    if file is None:
        pytest.skip("PostgreSQL overwrites when it vacuums")
    await settled_case(store, submission(1), "secret words")
    await forget(store)
    files = [file, *file.parent.glob(f"{file.name}-wal")]
    assert not any(b"secret" in one.read_bytes() for one in files)


async def test_words_on_another_server_stay(store: Store) -> None:
    await settled_case(store, submission(1), "secret words")
    elsewhere = await settled_case(store, submission(2, ELSEWHERE), "secret words")
    said = (ContextMessage("ana the secret", "secret words", ANA),)
    await store.journal.append([submission(3, ELSEWHERE, BO, said)])
    before = (await store.cases.get(ELSEWHERE, 1), await store.journal.claim(5))
    await store.journal.release_claimed()
    await forget(store)
    assert before[0] == await store.cases.get(ELSEWHERE, elsewhere.number)
    assert [one.submission for one in before[1]] == [one.submission for one in await store.journal.claim(5)]


async def test_context_from_before_ids_were_kept_is_known_by_the_names_somebody_goes_by(store: Store) -> None:
    said = (ContextMessage("ana the secret", "secret words"), ContextMessage("bo", "hello"))
    await store.journal.append([submission(1, author_id=BO, context=said)])
    assert (await store.erasure.held(HERE, ANA, NAMES)).contexts == 1
    await forget(store, NAMES)
    (entry,) = await store.journal.claim(1)
    assert entry.submission.context == (ContextMessage("bo", "hello"),)


@pytest.mark.parametrize("claimed", [False, True])
async def test_what_was_not_judged_yet_is_never_judged_and_does_not_come_back(store: Store, claimed: bool) -> None:
    (number,) = await store.journal.append([submission(1)])
    if claimed:
        await store.journal.claim(1)
    assert (await forget(store)).waiting == 1
    assert await store.journal.claim(5) == []
    await store.journal.release([number])
    assert await store.journal.release_claimed() == 0
    with pytest.raises(ForgottenError):
        await store.journal.settle_allowed(number, verdict("secret"), Decision(Outcome.ALLOW), Mode.ENFORCE, 3)
    with pytest.raises(ForgottenError):
        await store.journal.open_case(number, verdict("secret"), ACT, Mode.ENFORCE, 3, (FLAG,), NOW)
    assert await store.journal.append([submission(1)]) == []
    judgement = await store.journal.judgement(HERE, 1)
    assert judgement is not None
    assert (judgement.verdict, judgement.case_number, judgement.decision.reason) == (None, None, UNJUDGED)
    assert await store.cases.list(HERE) == []
    assert "secret" not in await dump(store)


async def test_a_case_that_is_worked_on_keeps_the_id_until_it_is_settled(store: Store) -> None:
    case = await case_of(store, submission(1), "secret words")
    await forget(store)
    assert "secret" not in await dump(store)
    assert await store.erasure.unfinished(HERE, ANA) == 1
    read = await store.cases.get(HERE, 1)
    assert read is not None
    assert read.submission.author_id == ANA
    assert await store.journal.judged() == [case.journal_id]
    await store.journal.settled(case.journal_id)
    assert await forget(store) == Held(named=1, cases=1)
    assert await store.erasure.held(HERE, ANA, NAMES) == Held()


async def test_a_posted_case_keeps_the_id_until_its_post_is_dealt_with(store: Store) -> None:
    case = await settled_case(store, submission(1), "secret words")
    await store.cases.logged(HERE, 1, 77, 88)
    await forget(store)
    (posted,) = await store.erasure.posted(HERE, ANA, 5)
    assert (posted.number, posted.submission.author_id, posted.submission.text) == (1, ANA, "")
    await store.erasure.unname(HERE, ANA, case.journal_id)
    assert await store.erasure.posted(HERE, ANA, 5) == []


async def test_forgetting_again_erases_nothing_more(store: Store) -> None:
    await settled_case(store, submission(1), "secret words")
    await forget(store)
    once = await dump(store)
    assert (await forget(store)).is_nothing
    assert await dump(store) == once


async def test_what_a_member_writes_afterwards_is_kept_as_before(store: Store) -> None:
    await store.journal.append([submission(1)])
    await forget(store)
    await store.journal.append([submission(2)])
    (entry,) = await store.journal.claim(5)
    assert entry.submission == submission(2)
    assert entry.state is JournalState.CLAIMED


async def test_more_than_a_page_is_erased(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.erasure.PAGE", 3)
    said = (ContextMessage("ana the secret", "secret words", ANA),)
    await store.journal.append([submission(number) for number in range(1, 9)])
    await store.journal.append([submission(number, author_id=BO, context=said) for number in range(9, 17)])
    assert await forget(store) == Held(messages=8, waiting=8, contexts=8, cases=0, named=8)
    assert "secret" not in await dump(store)


async def test_what_retention_cleared_loses_the_id_too(store: Store) -> None:
    await settled_case(store, submission(1), "secret words")
    await store.retention.clear(datetime.now(UTC) + timedelta(days=60))
    assert await store.erasure.held(HERE, ANA, NAMES) == Held(messages=0, cases=1, named=1)
    await forget(store)
    async with store._engine.connect() as connection:
        assert (await connection.execute(text("SELECT author_id FROM submissions"))).scalars().all() == [NOBODY]


async def test_a_rationale_of_anothers_case_stays_where_it_says_nothing_of_them(store: Store) -> None:
    said = (ContextMessage("ana the secret", "secret words", ANA),)
    one = replace(submission(1, author_id=BO), context=said)
    case = await settled_case(store, one, "rule 2 is broken")
    await forget(store)
    read = await store.cases.get(HERE, case.number)
    assert read is not None
    assert read.verdict is not None
    assert (read.verdict.rationale, read.verdict.reasoning) == ("rule 2 is broken", "")


async def test_a_rationale_that_was_written_with_their_words_in_sight_goes_whatever_it_says(store: Store) -> None:
    said = (ContextMessage("ana the secret", "secret words", ANA),)
    one = replace(submission(1, author_id=BO), context=said)
    case = await settled_case(store, one, f"Breaks rule 2: {AS_AN_ANSWER}, the message offers what was asked for.")
    await forget(store)
    read = await store.cases.get(HERE, case.number)
    assert read is not None
    assert read.verdict is not None
    assert read.verdict.rationale == ""


async def test_messages_of_who_was_forgotten_are_known_as_such_and_no_others(store: Store) -> None:
    await store.journal.append([submission(1), submission(2, author_id=BO), submission(3, ELSEWHERE)])
    await store.erasure.erase(HERE, ANA, NAMES, by=7)
    await store.erasure.unname_unposted(HERE, ANA, by=7)
    authors = await store.journal.authors([1, 2, 3, 4])
    assert authors == {(1, 0): NOBODY, (2, 0): BO, (3, 0): ANA}
