"""Writing in the page: posting, answering, changing, files, and why one may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import SEND_MESSAGES
from tests.browser.chat import Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER

pytestmark = BROWSER


async def test_what_is_written_is_posted_and_seen_by_others(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    ben = await visit(page_at, club)
    await ben.become("Ben")
    await ada.say("Who brings the oil?")
    await expect(ben.messages.last).to_contain_text("Who brings the oil?")
    await expect(ben.messages.last.get_by_role("button", name="Ada")).to_be_visible()
    await expect(ben.announced).to_contain_text("Ada: Who brings the oil?")
    (posted,) = club.general.messages.before(None)
    assert (posted.author, posted.content) == (club.ada, "Who brings the oil?")


async def test_shift_and_enter_begin_a_new_line(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("one")
    await ada.words.press("Shift+Enter")
    await ada.words.press_sequentially("two")
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("two")
    (posted,) = club.general.messages.before(None)
    assert posted.content == "one\ntwo"


async def test_a_reply_names_what_it_answers_and_leads_there(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "Shall we meet on **Sunday**?")
    ada = await visit(page_at, club)
    await ada.message(first).hover()
    await ada.message(first).get_by_role("button", name="Reply").click()
    await expect(ada.page.locator("#reply-bar")).to_have_text("Replying to Ben")
    answer = await ada.say("Yes, at noon")
    await expect(ada.page.locator("#reply-bar")).to_be_hidden()
    reference = answer.get_by_role("link", name="Answers Ben: Shall we meet on Sunday?")
    await reference.click()
    await expect(ada.message(first)).to_be_focused()


async def test_who_is_answered_is_told_of_it_unless_that_is_turned_off(page_at: PageAt, club: Club) -> None:
    first = club.server.post(club.ben, club.general, "Shall we meet?")
    ada = await visit(page_at, club)
    for words, told in (("Yes", [club.ben]), ("No", [])):
        await ada.message(first).hover()
        await ada.message(first).get_by_role("button", name="Reply").click()
        ping = ada.page.get_by_role("button", name="Mention Ben")
        await expect(ping).to_have_attribute("aria-pressed", "true")
        if not told:
            await ping.click()
            await expect(ping).to_have_attribute("aria-pressed", "false")
        await ada.say(words)
        assert next(iter(club.general.messages.before(None))).mentions == told


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_field_is_as_high_as_what_is_written_in_it(page_at: PageAt, club: Club, width: int) -> None:
    ada = await visit(page_at, club, width=width)
    hidden = "one => one.scrollHeight - one.clientHeight"
    low = await ada.words.evaluate("one => one.clientHeight")
    text = "Who brings the oil for all the lanterns that hang above the long table? " * 3
    await ada.words.fill(text)
    assert await ada.words.evaluate(hidden) <= 0
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("Who brings")
    assert await ada.words.evaluate("one => one.clientHeight") == low
    await ada.words.press("ArrowUp")
    assert await ada.page.get_by_role("textbox", name="Edit your message").evaluate(hidden) <= 0


async def test_who_types_where_nothing_takes_it_writes_a_message(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ben, club.general, "hello")
    ada = await visit(page_at, club)
    await ada.message(said).focus()
    await ada.page.keyboard.type("Hi")
    await expect(ada.words).to_be_focused()
    await expect(ada.words).to_have_value("Hi")
    await ada.enter("off-topic")
    await ada.page.keyboard.type("there")
    await expect(ada.words).to_have_value("there")
    await ada.account.click()
    await ada.page.keyboard.type("b")
    await expect(ada.words).to_have_value("there")


async def test_arrow_up_changes_the_last_own_message_and_escape_leaves_it(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("I bring teh oil")
    await ada.words.press("ArrowUp")
    field = ada.page.get_by_role("textbox", name="Edit your message")
    await expect(field).to_be_focused()
    await field.fill("nothing")
    await field.press("Escape")
    await expect(said.locator(".content")).to_have_text("I bring teh oil")
    await expect(ada.words).to_be_focused()
    await ada.words.press("ArrowUp")
    await field.fill("I bring the oil")
    await field.press("Enter")
    await expect(said.locator(".content")).to_have_text("I bring the oil (edited)")
    await expect(ada.words).to_be_focused()


async def test_a_file_comes_along_and_is_shown(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.page.locator("#attach-input").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Sunday"}
    )
    said = await ada.say("The plan:")
    await expect(said.get_by_role("link", name="plan.txt")).to_be_visible()
    (posted,) = club.general.messages.before(None)
    assert posted.attachments[0].content == b"Sunday"


DROP = """([type]) => {
    const data = new DataTransfer();
    data.items.add(new File(["Sunday"], "plan.txt", { type: "text/plain" }));
    const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
    document.getElementById("message-list").dispatchEvent(event);
    return event.defaultPrevented;
}"""


async def test_a_file_that_is_dropped_on_the_messages_comes_along(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    main = ada.page.locator("#main")
    assert await ada.page.evaluate(DROP, ["dragover"])
    await expect(main).to_have_class("dropping")
    assert await ada.page.evaluate(DROP, ["drop"])
    await expect(main).not_to_have_class("dropping")
    await expect(ada.page.get_by_role("list", name="Files to send")).to_contain_text("plan.txt")
    await expect(ada.words).to_be_focused()
    await ada.say("The plan:")
    (posted,) = club.general.messages.before(None)
    assert posted.attachments[0].content == b"Sunday"


async def test_where_one_may_not_write_the_page_says_why(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    club.server.places.set_overwrite(club.general, Overwrite(club.guild.id, 0, 0, SEND_MESSAGES))
    await expect(ada.words).to_be_disabled()
    await expect(ada.words).to_have_attribute(
        "placeholder", "You do not have permission to send messages in this channel."
    )
    assert await ada.page.evaluate(DROP, ["drop"])
    await expect(ada.page.locator("#attached li")).to_have_count(0)


async def test_who_is_timed_out_is_told_until_when_and_may_write_after_that(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.page.clock.install()
    member = club.guild.members[club.ada.id]
    until = club.server.world.now() + timedelta(hours=1)
    club.server.moderation.time_out(club.guild, club.mira, member, until, None)
    await expect(ada.words).to_have_attribute("placeholder", re.compile("You are timed out until"))
    await expect(ada.words).to_be_disabled()
    await expect(ada.page.locator("#members")).to_contain_text("timed out")
    await ada.page.clock.fast_forward("01:00:01")
    await expect(ada.words).to_be_enabled()
    await expect(ada.page.locator("#members")).not_to_contain_text("timed out")


async def test_what_the_server_refuses_is_said_and_the_words_stay(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, allow=[r"status of 403 .*/messages$"])
    club.server.fail("POST", "/channels/{channel_id}/messages", 403, body={"message": "Not now", "code": 50013})
    await ada.words.fill("Hello?")
    await ada.words.press("Enter")
    await expect(ada.note).to_have_text("Not now")
    await expect(ada.words).to_have_value("Hello?")


async def test_names_that_are_written_become_mentions_and_are_names_again_for_who_edits(
    page_at: PageAt, club: Club
) -> None:
    ada = await visit(page_at, club)
    await ada.words.fill("@Mira, ask @moderators in #off-topic, not ben@mira or @Miranda")
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("not ben@mira")
    role = next(one for one in club.guild.roles.values() if one.name == "Moderators")
    (posted,) = club.general.messages.before(None)
    mentions = f"<@{club.mira.id}>, ask <@&{role.id}> in <#{club.second.id}>"
    assert posted.content == f"{mentions}, not ben@mira or @Miranda"
    await ada.words.press("ArrowUp")
    field = ada.page.get_by_role("textbox", name="Edit your message")
    await expect(field).to_have_value("@Mira, ask @Moderators in #off-topic, not ben@mira or @Miranda")
    await field.fill("@Mira?")
    await field.press("Enter")
    await expect(ada.messages.last.locator(".content")).to_have_text("@Mira? (edited)")
    assert posted.content == f"<@{club.mira.id}>?"


async def test_what_one_began_to_write_is_kept_for_the_place_and_not_for_somebody_else(
    page_at: PageAt, club: Club
) -> None:
    first = club.server.post(club.ben, club.general, "Shall we meet?")
    ada = await visit(page_at, club)
    await ada.message(first).hover()
    await ada.message(first).get_by_role("button", name="Reply").click()
    await ada.page.locator("#attach-input").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Sunday"}
    )
    await ada.words.fill("I was going to")
    await ada.enter("off-topic")
    await expect(ada.words).to_have_value("")
    await expect(ada.page.locator("#reply-bar")).to_be_hidden()
    await expect(ada.page.get_by_text("plan.txt")).to_have_count(0)
    await ada.enter("general")
    await expect(ada.words).to_have_value("I was going to")
    await expect(ada.page.locator("#reply-bar")).to_have_text("Replying to Ben")
    await expect(ada.page.get_by_text("plan.txt")).to_be_visible()
    await ada.become("Ben")
    await expect(ada.words).to_have_value("")
