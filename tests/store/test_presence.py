"""Until when a server was heard, and since when its channels are listened to: what was said before is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.decision import Mode
from bot.store import Store

HERE, ELSEWHERE, CHANNEL, ANOTHER = 5, 6, 50, 51
LATER = datetime.now(UTC) + timedelta(hours=1)


async def test_a_server_that_was_never_heard_has_no_such_time_and_others_keep_theirs(store: Store) -> None:
    for guild_id in (HERE, ELSEWHERE):
        await store.guilds.update(guild_id, mode=Mode.SHADOW)
    await store.presence.heard([HERE, 7], LATER)
    assert (await store.presence.of(HERE)).until == LATER
    assert (await store.presence.of(ELSEWHERE)).until is None
    assert (await store.presence.of(7)).until is None


async def test_what_was_watched_before_the_bot_first_listened_is_listened_to_from_then_on(store: Store) -> None:
    await store.guilds.watch(HERE, CHANNEL)
    await store.presence.heard([HERE], LATER)
    await store.presence.heard([HERE], LATER + timedelta(hours=1))
    assert (await store.presence.of(HERE)).watched_at == {CHANNEL: LATER}


async def test_a_channel_counts_as_watched_since_it_was_added_or_no_longer_off(store: Store) -> None:
    await store.guilds.watch(HERE, CHANNEL)
    added = (await store.presence.of(HERE)).watched_at[CHANNEL]
    await store.guilds.watch(HERE, CHANNEL, Mode.ENFORCE)
    assert (await store.presence.of(HERE)).watched_at[CHANNEL] == added
    await store.guilds.watch(HERE, CHANNEL, Mode.OFF)
    await store.guilds.watch(HERE, CHANNEL, Mode.SHADOW)
    assert (await store.presence.of(HERE)).watched_at[CHANNEL] > added


async def test_a_channel_that_the_servers_mode_kept_off_counts_as_watched_since_it_has_one_of_its_own(
    store: Store,
) -> None:
    await store.guilds.watch(HERE, CHANNEL)
    await store.guilds.update(HERE, mode=Mode.OFF)
    before = (await store.presence.of(HERE)).watched_at[CHANNEL]
    await store.guilds.watch(HERE, CHANNEL, Mode.ENFORCE)
    assert (await store.presence.of(HERE)).watched_at[CHANNEL] > before


async def test_a_server_that_is_no_longer_off_is_listened_to_anew_where_its_mode_holds(store: Store) -> None:
    await store.guilds.watch(HERE, CHANNEL)
    await store.guilds.watch(HERE, ANOTHER, Mode.ENFORCE)
    before = (await store.presence.of(HERE)).watched_at
    await store.guilds.update(HERE, mode=Mode.OFF)
    await store.guilds.update(HERE, mode=Mode.ENFORCE)
    after = (await store.presence.of(HERE)).watched_at
    assert after[CHANNEL] > before[CHANNEL]
    assert after[ANOTHER] == before[ANOTHER]
