"""Versions of a policy in the store: going back makes a new version and takes nobody's text away."""

from __future__ import annotations

import pytest

from bot.domain.policy import policy_digest
from bot.domain.records import PolicyVersion
from bot.store import Store, StoreError

FIRST, SECOND, DRAFTED = "1. No ads.\n", "1. No cats.\n", "1. No dogs.\n"


async def publish(store: Store, source: str) -> PolicyVersion:
    draft = await store.policies.save_draft(5, source, 30)
    return await store.policies.publish(5, draft.digest, 30)


async def test_going_back_makes_the_old_text_the_law_as_a_new_version_with_who_when_and_why(store: Store) -> None:
    await publish(store, FIRST)
    await publish(store, SECOND)
    made = await store.policies.republish(5, 1, 2, 40, "too strict")
    assert (made.number, made.source, made.digest) == (3, FIRST, policy_digest(FIRST))
    assert (made.author_id, made.reason) == (40, "too strict")
    assert made.published_at is not None
    assert await store.policies.live(5) == made
    assert [one.number for one in await store.policies.history(5)] == [3, 2, 1]


async def test_going_back_leaves_the_draft_as_it_is(store: Store) -> None:
    await publish(store, FIRST)
    await publish(store, SECOND)
    draft = await store.policies.save_draft(5, DRAFTED, 30)
    await store.policies.republish(5, 1, 2, 40)
    assert await store.policies.draft(5) == draft


async def test_going_back_to_the_live_text_makes_no_version(store: Store) -> None:
    await publish(store, FIRST)
    await publish(store, SECOND)
    await publish(store, FIRST)
    assert (await store.policies.republish(5, 1, 3, 40)).number == 3
    assert len(await store.policies.history(5)) == 3


async def test_going_back_is_refused_where_another_version_went_live_meanwhile(store: Store) -> None:
    await publish(store, FIRST)
    await publish(store, SECOND)
    await publish(store, DRAFTED)
    with pytest.raises(StoreError, match="Meanwhile version 3 went live"):
        await store.policies.republish(5, 1, 2, 40)
    with pytest.raises(StoreError, match="no version 9"):
        await store.policies.republish(5, 9, 3, 40)
    assert len(await store.policies.history(5)) == 3
