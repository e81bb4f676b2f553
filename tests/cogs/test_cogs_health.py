"""What `/health` says is amiss, with its remedy, and that it stays within Discord's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.domain.decision import Mode
from bot.domain.figures import Queue
from bot.domain.policy import ActionKind
from bot.judge.interface import JudgeInfo
from cogs.render_health import LONG_WAIT, Caller, Health, Law, channel_list, health_embed, problems, queue_line
from cogs.render_watch import LogPlace, Place

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VIEW, HISTORY, MANAGE = "View Channel", "Read Message History", "Manage Messages"
PLACE = Place(5, Mode.ENFORCE, is_own_mode=False)
WELL = Health(
    judge=JudgeInfo("default", "0" * 64, ready=True, restarts=2),
    queue=Queue(),
    law=Law(3),
    server_mode=Mode.ENFORCE,
    places=[PLACE, Place(6, Mode.SHADOW, is_own_mode=True)],
    log=LogPlace(8, calls=9),
    caller=Caller(9, reached=True),
)


def amiss(health: Health) -> list[str]:
    return list(problems(health, NOW))


def test_where_all_is_well_it_says_so_and_how_everything_stands() -> None:
    embed = health_embed(WELL, NOW)
    assert embed.description == "✅ Nothing is amiss."
    assert {field.name: field.value for field in embed.fields} == {
        "Judge": "default · ready · restarted 2 times since the bot started",
        "Queue": "No message waits to be judged.",
        "Policy": "version 3",
        "Server's mode": "enforce",
        "Watched channels": "1 shadow, 1 enforce",
        "Log channel": "<#8>",
    }


@pytest.mark.parametrize(
    ("health", "says", "remedy"),
    [
        (replace(WELL, judge=JudgeInfo("default", "", ready=False)), "not ready", "lawspeaker doctor"),
        (replace(WELL, law=None), "No policy is live", "/policy edit"),
        (replace(WELL, places=[]), "No channel is watched", "/watch add"),
        (replace(WELL, places=[replace(PLACE, mode=Mode.OFF)]), "off in every watched channel", "/mode"),
        (replace(WELL, log=None), "No log channel", "/watch log"),
        (replace(WELL, log=LogPlace(8, known=False)), "<#8> is deleted or hidden", "/watch log"),
        (replace(WELL, log=LogPlace(8, missing=["Embed Links"])), "<#8> the bot lacks Embed Links", "under Perm"),
        (replace(WELL, places=[replace(PLACE, known=False)]), "hidden from the bot: <#5>", "/watch remove"),
        (replace(WELL, law=Law(3, {ActionKind.KICK: "Kick Members"})), "`kick`, for which", "under Roles"),
        (replace(WELL, caller=Caller(None)), "nobody is called", "/watch log"),
        (replace(WELL, caller=Caller(9)), "<@&9>, whom the bot cannot ping", "Mention Everyone"),
    ],
)
def test_each_thing_that_is_amiss_gets_a_sentence_with_its_remedy(health: Health, says: str, remedy: str) -> None:
    (sentence,) = amiss(health)
    assert says in sentence
    assert remedy in sentence


def test_what_the_role_lacks_everywhere_is_granted_to_the_role_and_else_the_channel_is_to_allow_it() -> None:
    health = replace(WELL, places=[replace(PLACE, missing=[HISTORY, MANAGE])])
    assert amiss(health) == [
        "In <#5> the bot lacks Read Message History and Manage Messages: in the settings of the channel or its "
        "category, under Permissions, allow the bot's role Read Message History and Manage Messages."
    ]
    assert amiss(replace(health, role_lacks=[HISTORY, MANAGE])) == [
        "In <#5> the bot lacks Read Message History and Manage Messages: grant them to the bot's role in the server's "
        "settings under Roles."
    ]
    assert amiss(replace(health, role_lacks=[MANAGE])) == [
        "In <#5> the bot lacks Read Message History and Manage Messages: in the settings of the channel or its "
        "category, under Permissions, allow the bot's role Read Message History, and grant it the rest in the server's "
        "settings under Roles."
    ]


def test_channels_that_lack_the_same_are_told_together() -> None:
    places = [Place(number, Mode.ENFORCE, is_own_mode=False, missing=[MANAGE]) for number in (1, 2, 3)]
    health = replace(WELL, places=[*places, replace(PLACE, missing=[VIEW, HISTORY, MANAGE])])
    all_three, one = amiss(health)
    assert all_three.startswith("In <#5> the bot lacks View Channel, ")
    assert one.startswith("In <#1>, <#2> and <#3> the bot lacks Manage Messages: ")
    assert channel_list(health, {}) == ""


def test_a_message_that_waits_long_is_told_of_unless_the_judge_is_away() -> None:
    late = replace(WELL, queue=Queue(40, NOW - LONG_WAIT - timedelta(seconds=1)))
    (sentence,) = amiss(late)
    assert "faster than they are judged" in sentence
    assert amiss(replace(WELL, queue=Queue(40, NOW - LONG_WAIT))) == []
    (sentence,) = amiss(replace(late, judge=JudgeInfo("default", "", ready=False)))
    assert "not ready" in sentence


def test_the_queue_says_how_many_wait_since_when_and_which_cases_are_not_through() -> None:
    stamp = f"<t:{int(NOW.timestamp())}:R>"
    assert queue_line(Queue(1, NOW)) == f"One message waits; it came in {stamp}."
    assert queue_line(Queue(1_200, NOW)) == f"1,200 messages wait; the oldest came in {stamp}."
    assert queue_line(Queue(0, None, 2)) == "No message waits to be judged. Cases being carried out: 2."


def every_channel_amiss(count: int) -> Health:
    lacks = ([VIEW, HISTORY, MANAGE], [HISTORY, MANAGE], [MANAGE], [HISTORY], [VIEW, HISTORY])
    places = [
        Place(2**63 - 1 - number, Mode.ENFORCE, is_own_mode=False, known=number % 6 < 5, missing=lacks[number % 6 % 5])
        for number in range(count)
    ]
    return Health(
        judge=JudgeInfo("*" * 3_000, "", ready=False, restarts=10**6),
        queue=Queue(10**9, NOW, 10**9),
        law=Law(10**6, dict.fromkeys([ActionKind.TIMEOUT, ActionKind.KICK, ActionKind.BAN], "Moderate Members")),
        server_mode=Mode.ENFORCE,
        places=[place if place.known else replace(place, missing=()) for place in places],
        log=LogPlace(2**63 - 1, missing=["View Channel", "Send Messages In Threads", "Embed Links"]),
        caller=Caller(2**63 - 1),
        role_lacks=[MANAGE],
    )


def test_a_server_with_hundreds_of_channels_and_everything_amiss_stays_within_discords_limits() -> None:
    embed = health_embed(every_channel_amiss(500), NOW)
    assert len(embed.description or "") <= EMBED_DESCRIPTION
    assert len(embed) <= EMBED_TOTAL
    assert all(len(str(field.value)) <= EMBED_FIELD_VALUE for field in embed.fields)
    assert "and 74 more (see the file) the bot lacks View Channel" in (embed.description or "")


def test_channels_that_have_no_room_are_all_in_a_file_by_name_where_who_asks_may_see_them() -> None:
    health = every_channel_amiss(500)
    lines = channel_list(health, {2**63 - 1: "general\nchat"}).splitlines()
    assert len(lines) == 500
    assert lines[0] == f"#general chat ({2**63 - 1}): lacks View Channel, Read Message History and Manage Messages"
    assert lines[1] == f"{2**63 - 2}: lacks Read Message History and Manage Messages"
    assert lines[5] == f"{2**63 - 6}: not found"
