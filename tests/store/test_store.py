"""What the store promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.decision import Decision, Mode, Outcome, Thresholds, ThresholdTable, review_for
from bot.domain.guild import GuildSettings
from bot.domain.ladder import LadderTable, read_ladder
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, JournalState, ReviewKind
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.store import Store, StoreError, retention

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DELETE = Action(ActionKind.DELETE)
TIMEOUT = Action(ActionKind.TIMEOUT, timedelta(hours=1))


def submission(message_id: int = 1, guild_id: int = 10, revision: int = 0) -> Submission:
    return Submission(
        guild_id, 20, message_id, revision, 30, "ana", f"text {message_id}", f"norm {message_id}",
        (ContextMessage("bo", "before"),), NOW,
    )  # fmt: skip


def verdict() -> Verdict:
    return Verdict("2", {"1": 0.1, "2": 0.9}, "d" * 64, "tiny", "e" * 64, timings_ms={"judge": 1.5})


ACT = Decision(Outcome.ACT, "2", (DELETE, TIMEOUT))


async def test_a_server_never_seen_has_the_defaults(store: Store) -> None:
    assert await store.guilds.get(5) == GuildSettings(5)


async def test_settings_come_back_as_they_were_set(store: Store) -> None:
    table = ThresholdTable(Thresholds(0.9, 0.4), {"2": Thresholds(0.99, 0.6)})
    await store.guilds.update(5, mode=Mode.ENFORCE, log_channel_id=7, thresholds=table, keep_case_days=3)
    ladder = LadderTable(
        read_ladder("3 in 7d: timeout 90m; 5 in 30d: ban"), {"2": (), "SP2.a": read_ladder("2 in 1m: warn")}
    )
    for rule, steps in (("", ladder.default), *ladder.by_rule.items()):
        await store.guilds.set_ladder(5, rule, steps)
    await store.guilds.watch(5, 11)
    await store.guilds.watch(5, 12, Mode.SHADOW)
    await store.guilds.exempt(5, "role", 100)
    await store.guilds.exempt(5, "user", 200)
    await store.guilds.set_moderator_roles(5, [300, 301])
    assert await store.guilds.get(5) == GuildSettings(
        5, Mode.ENFORCE, {11: None, 12: Mode.SHADOW}, 7, frozenset({100}), frozenset({200}), frozenset({300, 301}),
        thresholds=table, ladder=ladder, keep_case_days=3,
    )  # fmt: skip
    assert await store.guilds.unwatch(5, 11)
    assert not await store.guilds.unwatch(5, 11)
    assert await store.guilds.unexempt(5, "role", 100)
    assert await store.guilds.known() == (5,)


async def test_channels_and_categories_are_exempt_apart_from_roles_and_users(store: Store) -> None:
    await store.guilds.exempt(5, "channel", 7, 8)
    await store.guilds.exempt(5, "category", 7)
    settings = await store.guilds.get(5)
    assert (settings.exempt_channel_ids, settings.exempt_category_ids) == ({7, 8}, {7})
    assert await store.guilds.unexempt(5, "channel", 7)
    assert (await store.guilds.get(5)).exempt_category_ids == {7}


async def test_everyone_is_neither_exempt_nor_a_moderator(store: Store) -> None:
    with pytest.raises(StoreError, match="@everyone"):
        await store.guilds.exempt(5, "role", 6, 5)
    with pytest.raises(StoreError, match="@everyone"):
        await store.guilds.set_moderator_roles(5, [6, 5])
    assert await store.guilds.get(5) == GuildSettings(5)


async def test_a_draft_becomes_a_numbered_version_when_published(store: Store) -> None:
    draft = await store.policies.save_draft(5, "1. No spam.", 9)
    assert (draft.number, draft.published_at) == (0, None)
    assert await store.policies.live(5) is None
    first = await store.policies.publish(5, draft.digest, 9, "begin")
    assert first.number == 1
    assert await store.policies.live(5) == first
    assert await store.policies.draft(5) is None
    second = await store.policies.save_draft(5, "1. No ads.", 9)
    await store.policies.publish(5, second.digest, 9)
    assert [version.number for version in await store.policies.history(5)] == [2, 1]
    assert await store.policies.version(5, 1) == first


async def test_publishing_twice_makes_one_version(store: Store) -> None:
    draft = await store.policies.save_draft(5, "1. No spam.", 9)
    first = await store.policies.publish(5, draft.digest, 9)
    assert await store.policies.publish(5, draft.digest, 9) == first
    assert len(await store.policies.history(5)) == 1


async def test_two_moderators_editing_at_once_lose_nothing(store: Store) -> None:
    begun = await store.policies.save_draft(5, "1. No spam.", 9)
    theirs = await store.policies.save_draft(5, "1. No spam at all.", 8, based_on=begun.digest)
    with pytest.raises(StoreError, match="Somebody else"):
        await store.policies.save_draft(5, "1. No ads.", 9, based_on=begun.digest)
    assert await store.policies.draft(5) == theirs
    with pytest.raises(StoreError, match="draft has changed"):
        await store.policies.publish(5, begun.digest, 9)


async def test_a_published_version_cannot_be_changed(store: Store) -> None:
    draft = await store.policies.save_draft(5, "1. No spam.", 9)
    await store.policies.publish(5, draft.digest, 9)
    with pytest.raises(DBAPIError, match="immutable"):
        async with store._engine.begin() as connection:
            await connection.execute(text("UPDATE policy_versions SET source = 'x'"))


async def test_a_submission_is_journalled_once_per_revision(store: Store) -> None:
    first = await store.journal.append([submission(1), submission(2)])
    assert len(first) == 2
    assert len(await store.journal.append([submission(1), submission(1, revision=5)])) == 1
    claimed = await store.journal.claim(10)
    assert [(entry.submission.message_id, entry.submission.revision) for entry in claimed] == [(1, 0), (2, 0), (1, 5)]
    assert claimed[0].submission == submission(1)
    assert await store.journal.latest_revision(1) == 5


async def test_servers_take_turns_and_the_oldest_comes_first_within_one(store: Store) -> None:
    await store.journal.append([submission(n, guild_id=10) for n in range(1, 7)])
    await store.journal.append([submission(n, guild_id=11) for n in (7, 8)])
    claimed = await store.journal.claim(5)
    assert [entry.submission.message_id for entry in claimed] == [1, 7, 2, 8, 3]
    assert all(entry.attempts == 1 for entry in claimed)


async def test_what_is_said_now_takes_turns_with_what_was_missed_and_each_goes_oldest_first(store: Store) -> None:
    await store.journal.append([replace(submission(number), missed=True) for number in (1, 2, 3)])
    await store.journal.append([submission(number) for number in (4, 5)])
    claimed = await store.journal.claim(5)
    assert [one.submission.message_id for one in claimed] == [1, 4, 2, 5, 3]


async def test_no_submission_is_claimed_twice(store: Store) -> None:
    await store.journal.append([submission(n) for n in range(1, 41)])
    claims = await asyncio.gather(*(store.journal.claim(7) for _ in range(8)))
    ids = [entry.id for claim in claims for entry in claim]
    assert len(ids) == len(set(ids))


async def test_what_a_dead_process_had_claimed_is_claimed_again(store: Store) -> None:
    await store.journal.append([submission(1)])
    await store.journal.claim(1)
    assert await store.journal.claim(1) == []
    assert await store.journal.release_claimed() == 1
    assert (await store.journal.claim(1))[0].attempts == 2


async def test_an_allowed_submission_keeps_its_verdict(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    await store.journal.claim(1)
    await store.journal.settle_allowed(number, verdict(), Decision(Outcome.ALLOW), Mode.ENFORCE, 3)
    judgement = await store.journal.judgement(10, 1)
    assert judgement is not None
    assert (judgement.verdict, judgement.policy_number, judgement.case_number) == (verdict(), 3, None)
    assert await store.journal.backlog() == {}
    assert await store.journal.judgement(11, 1) is None


async def test_opening_a_case_records_verdict_and_planned_actions_once(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    await store.journal.claim(1)
    case = await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, ACT.actions, NOW)
    again = await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, ACT.actions, NOW)
    assert case == again
    assert case.number == 1
    assert case.submission == submission(1)
    assert case.verdict == verdict()
    assert [action.outcome for action in case.actions] == [ActionOutcome.PLANNED] * 2
    assert case.actions[1].until == NOW + timedelta(hours=1)
    assert all(len(action.nonce) <= 25 for action in case.actions)
    assert await store.journal.judged() == [number]
    await store.journal.settled(number)
    assert await store.journal.judged() == []


async def test_cases_are_numbered_per_server_without_gaps(store: Store) -> None:
    ids = await store.journal.append([submission(n, guild_id=10 + n % 2) for n in range(1, 13)])
    await store.journal.claim(20)
    cases = await asyncio.gather(
        *(store.journal.open_case(n, None, review_for("away"), Mode.ENFORCE, None, (), NOW) for n in ids)
    )
    for guild_id in (10, 11):
        assert sorted(case.number for case in cases if case.guild_id == guild_id) == [1, 2, 3, 4, 5, 6]
    assert cases[0].verdict is None
    assert cases[0].decision.reason == "away"


async def test_a_case_keeps_explanation_actions_reviews_and_where_it_was_posted(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    case = await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, ACT.actions, NOW)
    await store.cases.explained(10, 1, "Breaks rule 2.", "text")
    await store.cases.attempt(case.actions[0].id)
    assert await store.cases.recent_punishments(10, NOW) == 1
    await store.cases.finish(case.actions[0].id, ActionOutcome.DONE, "deleted")
    await store.cases.logged(10, 1, 77, 88)
    await store.reviews.answer(10, 1, ReviewKind.OVERTURN, 9, note="no")
    read = await store.cases.get(10, 1)
    assert read is not None
    assert read.verdict is not None
    assert (read.verdict.rationale, read.verdict.quote) == ("Breaks rule 2.", "text")
    assert (read.actions[0].outcome, read.actions[0].note) == (ActionOutcome.DONE, "deleted")
    assert (read.log_channel_id, read.log_message_id) == (77, 88)
    assert [(review.kind, review.note) for review in read.reviews] == [(ReviewKind.OVERTURN, "no")]
    assert [one.number for one in await store.cases.list(10)] == [1]
    assert await store.cases.list(11) == []
    assert await store.cases.by_journal(number) == read
    with pytest.raises(StoreError, match="no case 9"):
        await store.reviews.answer(10, 9, ReviewKind.CONFIRM, 9)


async def test_an_action_that_is_tried_again_was_attempted_when_it_was_first(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    case = await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, ACT.actions, NOW)
    await store.cases.attempt(case.actions[0].id)
    first = await store.cases.get(10, 1)
    await store.cases.attempt(case.actions[0].id)
    assert first is not None
    assert first.actions[0].attempted_at is not None
    assert await store.cases.get(10, 1) == first


async def test_what_was_asked_for_and_has_no_outcome_is_found_and_nothing_else(store: Store) -> None:
    ids = await store.journal.append([submission(n) for n in range(1, 5)])
    cases = [await store.journal.open_case(n, verdict(), ACT, Mode.ENFORCE, 3, ACT.actions, NOW) for n in ids]
    for case in cases[1:]:
        await store.reviews.answer(10, case.number, ReviewKind.OTHER, 9, asked=[Action(ActionKind.BAN)])
    planned, attempted, done = [(await store.cases.list(10))[::-1][n].actions[-1] for n in (1, 2, 3)]
    await store.cases.attempt(attempted.id)
    await store.cases.finish(done.id, ActionOutcome.DONE)
    assert planned.asked_by == 9
    assert await store.reviews.asked_open() == [cases[1].journal_id, cases[2].journal_id]


async def test_what_a_judge_thought_is_kept_and_cleared_with_the_message(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    thought = replace(verdict(), method=Method.REASON, reasoning="It sells a course: rule 2.")
    await store.journal.open_case(number, thought, ACT, Mode.ENFORCE, 3, (DELETE,), NOW)
    case = await store.cases.get(10, 1)
    assert case is not None
    assert case.verdict == thought
    await store.journal.settled(number)
    assert await store.retention.clear(datetime.now(UTC) + timedelta(days=31)) == 1
    case = await store.cases.get(10, 1)
    assert case is not None
    assert case.verdict is not None
    assert case.verdict.reasoning == ""


async def test_retention_clears_the_content_and_keeps_the_decision(store: Store) -> None:
    ids = await store.journal.append([submission(1), submission(2), submission(3)])
    await store.journal.open_case(ids[0], verdict(), ACT, Mode.ENFORCE, 3, (DELETE,), NOW)
    await store.cases.explained(10, 1, "Breaks rule 2.", "text")
    await store.journal.settled(ids[0])
    await store.journal.settle_allowed(ids[1], verdict(), Decision(Outcome.ALLOW), Mode.ENFORCE, 3)
    received = datetime.now(UTC)
    assert await store.retention.clear(received + timedelta(days=2)) == 0
    assert await store.retention.clear(received + timedelta(days=4)) == 1
    allowed = await store.journal.judgement(10, 2)
    assert allowed is not None
    assert (allowed.submission.text, allowed.submission.context, allowed.decision.outcome) == ("", (), Outcome.ALLOW)
    case = await store.cases.get(10, 1)
    assert case is not None
    assert case.submission.text == "text 1"
    assert await store.retention.clear(received + timedelta(days=31)) == 1
    case = await store.cases.get(10, 1)
    assert case is not None
    assert case.verdict is not None
    assert (case.submission.text, case.submission.author_name, case.verdict.quote) == ("", "", "")
    assert (case.verdict.rule, case.decision.outcome) == ("2", Outcome.ACT)
    waiting = await store.journal.claim(5)
    assert [(entry.submission.text, entry.state) for entry in waiting] == [("text 3", JournalState.CLAIMED)]


async def test_however_much_is_due_at_once_all_of_it_is_cleared_in_lots_that_others_may_write_between(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots: list[int] = []
    clear_lot = retention._clear_lot

    async def counted(*arguments: Any) -> Sequence[int]:
        ids = await clear_lot(*arguments)
        lots.append(len(ids))
        return ids

    monkeypatch.setattr(retention, "LOT", 3)
    monkeypatch.setattr(retention, "_clear_lot", counted)
    ids = await store.journal.append([submission(number) for number in range(1, 10)])
    for number in ids[:5]:
        await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, (DELETE,), NOW)
        await store.journal.settled(number)
    for number in ids[5:8]:
        await store.journal.settle_allowed(number, verdict(), Decision(Outcome.ALLOW), Mode.ENFORCE, 3)
    assert await store.retention.clear(datetime.now(UTC) + timedelta(days=31)) == 8
    assert lots == [3, 2, 3, 0]
    judged = [await store.journal.judgement(10, number) for number in range(1, 9)]
    assert [one and one.submission.text for one in judged] == [""] * 8
    assert [entry.submission.text for entry in await store.journal.claim(5)] == ["text 9"]


async def test_retention_clears_appeals_by_their_own_time_as_they_may_come_late(store: Store) -> None:
    (number,) = await store.journal.append([submission(1)])
    await store.journal.open_case(number, verdict(), ACT, Mode.ENFORCE, 3, (DELETE,), NOW)
    await store.journal.settled(number)
    received = datetime.now(UTC)
    assert await store.retention.clear(received + timedelta(days=31)) == 1
    await store.appeals.lodge(10, 1, submission(1).author_id, "it was a joke")
    await store.appeals.answer(10, 1, 9, "it was not")
    for days, words in ((29, ("it was a joke", "it was not")), (31, ("", ""))):
        await store.retention.clear(received + timedelta(days=days))
        case = await store.cases.get(10, 1)
        assert case is not None
        assert case.appeal is not None
        assert (case.appeal.text, case.appeal.answer) == words


async def test_an_error_of_the_database_holds_no_text_of_members(store: Store) -> None:
    broken = replace(submission(1), author_id=2**80, text="what the member wrote")
    with pytest.raises(Exception) as failed:
        await store.journal.append([broken])
    assert "what the member wrote" not in "".join(traceback.format_exception(failed.value))
