"""The list of the console's *Cases*: what is in it, and what narrows it, on the whole bot.

The judge has no model: what is shown of a case, and done about it, does not depend on how its verdict came about.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.records import ReviewKind
from tests.cogs.cases.desk import opened
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene
from tests.web.client import Pages

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["running_stage"]


async def test_the_list_shows_cases_newest_first_and_leads_to_each(scene: Scene, pages: Pages) -> None:
    assert "There are no such cases." in (await pages.get("cases")).words
    first, second = await opened(scene, text="the first one"), await opened(scene, "3", text="the second one")
    page = await pages.get("cases")
    assert page.cell("number") == [str(second.number), str(first.number)]
    assert page.cell("said")[0].startswith("the second one a-member · #general")
    assert page.cell("rule") == ["rule 3 deleted, warned, timed out", "rule 2 flagged"]
    assert f'href="/console/servers/{scene.guild.id}/cases/{first.number}"' in page.text


async def test_who_was_erased_is_nobody_in_the_list_and_on_the_page(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    erasure, (guild_id, member_id) = scene.store.erasure, (scene.guild.id, scene.member.id)
    await erasure.erase(guild_id, member_id, [])
    await erasure.unname(guild_id, member_id, case.journal_id)
    assert (await pages.get("cases")).cell("said") == [
        "(its words are no longer kept) somebody whose records were erased · #general"
    ]
    page = await pages.get(f"cases/{case.number}")
    assert "somebody whose records were erased · #general" in page.words
    assert "member 0" not in page.words


async def test_each_filter_leaves_out_what_it_does_not_hold_for(scene: Scene, pages: Pages) -> None:
    one, other = await opened(scene), await opened(scene, "3", text="another one")
    await scene.store.reviews.answer(scene.guild.id, other.number, ReviewKind.CONFIRM, scene.moderator.id)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    before = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"
    both, only_one, only_other = [other.number, one.number], [one.number], [other.number]
    for query, numbers in (
        ("status=open", only_one),
        ("status=confirmed", only_other),
        ("rule=3", only_other),
        ("rule=none-such", []),
        (f"channel={scene.general.id}", both),
        (f"channel={scene.log.id}", []),
        (f"member={scene.member.id}", both),
        (f"member=<@{scene.moderator.id}>", []),
        (f"moderator={scene.moderator.id}", only_other),
        (f"since={before}", both),
        (f"until={before}", []),
        (f"since={before}&until={day}&status=open&rule=2", only_one),
        (f"up_to={one.number}", only_one),
    ):
        page = await pages.get(f"cases?{query}")
        assert page.cell("number") == [str(number) for number in numbers], query


@pytest.mark.parametrize(
    "query", ["member=bob", "since=yesterday", "status=gone", "channel=-1", "up_to=x", "member=" + "9" * 50]
)
async def test_a_filter_that_cannot_be_read_is_one_sentence_above_the_form(
    scene: Scene, pages: Pages, query: str
) -> None:
    page = await pages.get(f"cases?{query}")
    assert page.status == 200
    assert 'role="alert"' in page.text
    assert "“" in page.words


async def test_a_fragment_for_htmx_holds_the_list_alone_and_says_the_address(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    page = await pages.get("cases?status=open&rule=", {"HX-Request": "true"})
    assert page.cell("number") == [str(case.number)]
    assert "<html" not in page.text
    whole = await pages.get("cases", {"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


async def test_cases_are_found_by_words_of_message_reason_and_notes(scene: Scene, pages: Pages) -> None:
    one, other = await opened(scene, text="Bananas from my shop"), await opened(scene, text="apples")
    await scene.store.reviews.add_note(scene.guild.id, other.number, scene.moderator.id, "sells pears too")
    await scene.store.cases.explained(scene.guild.id, one.number, "It praises fruit.", "Bananas")
    for words, found in (("bananas", [one]), ("pears", [other]), ("praises", [one]), ("cherries", []), ("!?", [])):
        page = await pages.get(f"cases?text={words}")
        assert page.cell("number") == [str(case.number) for case in found], words
    assert (await pages.get("cases?text=apples&status=confirmed")).cell("number") == []


async def test_older_cases_are_on_pages_of_their_own(
    scene: Scene, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.console.cases.PAGE", 2)
    cases = [await opened(scene, text=f"message {number}") for number in range(3)]
    page = await pages.get("cases?status=open")
    assert page.cell("number") == [str(case.number) for case in (cases[2], cases[1])]
    assert f"cases?status=open&amp;up_to={cases[0].number}" in page.text
    older = await pages.get(f"cases?status=open&up_to={cases[0].number}")
    assert older.cell("number") == [str(cases[0].number)]
    assert "Older cases" not in older.words
