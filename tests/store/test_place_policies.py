"""Policies of channels and categories in the store: each as the server's own, and none without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.figures import Span
from bot.domain.lawbook import How, PlaceKind, Where
from bot.domain.policy import PolicyError
from bot.domain.records import PolicyVersion
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.store import Store, StoreError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SERVER, ELSEWHERE = 5, 6
CHANNEL, CATEGORY = 20, 30
FIRST, SECOND = "1. No ads.\n", "1. No cats.\n"


async def publish(store: Store, source: str, place_id: int | None = None, guild_id: int = SERVER) -> PolicyVersion:
    draft = await store.policies.save_draft(guild_id, source, 40, place_id=place_id)
    return await store.policies.publish(guild_id, draft.digest, 40, place_id=place_id)


async def begin(store: Store, place_id: int = CHANNEL, how: How = How.EXTEND, guild_id: int = SERVER) -> None:
    kind = PlaceKind.CATEGORY if place_id == CATEGORY else PlaceKind.CHANNEL
    await store.policies.set_how(guild_id, place_id, kind, how, 40)


async def test_a_channels_policy_has_drafts_and_versions_of_its_own_and_the_servers_stays(store: Store) -> None:
    await publish(store, FIRST)
    await begin(store)
    made = await publish(store, "2. No dogs.\n", CHANNEL)
    draft = await store.policies.save_draft(SERVER, "2. No birds.\n", 40, place_id=CHANNEL)
    assert (made.number, made.place_id, draft.place_id) == (2, CHANNEL, CHANNEL)
    assert await store.policies.live(SERVER, CHANNEL) == made
    assert await store.policies.draft(SERVER) is None
    assert [one.number for one in await store.policies.history(SERVER)] == [1]
    assert [one.number for one in await store.policies.history(SERVER, place_id=CHANNEL)] == [2]
    assert await store.policies.numbers(SERVER) == {CHANNEL: [2]}


async def test_a_number_names_one_text_of_a_server_whosever_policy_it_is_of(store: Store) -> None:
    await publish(store, FIRST)
    await begin(store)
    await publish(store, "2. No dogs.\n", CHANNEL)
    third = await publish(store, SECOND)
    assert third.number == 3
    found = await store.policies.version(SERVER, 2)
    assert found is not None
    assert found.place_id == CHANNEL
    before = await store.policies.before(third)
    assert before is not None
    assert before.number == 1
    assert await store.policies.before(found) is None


async def test_going_back_is_of_the_policy_that_the_version_was_of(store: Store) -> None:
    await publish(store, FIRST)
    await begin(store)
    await publish(store, "2. No dogs.\n", CHANNEL)
    await publish(store, "2. No birds.\n", CHANNEL)
    made = await store.policies.republish(SERVER, 2, 3, 41, "too strict")
    assert (made.number, made.source, made.place_id) == (4, "2. No dogs.\n", CHANNEL)
    live = await store.policies.live(SERVER)
    assert live is not None
    assert live.number == 1


async def test_no_draft_is_kept_for_a_channel_without_a_policy_of_its_own(store: Store) -> None:
    with pytest.raises(StoreError, match="/policy scope"):
        await store.policies.save_draft(SERVER, FIRST, 40, place_id=CHANNEL)


async def test_the_lawbook_has_them_all_or_those_that_count_in_a_place(store: Store) -> None:
    await publish(store, FIRST)
    for place_id in (CHANNEL, CATEGORY):
        await begin(store, place_id)
        await publish(store, f"{place_id}. No dogs.\n", place_id)
    whole = await store.policies.lawbook(SERVER)
    assert set(whole.places) == {CHANNEL, CATEGORY}
    where = Where(CHANNEL, CATEGORY)
    some = await store.policies.lawbook(SERVER, where.place_ids)
    assert [one.number for one in some.in_force(where)] == [1, 3, 2]
    assert not (await store.policies.lawbook(SERVER, (99,))).places


async def test_servers_do_not_see_each_others_policies(store: Store) -> None:
    await publish(store, FIRST)
    await begin(store)
    await publish(store, "2. No dogs.\n", CHANNEL)
    await publish(store, SECOND, guild_id=ELSEWHERE)
    assert not (await store.policies.lawbook(ELSEWHERE)).places
    assert await store.policies.version(ELSEWHERE, 2) is None
    assert await store.policies.numbers(ELSEWHERE) == {}


async def test_what_a_policy_is_to_the_others_is_on_record_with_who_changed_it(store: Store) -> None:
    await begin(store)
    await begin(store)
    await begin(store, how=How.REPLACE)
    changes = await store.audit.settings(SERVER)
    what = f"policy.{CHANNEL}.how"
    assert [(one.what, one.before, one.after, one.author_id) for one in changes] == [
        (what, "extend", "replace", 40),
        (what, None, "extend", 40),
    ]


async def test_a_version_that_would_make_one_that_extends_it_too_large_is_not_published(store: Store) -> None:
    await publish(store, FIRST)
    await begin(store)
    await publish(store, "2. No dogs.\n", CHANNEL)
    many = "\n".join(f"{number}. No {number}." for number in range(10, 30))
    with pytest.raises(PolicyError, match=f"<#{CHANNEL}>.*21 rules, and 20 is the most"):
        await publish(store, many)
    live, draft = await store.policies.live(SERVER), await store.policies.draft(SERVER)
    assert live is not None
    assert live.number == 1
    assert draft is not None
    assert draft.source == many


async def test_a_policy_is_not_made_to_extend_what_it_does_not_fit_to(store: Store) -> None:
    await publish(store, "\n".join(f"{number}. No {number}." for number in range(10, 30)))
    await begin(store, how=How.REPLACE)
    await publish(store, FIRST, CHANNEL)
    with pytest.raises(PolicyError, match="21 rules"):
        await begin(store, how=How.EXTEND)
    assert (await store.policies.lawbook(SERVER)).places[CHANNEL].how is How.REPLACE
    assert len(await store.audit.settings(SERVER)) == 1


async def test_cases_are_tallied_by_all_versions_they_rest_on(store: Store) -> None:
    journal = [Submission(SERVER, CHANNEL, number, 0, 50, "ana", "t", "t", (), NOW) for number in range(1, 4)]
    verdict = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64)
    for one, extends in zip(await store.journal.append(journal), [(3,), (3,), ()], strict=True):
        await store.journal.open_case(one, verdict, Decision(Outcome.ACT, "1"), Mode.SHADOW, 7, (), NOW, extends)
    tallies = await store.figures.tallies(SERVER, Span(NOW, NOW + timedelta(days=1)))
    assert {(one.judged_by, one.answers.cases) for one in tallies} == {((3, 7), 2), ((7,), 1)}


async def test_a_verdict_keeps_which_versions_it_rests_on(store: Store) -> None:
    one = Submission(SERVER, CHANNEL, 1, 0, 50, "ana", "t", "t", (), NOW, category_id=CATEGORY)
    other = Submission(SERVER, CHANNEL, 2, 0, 50, "ana", "t", "t", (), NOW)
    (first, second) = await store.journal.append([one, other])
    verdict = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64)
    act = Decision(Outcome.ACT, "1")
    case = await store.journal.open_case(first, verdict, act, Mode.SHADOW, 7, (), NOW, (3, 5))
    await store.journal.settle_allowed(second, verdict, Decision(Outcome.ALLOW), Mode.SHADOW, 7, (3,))
    assert (case.policy_number, case.extends, case.submission.category_id) == (7, (3, 5), CATEGORY)
    judgement = await store.journal.judgement(SERVER, 2)
    assert judgement is not None
    assert (judgement.policy_number, judgement.extends, judgement.submission.category_id) == (7, (3,), None)
