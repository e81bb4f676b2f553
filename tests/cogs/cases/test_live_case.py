"""`/case`: cases looked up, listed, noted on, overturned and taken along, by moderators who may see them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.records import CaseStatus, ReviewKind
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.cogs.cases.desk import look, opened, press, read, two
from tests.cogs.live import file_in, hand, opened_to_all
from tests.stage import Scene, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("case view", {"number": 1}),
    ("case list", {}),
    ("case note", {"number": 1, "text": "words"}),
    ("case overturn", {"number": 1}),
    ("case export", {}),
]


async def test_view_shows_a_case_with_buttons_that_work(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    answer = await moderator.slash("case view", number=case.number)
    assert f"Case {case.number}" in answer.text
    assert "come to my shop" in answer.text
    confirmed = await moderator.client.press(answer.shown, "Confirm")
    assert confirmed.content == f"Case {case.number} is confirmed."
    assert (await read(scene, case)).status is CaseStatus.CONFIRMED
    late = await moderator.client.press(answer.shown, "Overturn")
    assert f"Case {case.number} was confirmed already by <@{scene.moderator.id}>" in late.content


async def test_a_note_is_shown_on_the_case_and_in_its_post_and_pings_nobody(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    words = f"@everyone spoke to <@{scene.owner.id}>"
    assert (
        await moderator.slash("case note", number=case.number, text=words)
    ).content == f"Noted on case {case.number}."
    await moderator.slash("case note", number=case.number, text="a second one")
    for answer in (await look(moderator, case), await moderator.slash("case view", number=case.number)):
        assert f"<@{scene.moderator.id}>: a second one" in answer.text
        assert "spoke to" in answer.text
        assert (answer.shown["mentions"], answer.shown["mention_everyone"]) == ([], False)


async def test_overturn_undoes_with_a_reason_also_what_was_confirmed_before_and_not_twice(scene: Scene) -> None:
    moderator, manager = await two(scene)
    case = await opened(scene, "3", "a threat")
    await press(moderator, case, "Confirm")
    answer = await manager.slash("case overturn", number=case.number, reason="it was a quote")
    assert "undone: lifted" in answer.content
    assert scene.guild.members[scene.member.id].timed_out_until is None
    now = await read(scene, case)
    assert [one.kind for one in now.reviews] == [ReviewKind.CONFIRM, ReviewKind.OVERTURN]
    assert "it was a quote" in (await look(moderator, case)).text
    again = await moderator.slash("case overturn", number=case.number)
    assert again.content == f"Case {case.number} was overturned already by <@{scene.manager.id}>."


async def test_list_filters_by_member_rule_channel_days_status_and_moderator(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    other = scene.server.places.create(scene.guild, {"name": "other"})
    await scene.store.guilds.watch(scene.guild.id, other.id)
    first = await opened(scene, "2")
    await press(moderator, first, "Confirm")
    await scene.break_rule("1")
    second = await scene.case(scene.post("spam", channel=other))
    third = await opened(scene, "2")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for options, numbers in (
        ({}, [3, 2, 1]),
        ({"member": scene.member.id}, [3, 2, 1]),
        ({"member": scene.owner.id}, []),
        ({"rule": "1"}, [second.number]),
        ({"channel": other.id}, [second.number]),
        ({"status": "open"}, [third.number, second.number]),
        ({"status": "confirmed"}, [first.number]),
        ({"moderator": scene.moderator.id}, [first.number]),
        ({"moderator": scene.manager.id}, []),
        ({"since": today, "until": today}, [3, 2, 1]),
        ({"until": "2020-01-01"}, []),
        ({"rule": "2", "status": "open", "channel": scene.general.id}, [third.number]),
    ):
        answer = await moderator.slash("case list", **options)
        listed = [line.split("**")[1] for line in answer.text.splitlines() if "**" in line]
        assert listed == [str(number) for number in numbers], options
    refused = await moderator.slash("case list", since="yesterday")
    assert refused.content == "“yesterday” is no day for since: write a day as 2026-01-31."


async def test_a_list_is_paged_with_buttons_that_new_cases_do_not_shift(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    for message in [scene.post(f"shop {number}") for number in range(12)]:
        await scene.case(message)
    page = await moderator.slash("case list", rule="2")
    assert "12 cases · page 1 of 2" in page.text
    await opened(scene)
    older = await moderator.press(page, "Older")
    assert "12 cases · page 2 of 2" in older.text
    assert [line.split("**")[1] for line in older.text.splitlines() if "**" in line] == ["2", "1"]
    newer = await moderator.press(older, "Newer")
    assert "12 cases · page 1 of 2" in newer.text
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    assert (await moderator.press(newer, "Older")).content.startswith("Only moderators may do this")


async def test_list_and_export_find_words_of_the_message_and_of_the_notes_on_every_page(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    await scene.break_rule("2")
    for message in [scene.post(f"Cheap *wâtches* number{number}") for number in range(12)]:
        await scene.case(message)
    await opened(scene, "2", "nothing of the sort")
    sought = ' "cheap watches"  :*'
    page = await moderator.slash("case list", text=sought)
    assert "12 cases · page 1 of 2" in page.text
    assert page.shown["embeds"][0]["author"]["name"] == '"cheap watches" :*'
    older = await moderator.press(page, "Older")
    assert "12 cases · page 2 of 2" in older.text
    assert [line.split("**")[1] for line in older.text.splitlines() if "**" in line] == ["2", "1"]
    assert "12 cases · page 1 of 2" in (await moderator.press(older, "Newer")).text
    await moderator.slash("case note", number=13, text="spoke to them about watches")
    noted = await moderator.slash("case list", text="SPOKE watches")
    assert [line.split("**")[1] for line in noted.text.splitlines() if "**" in line] == ["13"]
    for nothing in ("cheap sort", "!?"):
        assert "There are no such cases." in (await moderator.slash("case list", text=nothing)).text
    assert (await moderator.slash("case export", text="number7")).content == "1 case."


async def test_export_gives_the_filtered_cases_as_csv_and_json(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene, "2", "=HYPERLINK(1)")
    await moderator.slash("case note", number=case.number, text="look")
    await opened(scene, "1")
    answer = await moderator.slash("case export", rule="2")
    assert answer.content == "1 case."
    (row,) = csv.DictReader(io.StringIO(file_in(scene, answer, "cases.csv")))
    assert (row["case"], row["text"], row["rule"], row["status"]) == (str(case.number), "'=HYPERLINK(1)", "2", "open")
    (one,) = json.loads(file_in(scene, answer, "cases.json"))["cases"]
    assert (one["case"], one["text"], one["status"]) == (case.number, "=HYPERLINK(1)", "open")
    assert [note["text"] for note in one["notes"]] == ["look"]
    assert (await moderator.slash("case export", rule="6")).content == "There are no such cases."


async def test_cases_of_channels_a_moderator_cannot_see_are_neither_shown_nor_changed(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    scene.server.places.set_overwrite(scene.general, Overwrite(scene.moderator.id, 1, deny=VIEW_CHANNEL))
    client, place = moderator.client, (scene.guild.id, scene.log.id)
    for path in ("case view", "case overturn", "case note"):
        extra = {"text": "words"} if path == "case note" else {}
        answer = await client.slash(*place, path, number=case.number, **extra)
        assert answer.content == "That message is in a channel you cannot see."
    assert "There are no such cases." in (await client.slash(*place, "case list")).text
    assert (await client.slash(*place, "case export")).content == "There are no such cases."
    assert await client.autocomplete(*place, "case view", "number") == []
    now = await read(scene, case)
    assert (now.reviews, now.notes) == ((), ())


async def test_numbers_and_rules_are_suggested(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    case = await opened(scene)
    place = (scene.guild.id, scene.general.id)
    (number,) = await moderator.client.autocomplete(*place, "case overturn", "number")
    assert number == {"name": f"{case.number} · open · rule 2 · a-member", "value": case.number}
    (rule,) = await moderator.client.autocomplete(*place, "case list", "rule", rule="advert")
    assert rule == {"name": "2. No advertising.", "value": "2"}


async def test_another_servers_cases_are_not_reachable(scene: Scene, stage: Stage) -> None:
    other = await stage.scene()
    await opened(scene)
    moderator = await hand(other, other.moderator)
    for path, options in COMMANDS:
        answer = await moderator.slash(path, **options)
        assert "There is no case 1 on this server." in answer.text or "There are no such cases." in answer.text


async def test_every_command_opened_to_everyone_is_still_refused_to_members(scene: Scene) -> None:
    member = await hand(scene, scene.member)
    case = await opened(scene)
    with opened_to_all(scene):
        for path, options in COMMANDS:
            answer = await member.slash(path, **options)
            assert answer.content.startswith("Only moderators may do this"), path
            assert (answer.embeds, answer.attachments) == ([], [])
        assert await member.client.autocomplete(scene.guild.id, scene.general.id, "case view", "number") == []
        assert await member.client.autocomplete(scene.guild.id, scene.general.id, "case list", "rule") == []
    now = await read(scene, case)
    assert (now.reviews, now.notes) == ((), ())
