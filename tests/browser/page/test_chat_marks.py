"""Marks on messages, and messages that were deleted, as the page shows them."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot

pytestmark = BROWSER


async def test_a_mark_appears_and_changes_and_is_there_for_who_comes_later(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("You fool")
    (posted,) = club.general.messages.before(None)
    club.server.mark(posted, "Pending", "waiting")
    mark = said.locator(".mark")
    await expect(mark).to_contain_text("Pending")
    club.server.mark(posted, "Flagged", "warning")
    await expect(mark).to_contain_text("Flagged")
    await expect(ada.announced).to_contain_text("Ada's message: Flagged")
    await ada.page.reload()
    await expect(ada.message(posted).locator(".mark")).to_contain_text("Flagged")


async def test_a_deleted_message_stays_folded_with_its_mark_until_the_page_is_loaded_anew(
    page_at: PageAt, club: Club
) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("Buy my things")
    (posted,) = club.general.messages.before(None)
    club.server.mark(posted, "Deleted: rule 2", "bad")
    club.server.posting.delete(posted)
    await expect(said.get_by_text("This message was deleted")).to_be_visible()
    await expect(said.locator(".mark")).to_contain_text("Deleted: rule 2")
    await expect(said.get_by_text("Buy my things")).to_be_hidden()
    await said.get_by_text("This message was deleted").click()
    await expect(said.get_by_text("Buy my things")).to_be_visible()
    await ada.page.reload()
    await expect(ada.page.get_by_text("Welcome to #general!")).to_be_visible()
    await expect(ada.messages).to_have_count(0)


async def test_a_quiet_mark_is_seen_and_not_read_out_for_each_message(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("I may say anything")
    (posted,) = club.general.messages.before(None)
    club.server.mark(posted, "not judged: moderators are exempt", "quiet")
    await expect(said.locator(".mark")).to_contain_text("not judged: moderators are exempt")
    club.server.mark(club.server.post(club.ben, club.general, "And I?"), "pending", "waiting")
    await expect(ada.announced).to_contain_text("Ben's message: pending")
    await expect(ada.announced).not_to_contain_text("not judged")
    assert await serious(ada.page) == []
    await shot(ada.page, "mark-quiet")
