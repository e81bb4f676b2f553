"""Every change of settings is on record with who, when, what, before and after."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.domain.decision import Mode, Thresholds
from bot.domain.guild import GuildSettings
from bot.domain.ladder import read_ladder
from bot.domain.setting_fields import FIELDS, read_change
from bot.store import Store

GUILD, SOMEBODY, ANOTHER = 5, 2**62, 41


async def recorded(store: Store) -> list[tuple[int, str, object, object]]:
    """All that is on record, oldest first."""
    return [(one.author_id, one.what, one.before, one.after) for one in (await store.audit.settings(GUILD))[::-1]]


async def test_each_way_to_change_something_is_on_record_with_before_and_after(store: Store) -> None:
    await store.guilds.update(GUILD, mode=Mode.ENFORCE, log_channel_id=7, by=SOMEBODY)
    await store.guilds.update(GUILD, log_channel_id=None, by=SOMEBODY)
    await store.guilds.watch(GUILD, 11, by=SOMEBODY)
    await store.guilds.watch(GUILD, 11, Mode.OFF, by=SOMEBODY)
    await store.guilds.unwatch(GUILD, 11, by=SOMEBODY)
    await store.guilds.exempt(GUILD, "category", 12, by=SOMEBODY)
    await store.guilds.unexempt(GUILD, "category", 12, by=SOMEBODY)
    await store.guilds.set_moderator_roles(GUILD, [1, 2], SOMEBODY)
    await store.guilds.set_moderator_roles(GUILD, [2, 3], SOMEBODY)
    await store.guilds.set_thresholds(GUILD, "2", Thresholds(0.9, 0.4), SOMEBODY)
    await store.guilds.set_ladder(GUILD, "", read_ladder("3 in 7 days: timeout 1h"), SOMEBODY)
    await store.guilds.set_ladder(GUILD, "2", (), SOMEBODY)
    await store.guilds.set_ladder(GUILD, "2", None, SOMEBODY)
    assert await recorded(store) == [
        (SOMEBODY, "log_channel_id", None, "7"),
        (SOMEBODY, "mode", "shadow", "enforce"),
        (SOMEBODY, "log_channel_id", "7", None),
        (SOMEBODY, "watched.11", None, "the server's mode"),
        (SOMEBODY, "watched.11", "the server's mode", "off"),
        (SOMEBODY, "watched.11", "off", None),
        (SOMEBODY, "exempt_category.12", None, True),
        (SOMEBODY, "exempt_category.12", True, None),
        (SOMEBODY, "moderator_role.1", None, True),
        (SOMEBODY, "moderator_role.2", None, True),
        (SOMEBODY, "moderator_role.1", True, None),
        (SOMEBODY, "moderator_role.3", None, True),
        (SOMEBODY, "thresholds.2", None, [0.9, 0.4]),
        (SOMEBODY, "ladder", "none", "3 cases in 7d: timeout 1h"),
        (SOMEBODY, "ladder.2", None, "none"),
        (SOMEBODY, "ladder.2", "none", None),
    ]
    assert abs((datetime.now(UTC) - (await store.audit.settings(GUILD, 1))[0].at).total_seconds()) < 60


async def test_every_setting_of_the_settings_command_is_on_record(store: Store) -> None:
    others = {
        "mode": "off",
        "judge_moderators": "yes",
        "judge_bots": "yes",
        "log_channel_id": "1",
        "review_channel_id": "2",
        "escalation_role_id": "3",
        "moderator_role_ids": "4",
        "thresholds": "99/1 %",
        "ladder": "3 in 7d: kick",
        "keep_case_days": "9",
        "keep_allowed_days": "9",
        "brake_actions": "9",
        "brake_seconds": "9",
        "backfill_minutes": "9",
        "warning_template": "Case {case}.",
        "help_lines": "Somebody to talk to: 000",
        "language": "de",
    }
    assert others.keys() == FIELDS.keys()
    for number, (name, value) in enumerate(others.items(), start=1):
        await store.guilds.change(GUILD, read_change(f"{name}={value}"), SOMEBODY)
        assert len(await store.audit.settings(GUILD)) == number, name


async def test_what_stays_as_it_is_leaves_no_record_and_the_shell_is_nobody(store: Store) -> None:
    await store.guilds.update(GUILD, mode=GuildSettings(GUILD).mode)
    assert not await store.guilds.unwatch(GUILD, 11)
    assert not await store.guilds.unexempt(6, "role", 11)
    assert await recorded(store) == []
    await store.guilds.update(GUILD, mode=Mode.OFF)
    assert await recorded(store) == [(0, "mode", "shadow", "off")]


async def test_of_two_who_change_something_at_once_each_is_put_down_for_their_own(store: Store) -> None:
    await store.guilds.watch(GUILD, 1)
    await asyncio.gather(
        *(store.guilds.set_thresholds(GUILD, str(n), Thresholds(0.9, 0.1), SOMEBODY) for n in range(5)),
        *(store.guilds.exempt(GUILD, "user", n, by=ANOTHER) for n in range(1, 6)),
    )
    authors = {(what.split(".")[0], author) for author, what, _, _ in (await recorded(store))[1:]}
    assert authors == {("thresholds", SOMEBODY), ("exempt_user", ANOTHER)}
    assert len((await store.guilds.get(GUILD)).thresholds.by_rule) == 5
