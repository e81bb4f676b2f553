"""A version and its calibration are one: kept together, never changed, and part of the chain."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.domain.calibration import RuleShift
from bot.domain.chain import Fault
from bot.domain.lawbook import How, PlaceKind
from bot.domain.records import ReviewKind
from bot.store import Store
from bot.store.engine import StoreError
from tests.store.chained import findings
from tests.store.test_store_figures import case

HERE, ELSEWHERE, PLACE = 10, 11, 20
DOWN = RuleShift("1", -0.625, 5, 9, "e" * 64)
UP = RuleShift("2", 0.5, 12, 1, "e" * 64)


async def published(store: Store, source: str, *shifts: RuleShift, guild_id: int = HERE) -> int:
    draft = await store.policies.save_draft(guild_id, source, 9)
    return (await store.policies.publish(guild_id, draft.digest, 9, shifts=shifts)).number


async def test_each_version_keeps_its_own_for_ever(store: Store) -> None:
    await published(store, "1. No spam.\n2. No ads.", DOWN, UP)
    await published(store, "1. No spam.", UP)
    await published(store, "1. No cats.")
    back = await store.policies.republish(HERE, 1, 3, 9, shifts=[DOWN])
    assert back.number == 4
    assert await store.calibrations.of(HERE, [1, 2, 3, 4]) == {
        1: {"1": DOWN, "2": UP},
        2: {"2": UP},
        4: {"1": DOWN},
    }
    assert await store.calibrations.of(HERE, [2]) == {2: {"2": UP}}
    assert await store.calibrations.of(HERE, []) == await store.calibrations.of(ELSEWHERE, [1]) == {}


async def test_the_same_text_is_the_law_again_with_another_calibration_and_a_draft_stays(store: Store) -> None:
    await published(store, "1. No spam.", DOWN)
    await store.policies.save_draft(HERE, "1. No cats.", 9)
    made = await store.policies.recalibrate(HERE, 1, 8, "calibrated", [UP])
    live = await store.policies.live(HERE)
    assert live == made
    assert (made.number, made.source, made.author_id, made.reason) == (2, "1. No spam.", 8, "calibrated")
    assert await store.calibrations.of(HERE, [1, 2]) == {1: {"1": DOWN}, 2: {"2": UP}}
    assert await store.policies.draft(HERE) is not None


async def test_of_two_who_calibrate_at_once_the_second_is_told(store: Store) -> None:
    await published(store, "1. No spam.")
    await store.policies.recalibrate(HERE, 1, 8, "", [DOWN])
    for number in (1, 7):
        with pytest.raises(StoreError, match="not live any more"):
            await store.policies.recalibrate(HERE, number, 8, "", [UP])
    assert await store.calibrations.of(HERE, [1, 2, 3]) == {2: {"1": DOWN}}


async def test_a_channels_version_is_calibrated_where_it_belongs(store: Store) -> None:
    await published(store, "1. No spam.")
    await store.policies.set_how(HERE, PLACE, PlaceKind.CHANNEL, How.EXTEND, 9)
    draft = await store.policies.save_draft(HERE, "2. No ads.", 9, place_id=PLACE)
    await store.policies.publish(HERE, draft.digest, 9, place_id=PLACE)
    made = await store.policies.recalibrate(HERE, 2, 9, "", [UP])
    assert made.place_id == PLACE
    live = await store.policies.live(HERE, PLACE)
    assert live == made
    assert (await store.policies.live(HERE)).number == 1  # type: ignore[union-attr]


async def test_what_fits_only_where_it_is_in_force_keeps_nobody_from_calibrating(store: Store) -> None:
    category, parents = 30, {PLACE: 30}
    await published(store, "".join(f"{number}. No spam.\n" for number in range(1, 16)), DOWN)
    for place_id, kind, how, numbers in (
        (category, PlaceKind.CATEGORY, How.REPLACE, range(1, 3)),
        (PLACE, PlaceKind.CHANNEL, How.EXTEND, range(31, 41)),
    ):
        await store.policies.set_how(HERE, place_id, kind, how, 9)
        source = "".join(f"{number}. No ads.\n" for number in numbers)
        draft = await store.policies.save_draft(HERE, source, 9, place_id=place_id)
        await store.policies.publish(HERE, draft.digest, 9, place_id=place_id, parents=parents)
    made = await store.policies.recalibrate(HERE, 1, 9, "", [])
    assert await store.policies.live(HERE) == made


async def test_a_calibration_that_somebody_changes_afterwards_is_found(store: Store) -> None:
    await published(store, "1. No spam.\n2. No ads.", DOWN, UP)
    assert await findings(store) == []
    async with store._engine.begin() as connection:
        await connection.execute(text("UPDATE policy_calibrations SET shift = 1.5 WHERE rule = '1'"))
    (found,) = await findings(store)
    assert found.fault is Fault.CHANGED
    async with store._engine.begin() as connection:
        await connection.execute(text("UPDATE policy_calibrations SET shift = -0.625 WHERE rule = '1'"))


async def test_answers_come_newest_first_with_the_model_that_was_answered(store: Store) -> None:
    confirmed = await case(store, ReviewKind.OVERTURN, ReviewKind.CONFIRM, probability=0.7)
    await case(store, ReviewKind.CONFIRM, ReviewKind.OTHER)
    await case(store)
    await case(store, ReviewKind.CONFIRM, guild_id=ELSEWHERE)
    overturned = await case(store, ReviewKind.OVERTURN, rule="2")
    found = await store.figures.answered(HERE, 10)
    assert [(one.number, one.review, one.rule, one.probability) for one in found] == [
        (overturned.number, ReviewKind.OVERTURN, "2", 0.9),
        (confirmed.number, ReviewKind.CONFIRM, "1", 0.7),
    ]
    assert {one.model_digest for one in found} == {"e" * 64}
    assert await store.figures.answered(HERE, 1) == found[:1]
