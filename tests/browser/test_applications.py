"""Whoever sits at the sandbox's page uses the real bot: commands, components, forms, menus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.domain.records import CaseStatus
from bot.sandbox.model import Message
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seat import COMPILING_MS, Seat, sit
from tests.browser.seeing import serious, shot
from tests.stage import POLICY, Scene, until

pytestmark = BROWSER

MILDER = "# The house\n\n## Rules\n1. No spam, please. [flag]\n"
"""It has one rule, for with each it takes the judge longer to compile it."""


async def test_a_command_says_what_it_asks_and_suggests_as_one_types(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("buy my things"))
    seat = await sit(page_at, scene, scene.moderator)
    await seat.begin("/case")
    await expect(seat.options).to_have_count(6)
    await shot(seat.page, "commands")
    await seat.begin("/case vi")
    await expect(seat.options).to_have_count(1)
    await expect(seat.palette.get_by_role("group")).to_have_accessible_name("Lawspeaker")
    assert await serious(seat.page) == []
    await seat.press("Tab")
    number = seat.field("number")
    await expect(number).to_be_focused()
    await expect(seat.palette).to_contain_text("required · whole number · 1 to 999999999")
    await expect(number).to_have_accessible_description(re.compile("The case's number"))
    await expect(seat.options).to_have_count(1)
    await expect(seat.options.first).to_contain_text(str(case.number))
    await shot(seat.page, "command-options")
    assert await serious(seat.page) == []
    await seat.press("Enter", "Enter")
    await expect(seat.answer).to_contain_text("No advertising.")
    await expect(seat.composer).to_be_focused()


async def test_what_does_not_suit_an_option_is_said_at_the_option_and_not_sent(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.moderator)
    await seat.begin("/case view")
    await seat.press("Enter")
    await seat.field("number").fill("the last one")
    await seat.send()
    await expect(seat.field("number")).to_have_attribute("aria-invalid", "true")
    await expect(seat.palette.get_by_role("alert")).to_have_text("Write a whole number.")
    assert not seat.interactions(kind=2)
    await seat.field("number").fill("")
    await seat.send()
    await expect(seat.palette.get_by_role("alert")).to_have_text("This option is required.")
    await seat.press("Escape")
    await expect(seat.composer).to_be_focused()
    await expect(seat.composer).to_have_value("")


async def test_a_channel_is_picked_from_those_that_fit(page_at: PageAt, scene: Scene) -> None:
    other = scene.server.places.create(scene.guild, {"name": "off-topic"})
    seat = await sit(page_at, scene, scene.manager)
    await seat.begin("/watch add")
    await seat.press("Enter")
    await seat.field("channel").fill("#off")
    await expect(seat.options).to_have_count(1)
    await seat.press("Enter")
    await expect(seat.field("channel")).to_have_value("off-topic")
    await seat.line.get_by_role("button", name="Add mode").click()
    await seat.options.filter(has_text="shadow").click()
    await seat.send()
    await expect(seat.answer).to_contain_text("off-topic")
    settings = await scene.store.guilds.get(scene.guild.id)
    assert settings.watched[other.id] == "shadow"


async def test_commands_that_one_may_not_use_do_not_show(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member)
    await seat.begin("/")
    await expect(seat.palette).to_contain_text("There is no command here that you may use.")
    await expect(seat.options).to_have_count(0)
    await seat.press("Escape")
    await expect(seat.palette).to_be_empty()


async def test_a_policy_edited_in_its_form_and_published_judges_the_next_message(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("1")
    first = scene.post("buy my things")
    assert (await scene.case(first)).submission.message_id == first.id
    assert scene.gone(first)
    seat = await sit(page_at, scene, scene.moderator)
    await seat.begin("/policy edit")
    await seat.press("Enter")
    await seat.send()
    form = seat.page.get_by_role("dialog", name="Edit the policy")
    text = form.get_by_label("Rules in plain language")
    await expect(text).to_be_focused()
    await expect(text).to_have_value(POLICY)
    await shot(seat.page, "form")
    assert await serious(seat.page) == []
    await text.fill(MILDER)
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await seat.answer.get_by_role("button", name="Publish").click()
    await expect(seat.answer).to_contain_text("Version 2 is live.", timeout=COMPILING_MS)
    second = scene.post("buy my things too")
    case = await scene.case(second)
    assert not scene.gone(second)
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.source == MILDER
    assert case.verdict.policy_digest == live.digest


async def test_nothing_that_was_typed_is_lost_when_a_form_cannot_be_sent(page_at: PageAt, scene: Scene) -> None:
    troubles = (r"status of 500 .*/interactions$", r"answer: 500 to POST .*/interactions$")
    seat = await sit(page_at, scene, scene.moderator, allow=troubles)
    await seat.begin("/policy edit")
    await seat.press("Enter")
    await seat.send()
    form = seat.page.get_by_role("dialog", name="Edit the policy")
    text = form.get_by_label("Rules in plain language")
    await text.fill("")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert").filter(has_text="This is required.")).to_be_visible()
    await text.fill(MILDER)
    scene.server.fail("POST", "/interactions", 500)
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert").filter(has_text="What you wrote is still here.")).to_be_visible()
    await expect(text).to_have_value(MILDER)
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await expect(seat.answer.get_by_role("button", name="Publish")).to_be_visible()


async def test_a_file_goes_along_with_a_command(page_at: PageAt, scene: Scene, tmp_path: Path) -> None:
    source = tmp_path / "policy.md"
    source.write_text(MILDER, "utf-8")
    seat = await sit(page_at, scene, scene.moderator)
    await seat.begin("/policy import")
    await seat.press("Enter")
    await seat.field("file").set_input_files(source)
    await seat.send()
    await expect(seat.answer.get_by_role("button", name="Publish")).to_be_visible()


async def test_a_case_is_confirmed_in_the_mod_log(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("buy my things"))
    seat = await sit(page_at, scene, scene.moderator, scene.log)
    post = seat.messages.filter(has=seat.page.get_by_role("button", name="Confirm"))
    await post.get_by_role("button", name="Confirm").click()

    async def confirmed() -> bool:
        found = await scene.store.cases.get(scene.guild.id, case.number)
        return found is not None and found.status is CaseStatus.CONFIRMED

    await until(confirmed)
    await expect(seat.page.get_by_role("button", name="Confirm")).to_have_count(0)


async def test_another_action_is_picked_in_a_select(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2")
    message = scene.post("buy my things")
    await scene.case(message)
    seat = await sit(page_at, scene, scene.moderator, scene.log)
    await seat.page.get_by_role("combobox", name="Another action").click()
    await seat.page.get_by_role("option", name="Delete the message").click()

    async def deleted() -> bool:
        return scene.gone(message)

    await until(deleted)


async def test_a_member_who_presses_a_moderators_button_is_refused(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("buy my things"))
    seat = await sit(page_at, scene, scene.member, scene.log)
    await seat.page.get_by_role("button", name="Confirm").click()
    await expect(seat.answer).to_contain_text("Only you can see this")
    found = await scene.store.cases.get(scene.guild.id, case.number)
    assert found is not None
    assert found.status is CaseStatus.OPEN


async def test_the_law_is_changed_without_a_mouse(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.moderator)
    await seat.press("Tab")
    await expect(seat.page.get_by_role("link", name="Skip to writing a message")).to_be_focused()
    await seat.press("Enter")
    await expect(seat.composer).to_be_focused()
    await seat.page.keyboard.type("/policy edi")
    await expect(seat.options.first).to_contain_text("/policy edit")
    await seat.press("Tab")
    await expect(seat.line.get_by_role("button", name="Send")).to_be_focused()
    await seat.press("Enter")
    await expect(seat.dialog.get_by_label("Rules in plain language")).to_be_focused()
    await seat.press("ControlOrMeta+A")
    await seat.page.keyboard.insert_text(MILDER)
    await seat.press("Control+Enter")
    publish = seat.answer.get_by_role("button", name="Publish")
    await expect(publish).to_be_visible()
    await expect(seat.composer).to_be_focused()
    for _ in range(10):
        await seat.press("Shift+Tab")
        if await publish.evaluate("node => node === document.activeElement"):
            break
    await expect(publish).to_be_focused()
    await seat.press("Enter")
    await expect(seat.answer).to_contain_text("Version 2 is live.", timeout=COMPILING_MS)


async def test_escape_closes_a_form_and_nothing_is_sent(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.moderator)
    await seat.begin("/policy edit")
    await seat.press("Enter", "Enter")
    await expect(seat.dialog).to_be_visible()
    await seat.press("Escape")
    await expect(seat.dialog).to_have_count(0)
    await expect(seat.composer).to_be_focused()
    assert not seat.interactions(kind=5)


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_all_of_it_fits_a_phone(page_at: PageAt, scene: Scene, scheme: str) -> None:
    await scene.break_rule("2")
    await scene.case(scene.post("buy my things"))
    seat = await sit(page_at, scene, scene.moderator, width=390, height=780, scheme=scheme)

    async def fits(name: str) -> None:
        assert await seat.page.evaluate("document.documentElement.scrollWidth") == 390
        assert await serious(seat.page) == []
        await shot(seat.page, f"phone-{name}-{scheme}")

    await seat.begin("/case vi")
    await fits("commands")
    await seat.press("Enter")
    await expect(seat.options).to_have_count(1)
    await fits("command-options")
    await seat.press("Escape")
    await seat.begin("/policy edit")
    await seat.press("Enter", "Enter")
    await expect(seat.dialog).to_be_visible()
    await fits("form")
    await seat.press("Escape")
    await seat.open_menu(await posted(seat, scene))
    await fits("menu")


async def posted(seat: Seat, scene: Scene) -> Message:
    """A message that shows for who sits there."""
    message = scene.post("good morning")
    await expect(seat.message(message)).to_be_visible()
    return message


async def test_an_answer_is_shown_to_who_reads_further_up(page_at: PageAt, scene: Scene) -> None:
    first = scene.post("the first")
    for number in range(30):
        scene.post(f"message {number}", author=scene.moderator)
    seat = await sit(page_at, scene, scene.moderator)
    await seat.message(first).scroll_into_view_if_needed()
    await expect(seat.page.get_by_role("button", name="Jump to the newest")).to_be_visible()
    await seat.begin("/queue")
    await seat.press("Enter", "Enter")
    await expect(seat.answer).to_contain_text("Only you can see this")
    await expect(seat.answer).to_be_in_viewport()
