"""What the bot lacks is on record once for each place, until it is lacked no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.lacks import Lack, LackKind
from bot.store import Store

HERE, ELSEWHERE = 10, 11
DELETE, READ, RANK = Lack(LackKind.DELETE, 20), Lack(LackKind.READ, 20), Lack(LackKind.RANK, 30)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def settings(store: Store) -> None:
    for guild_id in (HERE, ELSEWHERE):
        await store.guilds.watch(guild_id, 20)


async def test_what_was_noticed_together_has_one_notice_and_what_came_later_another(store: Store) -> None:
    await settings(store)
    await store.lacks.open(HERE, {DELETE: True, READ: True}, NOW)
    await store.lacks.open(HERE, {DELETE: True, RANK: True}, LATER)
    first, second, third = await store.lacks.of(HERE)
    assert ({first.lack, second.lack}, first.since, third.lack) == ({DELETE, READ}, NOW, RANK)
    assert first.nonce == second.nonce != third.nonce
    await store.lacks.told(HERE, first.nonce, 5, 6)
    assert [one.message_id for one in await store.lacks.of(HERE)] == [6, 6, None]


async def test_what_only_discord_said_may_be_seen_later_and_not_the_other_way_round(store: Store) -> None:
    await settings(store)
    for seen, wanted in ((False, False), (True, True), (False, True)):
        await store.lacks.open(HERE, {DELETE: seen}, NOW)
        assert [one.seen for one in await store.lacks.of(HERE)] == [wanted]


async def test_what_is_over_goes_and_no_other_servers(store: Store) -> None:
    await settings(store)
    for guild_id in (HERE, ELSEWHERE):
        await store.lacks.open(guild_id, {DELETE: True, READ: True}, NOW)
    await store.lacks.close(HERE, [READ])
    assert [one.lack for one in await store.lacks.of(HERE)] == [DELETE]
    await store.lacks.close(HERE, [DELETE])
    assert await store.lacks.servers() == [ELSEWHERE]


async def test_a_server_without_settings_asks_nothing_of_the_bot(store: Store) -> None:
    await store.lacks.open(HERE, {DELETE: True}, NOW)
    assert await store.lacks.of(HERE) == []
