"""Names that are suggested while one writes: who and what, how one is chosen, and what is sent of it."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from bot.sandbox.model import Message
from tests.browser.chat import Chat, Club, visit
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot

pytestmark = BROWSER


def rows(chat: Chat) -> Locator:
    """What is suggested."""
    return chat.page.get_by_role("option")


def labels(chat: Chat) -> Locator:
    """The names that are suggested."""
    return chat.page.locator("[role=option] .listbox-label")


def newest(club: Club) -> Message:
    """The message that was posted last."""
    return next(iter(club.general.messages.before(None)))


async def test_a_name_is_suggested_as_one_types_and_enter_writes_it(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("Ask @mi")
    await expect(labels(ada)).to_have_text("Mira")
    await expect(rows(ada)).to_have_attribute("aria-selected", "true")
    active = await ada.words.get_attribute("aria-activedescendant")
    assert await rows(ada).get_attribute("id") == active
    await expect(ada.announced).to_contain_text("1 suggestion")
    assert await serious(ada.page) == []
    await shot(ada.page, "naming")
    await ada.words.press("Enter")
    await expect(ada.words).to_have_value("Ask @Mira ")
    await expect(rows(ada)).to_have_count(0)
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("Ask @Mira")
    assert newest(club).content == f"Ask <@{club.mira.id}>"


async def test_arrows_move_tab_chooses_and_escape_leaves_what_was_typed(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("@")
    await expect(labels(ada)).to_have_text(["Ada", "Ben", "Helper App", "Mira", "Olga"])
    await ada.words.press("ArrowDown")
    await ada.words.press("Tab")
    await expect(ada.words).to_have_value("@Ben ")
    await expect(ada.words).to_be_focused()
    await ada.words.press_sequentially("and @o")
    await expect(labels(ada)).to_have_text("Olga")
    await ada.words.press("Escape")
    await expect(rows(ada)).to_have_count(0)
    await ada.words.press_sequentially("l")
    await expect(rows(ada)).to_have_count(0)
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("@Ben and @ol")
    assert newest(club).content == f"<@{club.ben.id}> and @ol"


async def test_who_spoke_last_comes_first(page_at: PageAt, club: Club) -> None:
    club.server.post(club.ben, club.general, "hello")
    club.server.post(club.owner, club.general, "hello")
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("@")
    await expect(labels(ada)).to_have_text(["Olga", "Ben", "Ada", "Helper App", "Mira"])


async def test_somebody_is_found_by_the_accounts_name_and_one_of_two_of_a_name_is_meant(
    page_at: PageAt, club: Club
) -> None:
    world = club.server.world
    first, second = (world.add_user(name, global_name="Zoë") for name in ("quill", "feather"))
    for user in (first, second):
        world.join(club.guild, user)
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("@zoe")
    await expect(labels(ada)).to_have_text(["Zoë", "Zoë"])
    await rows(ada).filter(has_text="feather").click()
    await ada.words.press_sequentially("and @qui")
    await ada.words.press("Enter")
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("@Zoë and @Zoë")
    assert newest(club).content == f"<@{second.id}> and <@{first.id}>"


async def test_roles_are_suggested_to_who_may_call_them_and_channels_to_who_sees_them(
    page_at: PageAt, club: Club
) -> None:
    readers = club.server.world.add_role(club.guild, "Readers")
    readers.mentionable = True
    ada = await visit(page_at, club)
    await ada.words.press_sequentially("@re")
    await expect(ada.page.get_by_role("group", name="Roles").get_by_role("option")).to_contain_text("Readers")
    await ada.words.fill("@mod")
    await expect(rows(ada)).to_have_count(0)
    await ada.words.fill("@everyo")
    await expect(rows(ada)).to_have_count(0)
    await ada.words.fill("#")
    await expect(labels(ada)).to_have_text(["general", "off-topic"])
    await ada.words.fill("")
    await ada.become("Mira")
    await ada.words.press_sequentially("#st")
    await expect(labels(ada)).to_have_text("staff-room")
    await ada.words.press("Enter")
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("#staff-room")
    assert newest(club).content == f"<#{club.staff.id}>"


@pytest.mark.parametrize("text", ["ben@m", "`@m", "```\n@m", "/why @m", "@ m", "<@1", "## "])
async def test_nothing_is_suggested_where_no_name_is_meant(page_at: PageAt, club: Club, text: str) -> None:
    ada = await visit(page_at, club)
    await ada.words.fill("@m")
    await expect(labels(ada)).to_have_text("Mira")
    await ada.words.fill(text)
    await expect(ada.page.get_by_role("listbox", name="Names")).to_have_count(0)
    await expect(ada.page.get_by_role("listbox", name="Channels")).to_have_count(0)


async def test_what_stands_in_code_is_sent_as_it_is_written(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    text = "@Ben: `@Ben` and ```\n@Ben``` and ``a ` @Ben`` @Ben!"
    await ada.words.fill(text)
    await ada.words.press("Enter")
    await expect(ada.messages.last).to_contain_text("and")
    assert newest(club).content == text.replace("@Ben:", f"<@{club.ben.id}>:").replace("@Ben!", f"<@{club.ben.id}>!")


async def test_names_are_suggested_in_an_edit_and_in_direct_messages_too(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club)
    said = await ada.say("Ask somebody")
    await ada.words.press("ArrowUp")
    field = ada.page.get_by_role("textbox", name="Edit your message")
    await field.fill("Ask ")
    await field.press_sequentially("@be")
    await expect(labels(ada)).to_have_text("Ben")
    await expect(rows(ada)).to_be_in_viewport(ratio=1)
    await shot(ada.page, "naming-edit")
    await field.press("Escape")
    await expect(field).to_be_focused()
    await field.press_sequentially(" @mi")
    await field.press("Enter")
    await expect(field).to_have_value("Ask @be @Mira ")
    await field.press("Enter")
    await expect(said.locator(".content")).to_have_text("Ask @be @Mira (edited)")
    assert newest(club).content == f"Ask @be <@{club.mira.id}>"
    there = club.server.world.dm(club.ada, club.ben)
    alone = await visit(page_at, club, place=there)
    await alone.words.press_sequentially("@")
    await expect(labels(alone)).to_have_text(["Ada", "Ben"])
    await rows(alone).last.click()
    await alone.words.press("Enter")
    await expect(alone.messages.last).to_contain_text("@Ben")
    (posted,) = there.messages.before(None)
    assert posted.content == f"<@{club.ben.id}>"


async def test_the_list_is_seen_whole_where_the_first_message_in_sight_is_edited(page_at: PageAt, club: Club) -> None:
    said = club.server.post(club.ada, club.general, "the first")
    for number in range(20):
        club.server.post(club.ben, club.general, f"and {number}")
    ada = await visit(page_at, club)
    await ada.message(said).evaluate("one => one.scrollIntoView({block: 'start'})")
    await ada.message(said).focus()
    await ada.message(said).get_by_role("button", name="Edit Message").press("Enter")
    field = ada.page.get_by_role("textbox", name="Edit your message")
    await field.press_sequentially(" @")
    await expect(ada.page.get_by_role("listbox", name="Names")).to_be_in_viewport(ratio=1)
    await rows(ada).filter(has_text="Mira").click()
    await expect(field).to_have_value("the first @Mira ")


async def test_a_name_is_taken_by_a_tap_on_a_phone(page_at: PageAt, club: Club) -> None:
    ada = await visit(page_at, club, width=390, height=844, has_touch=True, is_mobile=True)
    await ada.words.tap()
    await ada.words.press_sequentially("Ask @")
    await shot(ada.page, "naming-phone")
    await rows(ada).filter(has_text="Mira").tap()
    await expect(ada.words).to_have_value("Ask @Mira ")
    await expect(ada.words).to_be_focused()
    await ada.page.get_by_role("button", name="Send").tap()
    await expect(ada.messages.last).to_contain_text("Ask @Mira")
    assert newest(club).content == f"Ask <@{club.mira.id}>"
