"""A case on the console in a real browser: all that is told of it, how it is found, and the buttons of Discord."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.records import CaseRecord
from bot.language import LANGUAGES, speaking, tr
from bot.sandbox.answer import walk
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.cogs.cases.desk import opened, post_of, press, read
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene

pytestmark = BROWSER
__all__ = ["running_stage"]
BUTTON, SELECT = 2, 3


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def doubtful(scene: Scene, words: str) -> CaseRecord:
    """A case that waits for a human."""
    await scene.break_rule("2", ASK)
    return await scene.case(scene.post(words))


async def explained(scene: Scene, case: CaseRecord, reason: str, quote: str) -> None:
    await scene.store.cases.explained(scene.guild.id, case.number, reason, quote)


async def numbers(page: Page, *cases: CaseRecord) -> None:
    """The list holds these cases and no others."""
    await expect(page.locator(".cases .number")).to_have_text([str(case.number) for case in cases])


async def test_a_case_shows_all_that_led_to_it_and_came_of_it(page_at: PageAt, scene: Scene) -> None:
    scene.post("has anybody a hammer?", author=scene.moderator)
    case = await opened(scene, text="come to my shop today")
    await explained(scene, case, "It advertises a shop.", "come to my shop")
    await press(await hand(scene, scene.moderator), case, "Confirm")
    await scene.store.reviews.add_note(scene.guild.id, case.number, scene.manager.id, "known for this")
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(0.85, 0.4)))
    page = await page_at(at(scene, f"cases/{case.number}"))
    message = page.get_by_role("region", name="Message")
    await expect(message).to_contain_text("come to my shop today")
    await expect(message).to_contain_text("a-member")
    await expect(message.locator("mark").first).to_have_text("come to my shop")
    await expect(message.get_by_role("group")).to_contain_text("has anybody a hammer?")
    verdict = page.get_by_role("region", name="Verdict")
    await expect(verdict).to_contain_text("It advertises a shop.")
    await expect(verdict).to_contain_text("No advertising.")
    await expect(verdict).to_contain_text(re.compile("Policy: .*1"))
    bar = re.compile("50%; a human is asked from 40% on, the bot acts from 85% on")
    await expect(verdict.get_by_role("img", name=bar)).to_have_count(6)
    done = page.get_by_role("region", name="What was done")
    await expect(done).to_contain_text("a-moderator")
    await expect(done.get_by_role("listitem").first).not_to_have_text("Nothing.")
    notes = page.get_by_role("region", name="Notes")
    await expect(notes).to_contain_text("known for this")
    await expect(notes).to_contain_text("a-manager")


async def test_it_is_found_by_words_of_the_message_of_the_reason_and_of_a_note(page_at: PageAt, scene: Scene) -> None:
    by_message, by_reason, by_note = [await doubtful(scene, words) for words in ("bananas", "apples", "pears")]
    await explained(scene, by_message, "It sells.", "bananas")
    await explained(scene, by_reason, "It sells counterfeit watches.", "apples")
    await explained(scene, by_note, "It sells.", "pears")
    await scene.store.reviews.add_note(scene.guild.id, by_note.number, scene.moderator.id, "asked their landlady")
    page = await page_at(at(scene, "cases"))
    await numbers(page, by_note, by_reason, by_message)
    field = page.get_by_label("Search in messages, reasons and notes")
    for words, case in (("bananas", by_message), ("Counterfeit", by_reason), ("landlady", by_note)):
        await field.fill(words)
        await numbers(page, case)
    await field.fill("nobody said this")
    await expect(page.get_by_text("There are no such cases.")).to_be_visible()


async def test_it_is_found_by_channel_member_moderator_and_day(page_at: PageAt, scene: Scene) -> None:
    first = await opened(scene)
    await press(await hand(scene, scene.moderator), first, "Confirm")
    other = scene.server.world.add_user("another-member")
    scene.server.world.join(scene.guild, other)
    second = await scene.case(scene.post("another shop", author=other))
    page = await page_at(at(scene, "cases"))
    await numbers(page, second, first)
    for label, value in (("Member", scene.member.id), ("Moderator", scene.moderator.id)):
        await page.get_by_label(label, exact=True).fill(str(value))
        await page.get_by_role("button", name="Show").click()
        await numbers(page, first)
        await page.get_by_label(label, exact=True).fill("")
        await page.get_by_role("button", name="Show").click()
        await numbers(page, second, first)
    await page.get_by_label("Channel").select_option(str(scene.general.id))
    await expect(page).to_have_url(re.compile(f"channel={scene.general.id}"))
    await numbers(page, second, first)
    await page.get_by_label("From").fill("2999-01-01")
    await expect(page.get_by_text("There are no such cases.")).to_be_visible()


async def test_its_buttons_are_those_that_it_has_in_discord(page_at: PageAt, scene: Scene) -> None:
    case = await read(scene, await doubtful(scene, "come to my shop"))
    parts = list(walk(post_of(scene, case).components))
    buttons = {one["label"] for one in parts if one["type"] == BUTTON and "custom_id" in one} - {"More"}
    (actions,) = [[option["label"] for option in one["options"]] for one in parts if one["type"] == SELECT]
    assert buttons >= {"Confirm", "Overturn"}
    page = await page_at(at(scene, f"cases/{case.number}"))
    answers = page.get_by_role("region", name="Your answer")
    for label in buttons:
        await expect(answers.get_by_role("button", name=label, exact=True)).to_be_visible()
    offered = await answers.get_by_label("Another action").locator("option").all_text_contents()
    assert offered[1:] == actions


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
async def test_the_console_speaks_the_browsers_language(page_at: PageAt, scene: Scene, language: str) -> None:
    with speaking(language):
        sections = [tr(name) for name in ("Now", "Cases", "Review", "Policy", "Audit")]
    assert sections != ["Now", "Cases", "Review", "Policy", "Audit"]
    page = await page_at(at(scene, "now"), locale=language)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.locator(".top nav li")).to_have_text(sections)
    async with page.expect_response("**/now/live") as response:
        pass
    with speaking(language):
        assert tr("Waiting to be judged") in await (await response.value).text()
