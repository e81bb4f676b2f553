"""A server's stamp is another after each change of what its messages are judged by, whoever made it, and only then."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.access import AccessChange, Group
from bot.domain.calibration import RuleShift
from bot.domain.decision import Decision, Mode, Outcome, Thresholds
from bot.domain.ladder import read_ladder
from bot.domain.lawbook import How, PlaceKind, Where
from bot.domain.learned import Lesson
from bot.pipeline.law import law_in
from bot.store import OutdatedError, Store
from bot.store.tables import Guild
from tests.store.statements import statements_of
from tests.store.test_store import ACT, submission, verdict

HERE, ELSEWHERE, CHANNEL, MODERATOR = 10, 11, 20, 9
SHIFT = RuleShift("1", -0.5, 3, 9, "e" * 64)
NOT_SETTINGS = {"id", "last_case", "left_at", "heard_until", "stamp"}

Change = Callable[[Store], Awaitable[object]]


async def publish(store: Store, source: str, place_id: int | None = None) -> None:
    draft = await store.policies.save_draft(HERE, source, MODERATOR, place_id=place_id)
    await store.policies.publish(HERE, draft.digest, MODERATOR, place_id=place_id)


async def furnish(store: Store) -> None:
    """A server of which everything can be changed."""
    for guild_id in (HERE, ELSEWHERE):
        await store.guilds.update(guild_id, mode=Mode.ENFORCE)
    await store.guilds.watch(HERE, CHANNEL)
    await store.guilds.exempt(HERE, "user", 3)
    await publish(store, "1. No spam.")
    await store.policies.set_how(HERE, CHANNEL, PlaceKind.CHANNEL, How.EXTEND, MODERATOR)
    await publish(store, "2. No ads.", CHANNEL)
    await store.learned.from_pack(HERE, "buy now", Lesson("1", "No spam.", breaks=True), MODERATOR)


async def forget_what_was_learned(store: Store) -> None:
    for one in await store.learned.of(HERE):
        await store.learned.remove(HERE, one.id, MODERATOR)


CHANGES: dict[str, Change] = {
    "a setting": lambda store: store.guilds.update(HERE, help_lines="Call."),
    "thresholds": lambda store: store.guilds.set_thresholds(HERE, "1", Thresholds(0.9, 0.5)),
    "a ladder": lambda store: store.guilds.set_ladder(HERE, "", read_ladder("3 in 7d: ban")),
    "a channel is watched": lambda store: store.guilds.watch(HERE, 21),
    "its mode": lambda store: store.guilds.watch(HERE, CHANNEL, Mode.SHADOW),
    "a channel is watched no longer": lambda store: store.guilds.unwatch(HERE, CHANNEL),
    "somebody is exempt": lambda store: store.guilds.exempt(HERE, "role", 100),
    "somebody is exempt no longer": lambda store: store.guilds.unexempt(HERE, "user", 3),
    "moderators": lambda store: store.guilds.set_moderator_roles(HERE, [300]),
    "access": lambda store: store.guilds.set_access(HERE, AccessChange(300, Group.CASES, is_given=True)),
    "a version": lambda store: publish(store, "1. No spam at all."),
    "a channel's version": lambda store: publish(store, "2. No ads at all.", CHANNEL),
    "how it extends": lambda store: store.policies.set_how(
        HERE, CHANNEL, PlaceKind.CHANNEL, How.REPLACE, MODERATOR
    ),
    "shifts": lambda store: store.policies.recalibrate(HERE, 1, MODERATOR, "", [SHIFT]),
    "an example comes": lambda store: store.learned.from_pack(
        HERE, "join us", Lesson("1", "No spam.", breaks=True), MODERATOR
    ),
    "an example goes": forget_what_was_learned,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_by_whoever_has_the_database_open_gives_the_server_another_stamp(
    open_store: Store, tmp_path: Path, change: str
) -> None:
    await furnish(open_store)
    before = {guild_id: await open_store.stamps.of(guild_id) for guild_id in (HERE, ELSEWHERE)}
    another = Store(open_store.url, tmp_path / "chain.key")
    await CHANGES[change](another)
    await another.close()
    assert await open_store.stamps.of(HERE) != before[HERE]
    assert await open_store.stamps.of(ELSEWHERE) == before[ELSEWHERE]


async def test_a_server_that_was_never_set_up_gets_a_stamp_with_its_first_setting(store: Store) -> None:
    before = await store.stamps.of(HERE)
    assert before.number is None
    await store.guilds.watch(HERE, CHANNEL)
    assert await store.stamps.of(HERE) != before


async def test_whatever_column_of_a_servers_settings_is_written_its_stamp_changes(store: Store) -> None:
    await furnish(store)
    for column in {column.name for column in Guild.__table__.columns} - NOT_SETTINGS:
        before = await store.stamps.of(HERE)
        async with store._engine.begin() as connection:
            await connection.execute(text(f"UPDATE guilds SET {column} = {column} WHERE id = {HERE}"))
        assert await store.stamps.of(HERE) != before, column


async def test_each_table_that_settings_and_law_are_read_from_stamps_its_server(store: Store) -> None:
    await furnish(store)
    with statements_of(store) as sent:
        await store.guilds.get(HERE)
        await law_in(store, HERE, Where(CHANNEL, 5))
    read = {name for statement, _ in sent for name in re.findall(r"(?:FROM|JOIN) (\w+)", statement)}
    is_sqlite = store.url.startswith("sqlite")
    triggers = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%stamp%'"
        if is_sqlite
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%stamp%'"
    )
    async with store._engine.connect() as connection:
        stamping = set((await connection.scalars(text(triggers))).all())
    assert {"guilds", "policies", "policy_versions", "learned_examples", "policy_calibrations"} < read
    # Of a case an example has the number, which never changes.
    assert read - {"cases"} <= stamping


async def test_what_the_pipeline_writes_all_the_time_leaves_the_stamp(store: Store) -> None:
    await furnish(store)
    now = datetime.now(UTC)
    await store.presence.heard([HERE], now)  # from now on it listens there
    before = await store.stamps.of(HERE)
    await store.presence.heard([HERE], datetime.now(UTC))
    first, second = await store.journal.append([submission(1), submission(2)])
    claimed = await store.journal.claim(2)
    assert {one.stamp for one in claimed} == {before}
    await store.journal.settle_allowed(first, verdict(), Decision(Outcome.ALLOW), Mode.ENFORCE, 1, (), before)
    await store.journal.open_case(second, verdict(), ACT, Mode.ENFORCE, 1, ACT.actions, now)
    await store.departures.left(HERE, now)
    await store.departures.returned(HERE)
    assert await store.stamps.of(HERE) == before


async def test_what_was_decided_by_what_holds_no_more_is_not_recorded_and_stays_claimed(store: Store) -> None:
    await furnish(store)
    journal_id, other = await store.journal.append([submission(1), submission(2, guild_id=ELSEWHERE)])
    entries = {one.id: one for one in await store.journal.claim(2)}
    await store.guilds.update(HERE, mode=Mode.SHADOW)
    settle, allow = store.journal.settle_allowed, Decision(Outcome.ALLOW)
    with pytest.raises(OutdatedError):
        await settle(journal_id, verdict(), allow, Mode.ENFORCE, 1, (), entries[journal_id].stamp)
    await settle(other, verdict(), allow, Mode.ENFORCE, 1, (), entries[other].stamp)
    assert await store.journal.judgement(HERE, 1) is None
    assert await store.journal.backlog() == {HERE: 1}
    await settle(journal_id, verdict(), allow, Mode.SHADOW, 1, (), await store.stamps.of(HERE))
    made = await store.journal.judgement(HERE, 1)
    assert made is not None
    assert (made.mode, await store.journal.backlog()) == (Mode.SHADOW, {})


async def test_what_is_in_scope_by_what_holds_no_more_is_not_journalled(store: Store) -> None:
    stamps = [await store.stamps.of(HERE), await store.stamps.of(ELSEWHERE)]
    await store.guilds.exempt(HERE, "user", 3)
    with pytest.raises(OutdatedError):
        await store.journal.append([submission(1, guild_id=HERE), submission(2, guild_id=ELSEWHERE)], stamps)
    assert await store.journal.backlog() == {}
    now = [await store.stamps.of(HERE), await store.stamps.of(ELSEWHERE)]
    assert len(await store.journal.append([submission(1, guild_id=HERE)], now)) == 1
