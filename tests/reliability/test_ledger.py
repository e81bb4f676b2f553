"""The ledger says of each broken promise that it is broken, and nothing where none is."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ReviewKind
from bot.sandbox.moderation import MESSAGE_DELETE
from bot.store import Store
from tests.reliability.book import ACTIONS, HOUR, Book
from tests.reliability.ledger import DIED_TWICE, broken, kept
from tests.store.chained import tamper


@pytest.fixture
async def book(tmp_path: Path, empty_database: Path) -> AsyncIterator[Book]:
    shutil.copy(empty_database, tmp_path / "book.sqlite3")
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'book.sqlite3'}", tmp_path / "book.chain-key")
    yield Book(store)
    await store.close()


async def test_where_everything_was_done_once_nothing_is_broken(book: Book) -> None:
    await book.allowed()
    for rule in ACTIONS:
        await book.case(rule)
    third = await book.case("3")
    await book.store.reviews.answer(book.guild.id, third.number, ReviewKind.OVERTURN, book.moderator.id)
    for record in (await book.read(third)).actions:
        assert record.undoing is not None
        await book.store.reviews.undoing(record.id, ActionOutcome.DONE)
    member = book.guild.members[third.submission.author_id]
    was_overturned = f"Lawspeaker case {third.number} was overturned"
    book.server.moderation.time_out(book.guild, book.bot, member, None, was_overturned)
    fifth = await book.case("5")
    book.server.moderation.unban(book.guild, book.moderator, book.user(fifth), None)
    assert await book.breaches() == []


async def test_what_was_appealed_answered_and_asked_for_is_in_order_too(book: Book) -> None:
    case = await book.case("3")
    number = case.number
    await book.store.appeals.lodge(book.guild.id, number, case.submission.author_id, "no")
    book.server.post(book.bot, book.log, f"📨 The author of case {number} appeals: here")
    await book.store.appeals.answer(book.guild.id, number, book.moderator.id, "yes")
    book.writes(book.user(case), f"The moderators of **A server** answer your appeal against case {number}:\n> yes")
    await book.store.appeals.noted(book.guild.id, number, "")
    ban = [Action(ActionKind.BAN)]
    await book.store.reviews.answer(book.guild.id, number, ReviewKind.OTHER, book.moderator.id, asked=ban)
    asked = (await book.read(case)).actions[-1]
    reason = f"{book.reason(case)}, asked for by {book.moderator.id}"
    book.tells(case, "gets you banned")
    book.server.moderation.ban(book.guild, book.bot, book.user(case), 0, reason)
    await book.store.cases.finish(asked.id, ActionOutcome.DONE)
    assert await book.breaches() == []


async def test_a_message_over_which_the_judge_died_twice_is_a_humans_to_judge(book: Book) -> None:
    await book.handed_over("1", DIED_TWICE)
    assert await book.breaches() == []


async def not_judged(book: Book) -> None:
    await book.handed_over("1", "The judge did not feel like it.")


async def deleted_unjudged(book: Book) -> None:
    case = await book.handed_over("1", DIED_TWICE)
    book.server.moderation.record(book.guild, book.bot, MESSAGE_DELETE, book.user(case).id, book.reason(case))


async def lost(book: Book) -> None:
    book.says(None)


async def not_settled(book: Book) -> None:
    await book.heard(book.says(None))


async def not_decided(book: Book) -> None:
    await book.store.journal.settled(await book.heard(book.says(None)))


async def decided_otherwise(book: Book) -> None:
    await book.allowed()
    book.said[-1] = replace(book.said[-1], rule="4")


async def edit_not_judged(book: Book) -> None:
    message = await book.allowed()
    book.server.posting.edit(message, {"content": "edited"})


async def never_said(book: Book) -> None:
    await book.allowed()
    book.said.pop()


async def not_posted(book: Book) -> None:
    case = await book.opened("2")
    await book.does(case, case.actions[0])
    await book.store.journal.settled(case.journal_id)


async def posted_twice(book: Book) -> None:
    book.posts(await book.case("2"))


async def post_not_known(book: Book) -> None:
    case = await book.case("2")
    await book.store.cases.logged(book.guild.id, case.number, book.log.id, 5)


async def head_posted_twice(book: Book) -> None:
    for _ in range(2):
        book.server.post(book.bot, book.log, "On 2026-01-02 the chain ends")


async def deleted_twice(book: Book) -> None:
    case = await book.case("1")
    book.server.moderation.record(book.guild, book.bot, MESSAGE_DELETE, 5, book.reason(case))


async def two_ends(book: Book) -> None:
    case = await book.case("3")
    member, later = book.guild.members[case.submission.author_id], datetime.now(UTC) + 2 * HOUR
    book.server.moderation.time_out(book.guild, book.bot, member, later, book.reason(case))


async def lifted_timeout_set_again(book: Book) -> None:
    case = await book.case("3")
    member, until = book.guild.members[case.submission.author_id], case.actions[-1].until
    book.server.moderation.time_out(book.guild, book.moderator, member, None, None)
    book.server.moderation.time_out(book.guild, book.bot, member, until, book.reason(case))


async def kicked_twice(book: Book) -> None:
    case = await book.case("4")
    member = book.server.world.join(book.guild, book.user(case))
    book.server.moderation.kick(book.guild, book.bot, member, book.reason(case))


async def ban_repeated(book: Book) -> None:
    case = await book.case("5")
    book.server.moderation.unban(book.guild, book.moderator, book.user(case), None)
    book.server.moderation.ban(book.guild, book.bot, book.user(case), 0, book.reason(case))


async def taken_back_twice(book: Book) -> None:
    case = await book.case("5")
    for _ in range(2):
        book.guild.bans[book.user(case).id] = None
        was_overturned = f"Lawspeaker case {case.number} was overturned"
        book.server.moderation.unban(book.guild, book.bot, book.user(case), was_overturned)


async def for_no_case(book: Book) -> None:
    book.server.moderation.record(book.guild, book.bot, MESSAGE_DELETE, 5, "Lawspeaker case 9: rule 1")


async def for_no_reason(book: Book) -> None:
    book.server.moderation.record(book.guild, book.bot, MESSAGE_DELETE, 5)


async def left_planned(book: Book) -> None:
    await book.settles(await book.opened("2"))


async def left_attempted(book: Book) -> None:
    case = await book.opened("1")
    await book.store.cases.attempt(case.actions[0].id)
    await book.settles(case)


async def not_taken_back(book: Book) -> None:
    case = await book.case("1")
    await book.store.reviews.answer(book.guild.id, case.number, ReviewKind.OVERTURN, book.moderator.id)


async def done_and_called_skipped(book: Book) -> None:
    case = await book.case("4")
    await book.store.cases.finish(case.actions[0].id, ActionOutcome.SKIPPED)


async def only_called_done(book: Book, rule: str) -> None:
    case = await book.opened(rule)
    for record in case.actions:
        await book.store.cases.finish(record.id, ActionOutcome.DONE)
    await book.settles(case)


async def only_called_deleted(book: Book) -> None:
    await only_called_done(book, "1")


async def only_called_timed_out_and_warned(book: Book) -> None:
    await only_called_done(book, "3")


async def only_called_kicked(book: Book) -> None:
    await only_called_done(book, "4")


async def only_called_banned(book: Book) -> None:
    await only_called_done(book, "5")


async def told_twice(book: Book) -> None:
    book.tells(await book.case("5"), "was removed")


async def kick_told_twice(book: Book) -> None:
    case = await book.case("4")
    for words in ("gets you removed", "gets you kicked"):
        book.tells(case, words)


async def told_of_no_case(book: Book) -> None:
    case = await book.case("5")
    book.tells(replace(case, number=9))


async def help_offered_twice(book: Book) -> None:
    case = await book.case("6")
    book.shows(case, case.actions[-1])


async def same_letter_twice(book: Book) -> None:
    case = await book.case("2")
    for _ in range(2):
        book.writes(book.user(case), "The moderators of **A server** looked at case 1 again: here it is.")


async def appealed(book: Book) -> int:
    case = await book.case("5")
    await book.store.appeals.lodge(book.guild.id, case.number, case.submission.author_id, "no")
    return case.number


async def appeal_not_noticed(book: Book) -> None:
    await appealed(book)


async def appeal_not_answered(book: Book) -> None:
    await book.store.appeals.answer(book.guild.id, await appealed(book), book.moderator.id, "yes")


async def appeal_not_decided(book: Book) -> None:
    await book.store.reviews.answer(book.guild.id, await appealed(book), ReviewKind.CONFIRM, book.moderator.id)


async def telling_not_noted(book: Book) -> None:
    number = await appealed(book)
    book.server.post(book.bot, book.log, f"📨 The author of case {number} appeals: here")


async def chain_broken(book: Book) -> None:
    await book.case("1")
    await tamper(book.store, "UPDATE cases SET log_message_id = log_message_id, created_at = '2020-01-01'")


Break = Callable[[Book], Awaitable[None]]


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lost, "was lost"),
        (not_settled, "is not settled but pending"),
        (not_decided, "is settled without a decision"),
        (decided_otherwise, "breaks 4, and was decided to break no rule"),
        (not_judged, "breaks 1, and was decided to break no rule"),
        (deleted_unjudged, "case 1 of A server: the bot did what nothing on record asks for"),
        (edit_not_judged, "was lost"),
        (never_said, "nobody posted it where it is judged"),
        (not_posted, "case 1 of A server was posted 0 times"),
        (posted_twice, "case 1 of A server was posted 2 times"),
        (post_not_known, "case 1 of A server does not know its post"),
        (head_posted_twice, "the bot posted 2 times in A server: On 2026-01-02 the chain ends"),
        (deleted_twice, "case 1 of A server deleted a message 2 times"),
        (two_ends, "case 1 of A server has a timeout with 2 ends"),
        (lifted_timeout_set_again, "case 1 of A server repeated what was lifted"),
        (kicked_twice, "case 1 of A server kicked its author 2 times"),
        (ban_repeated, "case 1 of A server repeated what was lifted"),
        (taken_back_twice, "case 1 of A server was taken back 2 times"),
        (for_no_case, "the bot acted in A server for case 9, and there is none"),
        (for_no_reason, "the bot did something in A server that belongs to no case"),
        (left_planned, "case 1 of A server: flag is still planned"),
        (left_attempted, "case 1 of A server: delete is still attempted"),
        (not_taken_back, "case 1 of A server: taking back delete is still planned"),
        (done_and_called_skipped, "case 1 of A server: kick was done, and is recorded as skipped"),
        (only_called_deleted, "case 1 of A server: delete is recorded as done, and was not"),
        (only_called_timed_out_and_warned, "case 1 of A server: timeout is recorded as done, and was not"),
        (only_called_timed_out_and_warned, "case 1 of A server: warn is recorded as done, and the author was not told"),
        (only_called_kicked, "case 1 of A server: kick is recorded as done, and was not"),
        (only_called_banned, "case 1 of A server: ban is recorded as done, and was not"),
        (told_twice, "the author of case 1 of A server was told of it 2 times"),
        (kick_told_twice, "the author of case 1 of A server was told of it 2 times"),
        (told_of_no_case, "a member was told of case 9 of A server, and there is none"),
        (help_offered_twice, "was offered help 2 times, by the records 1 times"),
        (same_letter_twice, "member-0 was sent 2 times: The moderators of **A server** looked at case 1 again"),
        (appeal_not_noticed, "moderators were told 0 times of the appeal against case 1 of A server"),
        (appeal_not_answered, "the answer to the appeal never reached its author"),
        (appeal_not_decided, "its author never heard what was decided after the appeal"),
        (telling_not_noted, "case 1 of A server: by its note the appeal is still to be told"),
        (chain_broken, "the chain: "),
    ],
)
async def test_a_broken_promise_is_told(book: Book, break_it: Break, sentence: str) -> None:
    await break_it(book)
    told = await book.breaches()
    assert any(sentence in one for one in told), told


async def test_a_revision_that_stands_twice_in_the_journal_is_told(book: Book) -> None:
    message = await book.allowed()
    held = await kept(book.store)
    doubled = replace(held, rows=[*held.rows, *held.rows])
    told = broken(book.server.world, book.bot, doubled, book.said)
    assert f"message {message.id} stands 2 times in the journal" in told


async def test_a_timeout_that_was_set_again_with_the_same_end_is_none_twice(book: Book) -> None:
    case = await book.case("3")
    member, until = book.guild.members[case.submission.author_id], case.actions[-1].until
    assert until is not None
    book.server.moderation.time_out(book.guild, book.bot, member, until + timedelta(milliseconds=1), book.reason(case))
    assert await book.breaches() == ["case 1 of A server has a timeout with 2 ends"]
    book.guild.audit_log.pop()
    book.server.moderation.time_out(book.guild, book.bot, member, until, book.reason(case))
    assert await book.breaches() == []
