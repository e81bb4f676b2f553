"""Context menus of messages and members: the page's own entries and the applications' below them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seat import sit
from tests.browser.seeing import serious, shot
from tests.browser.silent import NO_ANSWER, asking, silent
from tests.stage import Scene

pytestmark = BROWSER


@pytest.mark.parametrize("opening", ["right click", "keys"])
async def test_a_moderator_asks_why_in_the_menu_of_a_message(page_at: PageAt, scene: Scene, opening: str) -> None:
    await scene.break_rule("2")
    message = scene.post("buy my things")
    await scene.case(message)
    seat = await sit(page_at, scene, scene.moderator)
    await seat.open_menu(message, by_keys=opening == "keys")
    apps = seat.menu.get_by_role("group", name="Apps")
    await expect(apps.get_by_role("menuitem")).to_have_text(["Check against policy", "Why?", "Report to moderators"])
    await shot(seat.page, "menu")
    assert await serious(seat.page) == []
    await seat.page.keyboard.type("why")
    await expect(seat.menu.get_by_role("menuitem", name="Why?")).to_be_focused()
    await seat.press("Enter")
    await expect(seat.menu).to_have_count(0)
    await expect(seat.answer).to_contain_text("No advertising.")


async def test_a_member_reports_a_message_and_is_offered_no_more(page_at: PageAt, scene: Scene) -> None:
    message = scene.post("buy my things", author=scene.moderator)
    seat = await sit(page_at, scene, scene.member)
    await seat.open_menu(message)
    apps = seat.menu.get_by_role("group", name="Apps")
    await expect(apps.get_by_role("menuitem")).to_have_text(["Report to moderators"])
    await seat.press("Escape")
    await expect(seat.menu).to_have_count(0)
    await expect(seat.message(message)).to_be_focused()
    await seat.open_menu(message)
    await apps.get_by_role("menuitem", name="Report to moderators").click()
    await expect(seat.answer).to_contain_text("the moderators have your report")
    assert await scene.store.cases.list(scene.guild.id)


async def test_a_member_has_a_menu_too(page_at: PageAt, scene: Scene) -> None:
    message = asking(scene, silent(scene))
    seat = await sit(page_at, scene, scene.member)
    await seat.message(message).locator("[data-user]").first.click(button="right")
    await seat.menu.get_by_role("menuitem", name="Wave").click()
    await expect(seat.note).to_contain_text(NO_ANSWER)
    (posted,) = seat.interactions(kind=2)
    assert posted["data"]["target_id"] == str(message.author.id)


async def test_a_long_press_opens_the_menu_where_there_is_no_mouse(page_at: PageAt, scene: Scene) -> None:
    message = scene.post("good morning", author=scene.moderator)
    seat = await sit(page_at, scene, scene.member, width=390, height=780, has_touch=True)
    touch = {"pointerType": "touch", "bubbles": True, "clientX": 100, "clientY": 300}
    await seat.message(message).locator(".content").dispatch_event("pointerdown", touch)
    await expect(seat.menu.get_by_role("menuitem", name="Report to moderators")).to_be_visible()
    assert await serious(seat.page) == []
    await seat.message(message).locator(".content").dispatch_event("pointerdown", touch)
    await expect(seat.menu).to_have_count(0)
