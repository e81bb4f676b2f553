"""The console's *Cases* and *Review* in a real browser, on the whole bot.

The judge has no model: how a case looks does not depend on how its verdict came about.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.records import CaseRecord, CaseStatus
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.cogs.cases.desk import opened, read
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene

pytestmark = BROWSER
__all__ = ["running_stage"]


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def doubtful(scene: Scene, *texts: str) -> list[CaseRecord]:
    """Cases that wait for a human, oldest first, under thresholds as a server has them afterwards."""
    await scene.break_rule("2", ASK)
    cases = [await scene.case(scene.post(text)) for text in texts]
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(0.85, 0.4)))
    return cases


async def heading(page: Page, words: str) -> None:
    """The page has come to a case, or to the end: its heading has the focus."""
    title = page.locator("#case-title")
    await expect(title).to_contain_text(words)
    await expect(title).to_be_focused()


# -- cases -----------------------------------------------------------------------------------------------


async def test_filters_swap_the_list_and_the_address_says_what_is_shown(page_at: PageAt, scene: Scene) -> None:
    first, second = await opened(scene), await opened(scene, "3", text="another one")
    page = await page_at(at(scene, "cases"))
    await expect(page.locator(".cases .number")).to_have_text([str(second.number), str(first.number)])
    await page.get_by_label("Rule").select_option("3")
    await expect(page.locator(".cases .number")).to_have_text([str(second.number)])
    await expect(page).to_have_url(re.compile(r"/cases\?rule=3$"))
    await page.get_by_label("Status").select_option("confirmed")
    await expect(page.get_by_text("There are no such cases.")).to_be_visible()
    await page.go_back()
    await expect(page.locator(".cases .number")).to_have_text([str(second.number)])
    await expect(page.get_by_label("Rule")).to_have_value("3")
    await page.reload()
    await expect(page.locator(".cases .number")).to_have_text([str(second.number)])


async def test_words_are_looked_for_as_they_are_typed(page_at: PageAt, scene: Scene) -> None:
    one, other = await opened(scene, text="bananas from my shop"), await opened(scene, text="apples")
    page = await page_at(at(scene, "cases"))
    await expect(page.locator(".cases .number")).to_have_text([str(other.number), str(one.number)])
    field = page.get_by_label("Search in messages")
    await field.press_sequentially("bananas")
    await expect(page.locator(".cases .number")).to_have_text([str(one.number)])
    await expect(page).to_have_url(re.compile(r"/cases\?text=bananas$"))
    await expect(field).to_be_focused()
    await field.fill("")
    await expect(page.locator(".cases .number")).to_have_count(2)


async def test_a_case_is_opened_from_the_list_and_answered(page_at: PageAt, scene: Scene) -> None:
    (case,) = await doubtful(scene, "please come to my shop today")
    await scene.store.cases.explained(scene.guild.id, case.number, "It advertises a shop.", "come to my shop")
    page = await page_at(at(scene, "cases"))
    await page.get_by_role("link", name=f"Case {case.number}").click()
    await expect(page.locator("mark")).to_have_text("come to my shop")
    await expect(page.locator(".bars svg")).to_have_count(6)
    await page.get_by_label("Reason").fill("a joke")
    await page.get_by_role("button", name="Overturn").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Case {case.number} is overturned.")
    await expect(page.get_by_text("a joke")).to_be_visible()
    assert (await read(scene, case)).status is CaseStatus.OVERTURNED


async def test_without_scripts_the_list_and_the_answers_work_as_well(page_at: PageAt, scene: Scene) -> None:
    one, other = await opened(scene), await opened(scene, "3", text="another one")
    page = await page_at(at(scene, "cases"), java_script_enabled=False)
    await page.get_by_label("Rule").select_option("2")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".cases .number")).to_have_text([str(one.number)])
    await page.goto(at(scene, f"cases/{other.number}"))
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Case {other.number} is confirmed.")
    await page.goto(at(scene, "review"))
    await expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()


async def test_what_members_wrote_runs_nothing(page_at: PageAt, scene: Scene) -> None:
    hostile = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    (case,) = await doubtful(scene, hostile)
    for path in ("cases", f"cases/{case.number}", "review"):
        page = await page_at(at(scene, path))
        assert await page.title() != "run"
        assert await page.locator("main img, main script").count() == 0
    await page.get_by_role("button", name="Begin").click()
    await heading(page, f"Case {case.number}")
    await expect(page.get_by_text("<script>").first).to_be_visible()
    assert await page.title() != "run"


# -- review ----------------------------------------------------------------------------------------------


async def test_a_queue_is_worked_off_by_keys_with_undo(page_at: PageAt, scene: Scene) -> None:
    first, second, third = await doubtful(scene, "the first", "the second", "the third")
    page = await page_at(at(scene, "review"))
    await expect(page.get_by_text("3 cases wait")).to_be_visible()
    await page.get_by_role("button", name="Begin").click()
    await heading(page, f"Case {first.number}")
    await page.keyboard.press("c")
    await heading(page, f"Case {second.number}")
    await expect(page.locator("#said")).to_have_text(
        re.compile(rf"Case {first.number} is confirmed. Case {second.number}")
    )
    await page.keyboard.press("o")
    await heading(page, f"Case {third.number}")
    await expect(page.get_by_text("ask for the action where it is still needed")).to_be_visible()
    await page.keyboard.press("u")
    await expect(page.locator("#last")).to_contain_text(f"Case {second.number} is confirmed.")
    await heading(page, f"Case {third.number}")
    assert (await read(scene, second)).status is CaseStatus.CONFIRMED
    await page.keyboard.press("s")
    await heading(page, "Nothing left but what you skipped")
    await page.keyboard.press("u")
    await heading(page, f"Case {third.number}")
    await page.keyboard.press("c")
    await heading(page, "Nothing waits")
    assert [(await read(scene, one)).status for one in (first, second, third)] == [CaseStatus.CONFIRMED] * 3


async def test_keys_answer_nothing_while_somebody_types(page_at: PageAt, scene: Scene) -> None:
    (case,) = await doubtful(scene, "the first")
    page = await page_at(at(scene, "review"))
    await page.keyboard.press("s")
    await heading(page, f"Case {case.number}")
    await page.keyboard.press("n")
    await expect(page.get_by_label("For other moderators")).to_be_focused()
    await page.keyboard.type("cos")
    await expect(page.get_by_label("For other moderators")).to_have_value("cos")
    await page.get_by_role("button", name="Note it").click()
    await expect(page.locator("#last")).to_contain_text(f"Noted on case {case.number}.")
    await heading(page, f"Case {case.number}")
    now = await read(scene, case)
    assert (now.status, [note.text for note in now.notes]) == (CaseStatus.OPEN, ["cos"])
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("c")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("Control+c")
    assert (await read(scene, case)).status is CaseStatus.OPEN


async def test_whoever_comes_second_is_told_and_goes_on(page_at: PageAt, scene: Scene) -> None:
    first, second = await doubtful(scene, "the first", "the second")
    page = await page_at(at(scene, "review"), allow=[r"status of 409"])
    await page.keyboard.press("s")
    await heading(page, f"Case {first.number}")
    claimed_at = (await read(scene, first)).claimed_at
    assert claimed_at is not None
    await scene.store.reviews.lapse(scene.guild.id, first.number, claimed_at)
    await scene.stage.trial.app.pipeline.reviews.overturn(first, scene.moderator.id)
    await page.keyboard.press("c")
    await expect(page.get_by_role("alert").filter(has_text="overturned already by a-moderator")).to_be_visible()
    await heading(page, f"Case {first.number}")
    await page.keyboard.press("s")
    await heading(page, f"Case {second.number}")


# -- how it looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_pages_are_accessible_and_fit_the_screen(page_at: PageAt, scene: Scene, scheme: str, width: int) -> None:
    cases = await doubtful(scene, "come to my shop today", "a n o t h e r  o n e", "w" * 300)
    await scene.store.cases.explained(scene.guild.id, cases[0].number, "It advertises a shop.", "come to my shop")
    await scene.store.reviews.add_note(scene.guild.id, cases[0].number, scene.moderator.id, "known")
    case = f"cases/{cases[0].number}"
    for name, path in (("cases", "cases"), ("case", case), ("long", f"cases/{cases[2].number}"), ("review", "review")):
        page = await page_at(at(scene, path), width=width, scheme=scheme)
        if name == "review":
            await page.get_by_role("button", name="Begin").click()
            await heading(page, f"Case {cases[0].number}")
            await page.get_by_role("button", name="Confirm").click()
            await heading(page, f"Case {cases[1].number}")
        assert await serious(page) == [], name
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        await shot(page, f"console-{name}-{scheme}-{width}", full=True)
