"""*Cases* by people's names, in a real browser. The judge has no model: who wrote a message does not depend on it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from bot.web.console import whom
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.cogs.scripted_stage import running_stage
from tests.stage import SECONDS, Scene

pytestmark = BROWSER
__all__ = ["running_stage"]
GIVEN_UP = (r"htmx:(afterRequest|sendAbort)",)
"""Enter changes the field and sends the form: htmx gives up the first request for the second, and notes it."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord is waited for as long as a busy machine takes."""
    monkeypatch.setattr(whom, "PATIENCE_SECONDS", SECONDS)


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def of_two(scene: Scene) -> tuple[int, int]:
    """The numbers of two cases: the member's, and that of one who is shown as `Bo Smith`."""
    bo = scene.server.world.add_user("bo.smith-7")
    scene.server.world.join(scene.guild, bo).nick = "Bo Smith"
    await scene.break_rule("2")
    one, other = await scene.case(scene.post("by a member")), await scene.case(scene.post("by bo", bo))
    return one.number, other.number


async def lists(page: Page, *numbers: int) -> None:
    await expect(page.locator(".cases .number")).to_have_text([str(number) for number in numbers])


async def test_a_name_is_suggested_as_one_types_and_narrows_the_list(page_at: PageAt, scene: Scene) -> None:
    one, other = await of_two(scene)
    page = await page_at(at(scene, "cases"), allow=GIVEN_UP)
    await lists(page, other, one)
    member = page.get_by_label("Member")
    await member.press_sequentially("bo.s")
    offered = page.locator("#members option")
    await expect(offered).to_have_count(1)
    await expect(offered).to_have_text("@bo.smith-7")
    await member.fill(await offered.get_attribute("value") or "")
    await member.press("Enter")
    await lists(page, other)
    await expect(page.locator(".found")).to_contain_text("Member: Bo Smith (")
    await expect(page).to_have_url(re.compile(r"/cases\?member=\d+$"))
    await member.fill("@a-member")
    await member.press("Tab")
    await lists(page, one)
    await page.go_back()
    await lists(page, other)
    await expect(member).to_have_value(re.compile(r"^Bo Smith \(\d+\)$"))


async def test_a_name_that_nobody_has_is_said_and_what_is_near_is_offered(page_at: PageAt, scene: Scene) -> None:
    one, other = await of_two(scene)
    page = await page_at(at(scene, "cases"), allow=GIVEN_UP)
    member = page.get_by_label("Member")
    await member.fill("Bo")
    await member.press("Enter")
    await expect(page.locator("#list").get_by_role("alert")).to_contain_text("do you mean Bo Smith (@bo.smith-7, ")
    await expect(page.locator(".cases")).to_have_count(0)
    await member.fill("")
    await member.press("Enter")
    await lists(page, other, one)


async def test_without_scripts_a_name_is_found_as_well(page_at: PageAt, scene: Scene) -> None:
    _, other = await of_two(scene)
    page = await page_at(at(scene, "cases"), java_script_enabled=False)
    await page.get_by_label("Member").fill("bo smith")
    await page.get_by_role("button", name="Show").click()
    await lists(page, other)
    await expect(page.get_by_label("Member")).to_have_value(re.compile(r"^Bo Smith \(\d+\)$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_the_fields_can_be_used_by_everybody(page_at: PageAt, scene: Scene, scheme: str, width: int) -> None:
    await of_two(scene)
    for name, query in (("found", "member=bo+smith"), ("nobody", "member=bo")):
        page = await page_at(at(scene, f"cases?{query}"), width=width, scheme=scheme)
        assert await serious(page) == [], name
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        await expect(page.get_by_label("Member")).to_have_accessible_description(re.compile("an @name or an id"))
        await shot(page, f"console-people-{name}-{scheme}-{width}", full=True)
