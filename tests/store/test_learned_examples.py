"""Examples learned from what moderators answered: kept apart from policies, on record, and gone with their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import bot.store.learned
from bot.domain.audit import THE_BOT
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.learned import MOST_CHARACTERS, Lesson
from bot.domain.policy import Action, ActionKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store, StoreError

HERE, ELSEWHERE, ANA, BO, MODERATOR = 10, 11, 30, 31, 9
FINE = Lesson("2", "No scams.", breaks=False)
BREAKS = replace(FINE, breaks=True)
ACT = Decision(Outcome.ACT, "2", (Action(ActionKind.FLAG),))


async def said(store: Store, text: str, author_id: int = ANA, *, cased: bool = True, thread: bool = False) -> int:
    """A settled message's id in the journal, with a case or without."""
    now = datetime.now(UTC)
    message_id = int(now.timestamp() * 1_000_000)
    parent_id = 21 if thread else None
    one = Submission(HERE, 20, message_id, 0, author_id, "ana", f"raw {text}", text, (), now, parent_id)
    (journal_id,) = await store.journal.append([one])
    verdict = Verdict("2", {"2": 0.9}, "d" * 64, "m", "e" * 64)
    if cased:
        await store.journal.open_case(journal_id, verdict, ACT, Mode.ENFORCE, 1, ACT.actions, now)
        await store.journal.settled(journal_id)
    else:
        await store.journal.settle_allowed(journal_id, verdict, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
    return journal_id


async def recorded(store: Store) -> list[tuple[int, str, object, object]]:
    return [(one.author_id, one.what, one.before, one.after) for one in (await store.audit.settings(HERE))[::-1]]


async def test_what_is_learned_of_a_case_is_what_the_judge_read_and_where_it_comes_from(store: Store) -> None:
    made = await store.learned.from_message(HERE, await said(store, "i sold\nmy bike", thread=True), FINE, MODERATOR)
    assert await store.learned.of(HERE) == [made]
    assert (made.lesson, made.text, made.case_number) == (FINE, "i sold my bike", 1)
    assert (made.author_id, made.channel_id, made.moderator_id) == (ANA, 20, MODERATOR)
    assert await store.learned.parent_of(HERE, 20) == 21
    assert await store.learned.parent_of(ELSEWHERE, 20) is None
    assert await store.learned.of(ELSEWHERE) == []


async def test_an_allowed_message_and_a_packs_text_can_be_learned_too(store: Store) -> None:
    allowed = await store.learned.from_message(HERE, await said(store, "hello", cased=False), FINE, MODERATOR)
    assert (allowed.case_number, allowed.author_id, allowed.channel_id) == (None, ANA, 20)
    pack = await store.learned.from_pack(HERE, "free coins", BREAKS, MODERATOR)
    assert (pack.case_number, pack.author_id, pack.channel_id) == (None, None, None)
    assert await store.learned.of(HERE) == [pack, allowed]


async def test_each_that_comes_or_goes_is_on_record_without_a_word_of_it(store: Store) -> None:
    made = await store.learned.from_message(HERE, await said(store, "secret words"), FINE, MODERATOR)
    assert await store.learned.remove(HERE, made.id, 8) == made
    assert await store.learned.of(HERE) == []
    what = {"rule": "2", "breaks": False, "case": 1}
    assert await recorded(store) == [
        (MODERATOR, f"learned.{made.id}", None, what),
        (8, f"learned.{made.id}", what, None),
    ]


async def test_another_answer_about_a_text_takes_the_place_of_the_first(store: Store) -> None:
    first = await store.learned.from_pack(HERE, "free coins", FINE, MODERATOR)
    with pytest.raises(StoreError, match=f"learned already, as example {first.id}"):
        await store.learned.from_pack(HERE, "free  coins", FINE, 8)
    second = await store.learned.from_pack(HERE, "free coins", BREAKS, 8)
    assert await store.learned.of(HERE) == [second]
    assert [(by, before is None) for by, _, before, _ in await recorded(store)] == [
        (MODERATOR, True),
        (8, False),
        (8, True),
    ]


async def test_what_cannot_be_learned_is_refused_and_nothing_is_changed(store: Store) -> None:
    with pytest.raises(StoreError, match="Only a text of up to"):
        await store.learned.from_message(HERE, await said(store, "x" * (MOST_CHARACTERS + 1)), FINE, MODERATOR)
    journal_id = await said(store, "hello")
    with pytest.raises(StoreError, match="no longer keeps"):
        await store.learned.from_message(ELSEWHERE, journal_id, FINE, MODERATOR)
    await store.retention.clear(datetime.now(UTC) + timedelta(days=60))
    with pytest.raises(StoreError, match="no longer keeps"):
        await store.learned.from_message(HERE, journal_id, FINE, MODERATOR)
    with pytest.raises(StoreError, match="no learned example 7"):
        await store.learned.remove(HERE, 7, MODERATOR)
    assert await store.learned.of(HERE) == []
    assert await recorded(store) == []


async def test_one_server_cannot_remove_anothers(store: Store) -> None:
    made = await store.learned.from_pack(HERE, "free coins", FINE, MODERATOR)
    with pytest.raises(StoreError, match="no learned example"):
        await store.learned.remove(ELSEWHERE, made.id, MODERATOR)
    assert await store.learned.of(HERE) == [made]


async def test_a_server_has_so_many_at_most(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.store.learned, "MOST_LEARNED", 2)
    for number in range(2):
        await store.learned.from_pack(HERE, f"text {number}", FINE, MODERATOR)
    with pytest.raises(StoreError, match="the most there may be"):
        await store.learned.from_pack(HERE, "text 2", FINE, MODERATOR)
    await store.learned.from_pack(HERE, "text 1", BREAKS, MODERATOR)
    await store.learned.from_pack(ELSEWHERE, "text 2", FINE, MODERATOR)


async def test_forgetting_a_member_removes_what_was_learned_from_them_and_nothing_else(store: Store) -> None:
    await store.learned.from_message(HERE, await said(store, "secret words"), FINE, MODERATOR)
    await store.learned.from_message(HERE, await said(store, "secret too", cased=False), FINE, MODERATOR)
    others = [
        await store.learned.from_message(HERE, await said(store, "of bo", BO), FINE, MODERATOR),
        await store.learned.from_pack(HERE, "free coins", FINE, MODERATOR),
    ]
    assert (await store.erasure.held(HERE, ANA, ())).learned == 2
    assert (await store.erasure.erase(HERE, ANA, ())).learned == 2
    assert await store.learned.of(HERE) == others[::-1]
    assert (await store.erasure.held(HERE, ANA, ())).learned == 0
    gone = [entry for entry in await recorded(store) if entry[3] is None]
    assert [by for by, *_ in gone] == [THE_BOT, THE_BOT]
    assert "secret" not in str(await recorded(store))


async def test_words_that_were_cleared_before_are_forgotten_as_an_example_too(store: Store) -> None:
    await store.learned.from_message(HERE, await said(store, "secret", cased=False), FINE, MODERATOR)
    await store.retention.clear(datetime.now(UTC) + timedelta(days=10))
    await store.erasure.unname_unposted(HERE, ANA)
    held = await store.erasure.held(HERE, ANA, ())
    assert (held.learned, held.is_nothing) == (1, False)


async def test_an_example_stays_as_long_as_its_cases_words(store: Store) -> None:
    await store.guilds.update(HERE, keep_case_days=5)
    await store.learned.from_message(HERE, await said(store, "of a case"), FINE, MODERATOR)
    await store.learned.from_message(HERE, await said(store, "allowed", cased=False), FINE, MODERATOR)
    pack = await store.learned.from_pack(HERE, "free coins", FINE, MODERATOR)
    await store.retention.clear(datetime.now(UTC) + timedelta(days=4))
    assert len(await store.learned.of(HERE)) == 3
    await store.retention.clear(datetime.now(UTC) + timedelta(days=6))
    assert await store.learned.of(HERE) == [pack]


async def test_a_member_is_told_what_was_learned_from_them_and_a_moderator_what_they_taught(store: Store) -> None:
    made = await store.learned.from_message(HERE, await said(store, "secret words"), FINE, MODERATOR)
    told = [entry async for entry in store.disclosure.of_member(HERE, ANA, ())]
    (learned,) = [record for section, record in told if section == "learned_examples"]
    assert (learned["text"], learned["rule"], learned["breaks"]) == ("secret words", "2", False)
    (taught,) = [entry async for entry in store.disclosure.of_member(HERE, MODERATOR, ())]
    at = made.at.isoformat()
    assert taught == ("as_moderator", {"learned_example": made.id, "rule": "2", "breaks": False, "at": at})
