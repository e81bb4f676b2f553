"""Threads, direct messages, accounts, members, and a connection that is lost."""

from __future__ import annotations

import re

from playwright.async_api import expect

from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import VIEW_CHANNEL
from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot

pytestmark = BROWSER


async def test_a_thread_is_opened_from_a_message_and_written_in(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "Oil prices")
    ada = await visit(page_at, club)
    await ada.message(first).hover()
    await ada.message(first).get_by_role("button", name="Create Thread").click()
    await ada.page.get_by_role("textbox", name="Thread name").fill("About oil")
    assert await serious(ada.page) == []
    await ada.page.get_by_role("dialog").get_by_role("button", name="Create Thread").click()
    await expect(ada.heading).to_have_text("About oil")
    await expect(ada.page.get_by_text("Ben: Oil prices")).to_be_visible()
    await ada.say("It is dear")
    await ada.enter("general")
    await expect(ada.message(first).locator(".thread-below")).to_contain_text("1 message")
    await expect(ada.message(first).get_by_role("link", name="About oil")).to_be_visible()
    threads = ada.channels.get_by_role("list", name="Threads of general")
    await expect(threads.get_by_role("link", name="About oil")).to_be_visible()


async def test_what_a_thread_was_begun_from_is_read_where_its_channel_was_not_looked_at(
    page_at: PageAt, club: Club
) -> None:
    first = club.server.post(club.ben, club.general, "Oil prices")
    begun = club.server.places.open_thread(club.general, club.ben, {"name": "About oil"}, first)
    club.server.places.open_thread(club.general, club.ben, {"name": "About nothing", "type": 11})
    for number in range(120):
        club.server.post(club.ben, club.general, f"and {number}")
    ada = await visit(page_at, club, place=begun)
    await expect(ada.page.get_by_text("Ben: Oil prices")).to_be_visible()
    club.server.posting.edit(first, {"content": "Prices of oil"})
    await expect(ada.page.get_by_text("Ben: Prices of oil")).to_be_visible()
    await ada.enter("About nothing")
    await expect(ada.page.get_by_text("This thread was started by Ben.")).to_be_visible()
    await expect(ada.page.locator(".welcome blockquote")).to_have_count(0)
    await ada.enter("About oil")
    await expect(ada.page.get_by_text("Ben: Prices of oil")).to_be_visible()
    club.server.posting.delete(first)
    await expect(ada.page.get_by_text("Ben: This message was deleted")).to_be_visible()
    await ada.enter("general")
    await expect(ada.messages.last).to_contain_text("and 119")
    await ada.page.locator("#messages").evaluate("one => one.scrollTo(0, 0)")
    await expect(ada.page.get_by_text("and 60", exact=True)).to_be_attached()


async def test_a_direct_message_reaches_the_other(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    ben = await visit(page_at, club)
    await ben.become("Ben")
    members = ada.page.get_by_role("complementary", name="Members")
    await members.get_by_role("button", name="Ben", exact=True).click()
    await ada.page.get_by_role("dialog", name="Ben").get_by_role("button", name="Message").click()
    await expect(ada.heading).to_have_text("Ben")
    await ada.say("Only for you")
    await ben.page.get_by_role("button", name="Direct messages, unread messages").click()
    await expect(ben.heading).to_have_text("Ada")
    await expect(ben.messages.last).to_contain_text("Only for you")


async def test_who_switches_the_account_stays_in_the_place_and_sees_what_that_account_sees(
    page_at: PageAt, club: Club
) -> None:
    club.server.post(club.ben, club.second, "hello there")
    ada = await visit(page_at, club, place=club.second)
    await expect(ada.channels.get_by_role("link", name="staff-room")).to_have_count(0)
    await ada.become("Mira")
    await expect(ada.heading).to_have_text("off-topic")
    await expect(ada.messages.last).to_contain_text("hello there")
    await ada.enter("staff-room")
    await ada.say("Between us")
    await ada.page.reload()
    await expect(ada.account).to_contain_text("Mira")
    await ada.become("Ada")
    await expect(ada.heading).to_have_text("general")
    await expect(ada.page.get_by_text("Between us")).to_have_count(0)
    (posted,) = club.staff.messages.before(None)
    assert posted.author is club.mira


async def test_a_moderator_deletes_and_a_member_may_not(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ben, club.general, "hello")
    ada = await visit(page_at, club)
    entries = """async () => {
        const { entriesFor } = await import("/app/menu.js");
        const { session } = await import("/app/session.js");
        const { here } = await import("/app/view.js");
        const [message] = session.client.store.messages.get(here.channelId).values();
        return entriesFor("message", message).map(one => one.label);
    }"""
    assert "Delete Message" not in await ada.page.evaluate(entries)
    await ada.become("Mira")
    await expect(ada.message(said)).to_be_visible()
    assert await ada.page.evaluate(entries) == [
        "Reply",
        "Create Thread",
        "Copy Text",
        "Copy Message ID",
        "Delete Message",
    ]


async def test_members_are_grouped_by_the_role_that_is_shown_apart(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    members = ada.page.get_by_role("complementary", name="Members")
    await expect(members.get_by_role("heading")).to_have_text(["Moderators — 1", "Members — 4"])
    club.server.moderation.join(club.guild, club.server.world.add_user("newcomer"))
    await expect(members.get_by_role("heading").last).to_have_text("Members — 5")


async def test_news_in_another_channel_shows_until_one_looks(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.post(club.ben, club.second, f"<@{club.ada.id}> look")
    link = ada.channels.get_by_role("link", name="off-topic")
    await expect(link).to_contain_text("1")
    await ada.enter("off-topic")
    await expect(ada.channels.locator("li.unread")).to_have_count(0)


async def test_a_line_stands_above_what_is_new_and_it_is_in_sight_also_where_it_is_much(
    page_at: PageAt, club: Club
) -> None:
    first = club.server.post(club.ben, club.second, "read before")
    ada = await visit(page_at, club, place=club.second)
    await expect(ada.message(first)).to_be_visible()
    await ada.enter("general")
    new = [club.server.post(club.ben, club.second, f"new {number}") for number in range(40)]
    await expect(ada.channels.locator("li.unread")).to_have_count(1)
    await ada.enter("off-topic")
    line = ada.page.locator(".new-line")
    await expect(line).to_have_count(1)
    above = "(one, id) => one.nextElementSibling.dataset.id === id"
    assert await line.evaluate(above, str(new[0].id))
    await expect(ada.message(new[0])).to_be_in_viewport(ratio=1)
    await expect(ada.message(new[0]).get_by_role("button", name="Ben")).to_be_visible()
    assert await serious(ada.page) == []
    await shot(ada.page, "new-line")
    await ada.page.get_by_role("button", name="Jump to the newest messages").click()
    await expect(ada.message(new[-1])).to_be_in_viewport(ratio=1)
    await ada.enter("general")
    await ada.enter("off-topic")
    await expect(ada.message(new[-1])).to_be_in_viewport(ratio=1)
    await expect(line).to_have_count(0)


async def test_what_comes_while_one_reads_above_is_counted_and_begins_below_a_line(page_at: PageAt, club: Club) -> None:
    for number in range(40):
        club.server.post(club.ben, club.general, f"old {number}")
    ada = await visit(page_at, club)
    await expect(ada.page.get_by_text("old 39")).to_be_in_viewport()
    await ada.page.locator("#messages").evaluate("one => one.scrollTo(0, 0)")
    await expect(ada.page.get_by_role("button", name="Jump to the newest messages")).to_be_visible()
    new = [club.server.post(club.ben, club.general, f"new {number}") for number in range(2)]
    await ada.page.get_by_role("button", name="2 new: jump to the newest messages").click()
    await expect(ada.message(new[-1])).to_be_in_viewport(ratio=1)
    assert await ada.page.locator(".new-line").evaluate(
        "(one, id) => one.nextElementSibling.dataset.id === id", str(new[0].id)
    )
    await expect(ada.page.locator("#to-newest")).to_be_hidden()


async def test_a_mention_of_ones_role_counts_as_one_of_oneself(page_at: PageAt, club: Club) -> None:
    mira = await visit(page_at, club)
    await mira.become("Mira")
    (role,) = (one for one in club.guild.roles.values() if one.name == "Moderators")
    call = club.server.post(club.owner, club.staff, f"<@&{role.id}> come quickly")
    await expect(mira.channels.get_by_role("link", name="staff-room")).to_contain_text("1")
    badge = mira.page.get_by_role("button", name="The Lantern Club, 1 for you")
    await expect(badge).to_be_visible()
    assert await serious(mira.page) == []
    await mira.enter("staff-room")
    await expect(badge).to_have_count(0)
    await expect(mira.message(call)).to_have_class(re.compile("mentions-me"))


async def test_what_came_while_one_was_somebody_else_is_new(page_at: PageAt, club: Club) -> None:
    club.server.post(club.ben, club.second, "long ago")
    ada = await visit(page_at, club)
    await ada.enter("off-topic")
    await ada.enter("general")
    await expect(ada.channels.locator("li.unread")).to_have_count(0)
    await ada.become("Ben")
    club.server.post(club.mira, club.second, "look")
    private = club.server.world.dm(club.mira, club.ada)
    for words in ("are you there?", "hello?"):
        club.server.post(club.mira, private, words)
    await ada.become("Ada")
    await expect(ada.channels.locator("li.unread")).to_have_text("off-topic, unread")
    messages = ada.page.get_by_role("button", name="Direct messages, unread messages, 2 for you")
    await messages.click()
    await expect(ada.heading).to_have_text("Mira")
    await expect(ada.page.get_by_role("button", name="Direct messages", exact=True)).to_be_visible()
    await ada.page.reload()
    await expect(ada.heading).to_have_text("Mira")
    await expect(ada.page.get_by_role("button", name="Direct messages", exact=True)).to_be_visible()


async def test_a_select_of_channels_has_them_in_the_order_of_the_list(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.become("Mira")
    offered = """async (guildId) => {
        const { optionsOf } = await import("/app/selects.js");
        return optionsOf({ type: 8 }, guildId).map(one => one.label);
    }"""
    labels = await ada.page.evaluate(offered, str(club.guild.id))
    assert labels == ["#staff-room", "#general", "#off-topic", "#Talk"]


async def test_a_channel_that_is_hidden_from_one_is_left(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, place=club.second)
    club.server.places.set_overwrite(club.second, Overwrite(club.guild.id, 0, 0, VIEW_CHANNEL))
    await expect(ada.heading).to_have_text("general")
    await expect(ada.channels.get_by_role("link", name="off-topic")).to_have_count(0)


async def test_a_lost_connection_is_taken_up_again_and_nothing_is_missed(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    body = ada.page.locator("body")
    club.server.gateway.cut(club.ada)
    await expect(body).to_have_attribute("data-connection", "away")
    club.server.post(club.ben, club.general, "said meanwhile")
    await expect(body).to_have_attribute("data-connection", "connected")
    await expect(ada.messages.last).to_contain_text("said meanwhile")
    assert club.server.gateway.resumes == 1


async def test_after_a_session_is_forgotten_all_is_read_anew(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    body = ada.page.locator("body")
    club.server.gateway.lose(club.ada)
    await expect(body).to_have_attribute("data-connection", "away")
    club.server.post(club.ben, club.general, "said meanwhile")
    await expect(body).to_have_attribute("data-connection", "connected")
    await expect(ada.messages.last).to_contain_text("said meanwhile")
    await ada.say("I am back")


async def test_an_account_that_is_not_known_any_more_is_said_and_not_tried_again(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.world._tokens.pop(club.ada.token)
    club.server.gateway.lose(club.ada)
    banner = ada.page.locator("#connection")
    await expect(banner).to_contain_text("no longer knows this account")
    await expect(banner.get_by_role("button", name="Reload the page")).to_be_visible()
