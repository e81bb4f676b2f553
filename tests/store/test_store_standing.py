"""Which cases of a member the ladder is shown, and that what it made of a decision is kept with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Ahead, Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ReviewKind
from bot.domain.standing import PastCase
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store

NOW = datetime(2026, 1, 20, 3, 4, 5, tzinfo=UTC)
DAY = timedelta(days=1)
FLAG, ESCALATE, HELP = (Action(ActionKind(name)) for name in ("flag", "escalate", "help"))
TIMEOUT = Action(ActionKind.TIMEOUT, timedelta(minutes=90))
GUILD, MEMBER, MODERATOR = 10, 30, 70


async def opened(
    store: Store, message_id: int, decision: Decision, at: datetime, *, author_id: int = MEMBER, guild_id: int = GUILD
) -> int:
    """A case's number."""
    submission = Submission(guild_id, 20, message_id, 0, author_id, "ana", "text", "text", (), NOW)
    (journal_id,) = await store.journal.append([submission])
    verdict = Verdict("1", {"1": 0.9, "2": 0.9}, "d" * 64, "tiny", "e" * 64)
    case = await store.journal.open_case(journal_id, verdict, decision, Mode.ENFORCE, 1, decision.actions, at)
    return case.number


async def test_the_members_own_cases_of_the_time_come_with_what_was_made_of_them(store: Store) -> None:
    flagged, asked = Decision(Outcome.ACT, "1", (FLAG,)), Decision(Outcome.REVIEW, "2")
    called, helped = Decision(Outcome.ACT, "1", (ESCALATE,)), Decision(Outcome.ACT, "2", (FLAG, HELP))
    for message_id, decision in enumerate((flagged, asked, called, helped), start=1):
        await opened(store, message_id, decision, NOW)
    await opened(store, 5, flagged, NOW - 7 * DAY)
    await opened(store, 6, flagged, NOW, author_id=31)
    await opened(store, 7, flagged, NOW, guild_id=11)
    cases = await store.standing.of(GUILD, MEMBER, NOW - 7 * DAY)
    assert cases == [
        PastCase(1, NOW, "1", Outcome.ACT),
        PastCase(2, NOW, "2", Outcome.REVIEW),
        PastCase(3, NOW, "1", Outcome.ACT, in_need=True),
        PastCase(4, NOW, "2", Outcome.ACT, in_need=True),
    ]


async def test_the_last_answer_of_a_human_holds(store: Store) -> None:
    number = await opened(store, 1, Decision(Outcome.ACT, "1", (FLAG,)), NOW)
    answers = (ReviewKind.CONFIRM, ReviewKind.OVERTURN, ReviewKind.OTHER)
    for known, kind in enumerate(answers):
        await store.reviews.answer(GUILD, number, kind, MODERATOR, known=known, asked=[ESCALATE])
        (case,) = await store.standing.of(GUILD, MEMBER, NOW - DAY)
        assert (case.answer, case.in_need) == (kind, False)


@pytest.mark.parametrize("rule", [None, "SP2.a"])
async def test_what_the_ladder_made_of_a_decision_is_kept_with_it(store: Store, rule: str | None) -> None:
    ahead = Ahead(TIMEOUT, NOW + DAY, rule)
    decision = Decision(Outcome.ACT, "1", (FLAG, TIMEOUT), stepped="3rd case in 7 days: timeout 90m", ahead=ahead)
    number = await opened(store, 1, decision, NOW)
    case = await store.cases.get(GUILD, number)
    assert case is not None
    assert case.decision == decision
    assert [one.until for one in case.actions] == [None, NOW + timedelta(minutes=90)]
