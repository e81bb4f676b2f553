"""Looking for cases: each filter alone and together, newest first, never another server's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.case_filter import CaseFilter
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseStatus, ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store, StoreError
from bot.store.reviews import AnsweredError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DELETE, BAN = Action(ActionKind.DELETE), Action(ActionKind.BAN)
GUILD, MODERATOR = 10, 70
ALL = [5, 4, 3, 2, 1]


def submission(message_id: int, author: int, channel: int, parent: int | None, guild_id: int = GUILD) -> Submission:
    return Submission(guild_id, channel, message_id, 0, author, "ana", "text", "text", (), NOW, parent)


@pytest.fixture
async def filled(store: Store) -> Store:
    """Five cases a day apart: 1 confirmed, 2 confirmed and then overturned, 3 open, 4 in a thread, 5 another rule."""
    rows = [(30, 20, None, "1"), (30, 20, None, "1"), (31, 20, None, "1"), (30, 21, 20, "1"), (30, 22, None, "2")]
    for index, (author, channel, parent, rule) in enumerate(rows):
        (journal_id,) = await store.journal.append([submission(index + 1, author, channel, parent)])
        verdict = Verdict(rule, {"1": 0.9, "2": 0.9}, "d" * 64, "tiny", "e" * 64)
        opened_at = NOW + timedelta(days=index)
        decision = Decision(Outcome.ACT, rule, (DELETE, BAN))
        await store.journal.open_case(journal_id, verdict, decision, Mode.ENFORCE, 1, (DELETE, BAN), opened_at)
    await store.reviews.answer(GUILD, 1, ReviewKind.CONFIRM, MODERATOR)
    await store.reviews.answer(GUILD, 2, ReviewKind.CONFIRM, MODERATOR)
    await store.reviews.answer(GUILD, 2, ReviewKind.OVERTURN, 71, known=1)
    await store.reviews.answer(GUILD, 4, ReviewKind.OTHER, 71)
    (other,) = await store.journal.append([submission(99, 30, 20, None, guild_id=11)])
    verdict = Verdict("1", {"1": 0.9}, "d" * 64, "tiny", "e" * 64)
    await store.journal.open_case(other, verdict, Decision(Outcome.ACT, "1"), Mode.ENFORCE, 1, (), NOW)
    return store


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CaseFilter(), ALL),
        (CaseFilter(member_id=31), [3]),
        (CaseFilter(rule="2"), [5]),
        (CaseFilter(channel_id=20), [4, 3, 2, 1]),
        (CaseFilter(channel_id=21), [4]),
        (CaseFilter(since=NOW + timedelta(days=3)), [5, 4]),
        (CaseFilter(until=NOW + timedelta(days=1)), [1]),
        (CaseFilter(status=CaseStatus.OPEN), [5, 3]),
        (CaseFilter(status=CaseStatus.CONFIRMED), [1]),
        (CaseFilter(status=CaseStatus.OVERTURNED), [2]),
        (CaseFilter(status=CaseStatus.OTHER), [4]),
        (CaseFilter(moderator_id=MODERATOR), [2, 1]),
        (CaseFilter(moderator_id=71), [4, 2]),
        (CaseFilter(up_to=2), [2, 1]),
        (CaseFilter(hidden=frozenset({20})), [5]),
        (CaseFilter(hidden=frozenset({22})), [4, 3, 2, 1]),
        (CaseFilter(member_id=30, rule="1", status=CaseStatus.CONFIRMED, moderator_id=MODERATOR), [1]),
        (CaseFilter(member_id=31, rule="2"), []),
    ],
)
async def test_cases_are_found_by_every_filter(filled: Store, wanted: CaseFilter, numbers: list[int]) -> None:
    assert [case.number for case in await filled.search.find(GUILD, wanted, 50)] == numbers
    assert await filled.search.count(GUILD, wanted) == len(numbers)
    assert [case.number async for case in filled.search.all(GUILD, wanted)] == numbers


async def test_pages_go_on_where_the_last_one_ended(filled: Store) -> None:
    pages = [await filled.search.find(GUILD, CaseFilter(), 2, offset) for offset in (0, 2, 4, 6)]
    assert [[case.number for case in page] for page in pages] == [[5, 4], [3, 2], [1], []]


async def test_an_answer_given_by_who_knows_of_none_is_refused_after_the_first(filled: Store) -> None:
    with pytest.raises(AnsweredError, match=r"Case 1 was confirmed already by <@70>, <t:\d+:R>\."):
        await filled.reviews.answer(GUILD, 1, ReviewKind.OVERTURN, 72)
    with pytest.raises(StoreError, match="There is no case 9"):
        await filled.reviews.answer(GUILD, 9, ReviewKind.OVERTURN, 72)
    case = await filled.cases.get(GUILD, 1)
    assert case is not None
    assert len(case.reviews) == 1


async def test_overturning_skips_what_was_not_begun_and_plans_to_undo_the_rest(filled: Store) -> None:
    case = await filled.cases.get(GUILD, 3)
    assert case is not None
    await filled.cases.attempt(case.actions[0].id)
    case = await filled.reviews.answer(GUILD, 3, ReviewKind.OVERTURN, MODERATOR)
    told = [(one.outcome.value, one.undoing.outcome.value if one.undoing else None) for one in case.actions]
    assert told == [("attempted", "planned"), ("skipped", None)]
    assert await filled.reviews.not_undone() == [case.journal_id]


async def test_what_a_moderator_asks_for_is_an_action_but_not_the_bots_decision(filled: Store) -> None:
    case = await filled.reviews.answer(GUILD, 5, ReviewKind.OTHER, MODERATOR, asked=[BAN])
    assert [(str(one.action), one.asked_by) for one in case.actions] == [
        ("delete", None),
        ("ban", None),
        ("ban", MODERATOR),
    ]
    assert case.decision.actions == (DELETE, BAN)
    await filled.cases.attempt(case.actions[-1].id)
    assert await filled.cases.recent_punishments(GUILD, NOW) == 0


async def test_notes_are_kept_in_their_order(filled: Store) -> None:
    await filled.reviews.add_note(GUILD, 5, MODERATOR, "first")
    case = await filled.reviews.add_note(GUILD, 5, 71, "second")
    assert [(note.author_id, note.text) for note in case.notes] == [(MODERATOR, "first"), (71, "second")]
