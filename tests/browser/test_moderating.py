"""A moderator who signed in goes through the console in a real browser: what they do, and what they may not.

The judge has no model: who may do what does not depend on a verdict.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.domain.records import CaseRecord, CaseStatus, ReviewKind
from bot.web.console.memberships import FRESH
from bot.web.console.sessions import IDLE
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.signing import address, agree, signed_in
from tests.cogs.cases.desk import opened, post_of, read
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, POLICY, Scene, until
from tests.web.hidden import hide
from tests.web.signed import Signed, signed_console

pytestmark = BROWSER
__all__ = ["running_stage"]

REFUSED = (r"status of 40[0349] ", r"htmx:responseError")
"""Chromium and htmx note what is answered with a refusal, which is what some of these tests are about."""
NOWHERE = "There is no such server, or you may not look at it. The first page has those that you may."
OVER = "Your session is over: reload the page and sign in."


@pytest_asyncio.fixture(loop_scope="session")
async def signed(scene: Scene) -> AsyncIterator[Signed]:
    async with signed_console(scene) as made:
        yield made


def section(page: Page, name: str) -> Locator:
    """A section's entry at the head of the page."""
    return page.get_by_role("navigation", name="Sections").get_by_role("link", name=name)


def told(page: Page) -> Locator:
    """What the page says by itself."""
    return page.locator("#told")


async def doubtful(scene: Scene, text: str = "come to my shop") -> CaseRecord:
    """A case that waits for a human."""
    await scene.break_rule("2", ASK)
    return await scene.case(scene.post(text))


async def no_moderator_any_more(signed: Signed) -> None:
    """The moderator loses the role on Discord, and what the console knew of that is no longer fresh."""
    scene = signed.scene
    member = scene.guild.members[scene.moderator.id]
    scene.server.moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    signed.clock.now += FRESH + 0.1


# -- what they do ----------------------------------------------------------------------------------------


async def test_a_moderator_goes_through_every_section_in_their_own_name(page_at: PageAt, signed: Signed) -> None:
    scene = signed.scene
    first = await doubtful(scene)
    second = await doubtful(scene, "come to my other shop")
    page = await signed_in(page_at, signed, scene.moderator)
    await expect(section(page, "Now")).to_have_attribute("aria-current", "page")

    await section(page, "Cases").click()
    await page.get_by_role("link", name=f"Case {first.number}").click()
    await page.get_by_label("Reason").fill("a shop indeed")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Case {first.number} is confirmed.")
    (review,) = (await read(scene, first)).reviews
    assert (review.reviewer_id, review.kind) == (scene.moderator.id, ReviewKind.CONFIRM)

    async def is_told_on_discord() -> bool:
        return f"<@{scene.moderator.id}>" in str(post_of(scene, first).embeds)

    await until(is_told_on_discord)

    await section(page, "Review").click()
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#case-title")).to_contain_text(f"Case {second.number}")
    await page.keyboard.press("o")
    await expect(page.locator("#case-title")).to_contain_text("Nothing waits")
    assert (await read(scene, second)).status is CaseStatus.OVERTURNED

    await section(page, "Policy").click()
    await page.get_by_role("link", name="Edit").first.click()
    await page.get_by_label("The policy of the server").fill(f"{POLICY}7. No dogs. [flag]\n")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#outcome")).to_contain_text("Version 2 is live.")

    await section(page, "Audit").click()
    newest = page.get_by_role("region", name="Who changed what").get_by_role("listitem").first
    await expect(newest).to_contain_text("a-moderator")
    await expect(newest).to_contain_text("Version 2 published")

    await section(page, "Now").click()
    await expect(page.get_by_role("img", name=re.compile("Moderators confirmed 50% of the cases"))).to_be_visible()


async def test_they_see_no_case_of_a_channel_that_is_hidden_from_them(page_at: PageAt, signed: Signed) -> None:
    scene = signed.scene
    case = await opened(scene)
    page = await signed_in(page_at, signed, scene.moderator, "cases", allow=REFUSED)
    await expect(page.get_by_role("link", name=f"Case {case.number}")).to_be_visible()
    await hide(scene, scene.general)
    signed.clock.now += FRESH + 0.1
    await page.reload()
    await expect(page.get_by_text("There are no such cases.")).to_be_visible()
    await page.goto(address(signed, f"cases/{case.number}"))
    await expect(page.get_by_text("That message is in a channel you cannot see.")).to_be_visible()
    await expect(page.get_by_text("come to my shop")).to_have_count(0)


# -- what they may not -----------------------------------------------------------------------------------


async def test_a_moderator_looks_at_thresholds_and_is_told_who_may_save_them(page_at: PageAt, signed: Signed) -> None:
    page = await signed_in(page_at, signed, signed.scene.moderator, "policy/thresholds")
    await expect(page.get_by_text("Saving needs the permission Manage Server")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
    await page.get_by_role("slider", name="acts from").first.press("ArrowLeft")
    await expect(page.locator("output").first).to_have_text("99 %")


async def test_what_access_refuses_is_refused_in_words_and_what_was_typed_stays(
    page_at: PageAt, signed: Signed
) -> None:
    scene = signed.scene
    page = await signed_in(page_at, signed, scene.moderator, "policy/edit", allow=REFUSED)
    text = page.get_by_label("The policy of the server")
    await text.fill(f"{POLICY}7. No dogs. [flag]\n")
    await expect(page.locator("#counts")).to_contain_text("7 of 20 rules")
    manager = await hand(scene, scene.manager)
    await manager.slash("access refuse", role=scene.moderator_role_id, group="policy")
    await page.get_by_role("button", name="Publish").click()
    await expect(told(page)).to_have_text("You may not use this on this server: ask its administrator.")
    await expect(text).to_have_value(re.compile("No dogs"))
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 1
    await section(page, "Policy").click()
    await expect(page.get_by_text("You may not use this on this server: ask its administrator.")).to_be_visible()
    await page.goto(address(signed, "now"))
    await expect(section(page, "Cases")).to_be_visible()
    await expect(section(page, "Policy")).to_have_count(0)


async def test_who_is_no_moderator_any_more_is_refused_with_the_next_click(page_at: PageAt, signed: Signed) -> None:
    scene = signed.scene
    case = await doubtful(scene)
    page = await signed_in(page_at, signed, scene.moderator, f"cases/{case.number}", allow=REFUSED)
    confirm = page.get_by_role("button", name="Confirm")
    await expect(confirm).to_be_visible()
    await no_moderator_any_more(signed)
    await confirm.click()
    await expect(page.get_by_text(NOWHERE)).to_be_visible()
    assert (await read(scene, case)).status is CaseStatus.OPEN
    await page.goto(address(signed, "cases"))
    await expect(page.get_by_text(NOWHERE)).to_be_visible()
    await expect(page.get_by_text("come to my shop")).to_have_count(0)


async def test_while_reviewing_and_on_the_live_page_it_is_told_too(page_at: PageAt, signed: Signed) -> None:
    scene = signed.scene
    case = await doubtful(scene)
    review = await signed_in(page_at, signed, scene.moderator, "review", allow=REFUSED)
    now = await review.context.new_page()
    await now.goto(address(signed, "now"))
    await review.get_by_role("button", name="Begin").click()
    await expect(review.locator("#case-title")).to_contain_text(f"Case {case.number}")
    await no_moderator_any_more(signed)
    await review.keyboard.press("c")
    await expect(told(review)).to_have_text(NOWHERE)
    await expect(told(now)).to_have_text(NOWHERE)
    assert (await read(scene, case)).status is CaseStatus.OPEN


# -- in and out ------------------------------------------------------------------------------------------


async def test_a_session_that_ended_is_told_of_and_one_signs_in_to_the_same_page(
    page_at: PageAt, signed: Signed
) -> None:
    scene = signed.scene
    case = await doubtful(scene)
    page = await signed_in(page_at, signed, scene.moderator, f"cases/{case.number}", allow=REFUSED)
    now = await page.context.new_page()
    await now.goto(address(signed, "now"))
    await expect(now.get_by_role("heading", name="Now")).to_be_visible()
    signed.clock.now += IDLE + 1
    await expect(told(now)).to_have_text(OVER)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text(OVER)).to_be_visible()
    assert (await read(scene, case)).status is CaseStatus.OPEN
    await page.goto(address(signed, f"cases/{case.number}"))
    await page.get_by_role("link", name="Sign in with Discord").click()
    await agree(page, scene.moderator)
    await page.wait_for_url(address(signed, f"cases/{case.number}"))
    # The other tab has the new session too, and goes on.
    await expect(told(now)).to_be_empty()
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Case {case.number} is confirmed.")


async def test_who_signs_out_is_out_in_all_tabs(page_at: PageAt, signed: Signed) -> None:
    scene = signed.scene
    case = await doubtful(scene)
    page = await signed_in(page_at, signed, scene.moderator, f"cases/{case.number}", allow=REFUSED)
    other = await page.context.new_page()
    await other.goto(address(signed, "audit"))
    await other.get_by_role("button", name="Sign out").click()
    await expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text(OVER)).to_be_visible()
    assert (await read(scene, case)).status is CaseStatus.OPEN
