"""*Policy* on the console in a real browser: typing, publishing, comparing, sliding, with the keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.domain.records import ReviewKind
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.stage import Scene
from tests.web.graded import Graded, grading

pytestmark = [*BROWSER, pytest.mark.model]

LAW = "# The house\n\n1. No spam. [delete]\n2. No cats. [flag]\n"
DRAFT = LAW.replace("2. No cats. [flag]", "2. No dogs. [flag]")
HOSTILE = '3. No <img src=x onerror="alert(1)"><script>alert(2)</script>. [flag]\n'
PAGES = (
    "policy",
    "policy/edit",
    "policy/versions",
    "policy/card",
    "policy/try",
    "policy/backtest",
    "policy/thresholds",
)


@pytest.fixture
def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Graded:
    return grading(scene, monkeypatch)


@pytest_asyncio.fixture(loop_scope="session")
async def console(scene: Scene, judge: Graded) -> AsyncIterator[str]:
    """The server's address on the console of the running bot, with a policy, a draft, messages and answers."""
    await scene.publish(LAW)
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(), mode=Mode.SHADOW)
    for text in ("cats 0.9 <b>bold</b>", "dogs 0.8", "cats 0.6", "hello"):
        await scene.settled(scene.post(text))
    for case in await scene.store.cases.list(scene.guild.id):
        kind = ReviewKind.CONFIRM if "0.9" in case.submission.text else ReviewKind.OVERTURN
        await scene.store.reviews.answer(scene.guild.id, case.number, kind, scene.moderator.id)
    yield f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/"


async def typed(page: Page, source: str) -> None:
    """Take the place of the text as somebody would who types."""
    await page.get_by_label("The policy of the server").fill(source)


async def test_the_linter_speaks_as_one_types_and_leads_to_the_line(page_at: PageAt, console: str) -> None:
    page = await page_at(f"{console}policy/edit", scheme="light")
    await typed(page, LAW)
    text = page.get_by_label("The policy of the server")
    await text.press("ControlOrMeta+End")
    await text.press_sequentially("3. Be nice.")
    finding = page.locator("#checked li.warning", has_text="unclear at “Be nice”")
    await expect(finding).to_be_visible()
    await expect(page.locator("#counts")).to_contain_text("3 of 20 rules")
    await expect(page.locator(".mirror > div").nth(4)).to_have_class("warning")
    await expect(page.locator(".diff tr.added")).to_contain_text(["3. Be nice."])
    await shot(page, "console-policy-edit")
    await text.press("ControlOrMeta+Home")
    await finding.get_by_role("button", name="line 5").press("Enter")
    await expect(text).to_be_focused()
    chosen = "(e) => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert await text.evaluate(chosen) == "3. Be nice."
    await typed(page, "")
    await expect(page.locator("#checked")).to_contain_text("The policy is empty")


async def test_publishing_makes_the_next_message_be_judged_by_the_new_text(
    page_at: PageAt, console: str, scene: Scene
) -> None:
    page = await page_at(f"{console}policy/edit")
    await typed(page, DRAFT)
    await page.get_by_label("Why, for the history").fill("Dogs now")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#outcome")).to_contain_text("Version 3 is live. It counts from the next message on.")
    await expect(page.locator("#checked")).to_contain_text("No line differs from the live version.")
    judgement = await scene.settled(scene.post("dogs 0.9"))
    assert judgement.verdict is not None
    assert (judgement.verdict.rule, judgement.policy_number) == ("2", 3)


async def test_what_was_typed_outlives_another_who_changes_the_draft_and_a_page_that_is_left(
    page_at: PageAt, console: str, scene: Scene
) -> None:
    page = await page_at(f"{console}policy/edit")
    await typed(page, DRAFT)
    await scene.store.policies.save_draft(scene.guild.id, LAW + "9. No birds. [flag]\n", scene.moderator.id)
    await page.keyboard.press("ControlOrMeta+s")
    await expect(page.locator("#outcome")).to_contain_text("a-moderator changed the draft meanwhile")
    await expect(page.get_by_label("The draft of a-moderator")).to_have_value(LAW + "9. No birds. [flag]\n")
    await expect(page.get_by_label("The policy of the server")).to_have_value(DRAFT)
    await shot(page, "console-policy-conflict", full=True)
    assert not await serious(page)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(page.get_by_label("The policy of the server")).to_have_value(LAW + "9. No birds. [flag]\n")
    await page.get_by_role("button", name="Bring it back").click()
    await expect(page.get_by_label("The policy of the server")).to_have_value(DRAFT)
    await page.get_by_role("button", name="Keep draft").click()
    await expect(page.locator("#outcome")).to_contain_text("The draft is kept")
    await page.reload()
    await expect(page.get_by_role("button", name="Bring it back")).to_be_hidden()
    await expect(page.get_by_label("The policy of the server")).to_have_value(DRAFT)


async def test_with_the_keyboard_alone_a_policy_is_kept_compared_and_restored(
    page_at: PageAt, console: str, scene: Scene
) -> None:
    page = await page_at(f"{console}policy")
    await page.get_by_role("link", name="Edit").first.focus()
    await page.keyboard.press("Enter")
    text = page.get_by_label("The policy of the server")
    while not await text.evaluate("(e) => e === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("ControlOrMeta+End")
    await page.keyboard.type("3. No birds in here. [flag]\n")
    await page.keyboard.press("ControlOrMeta+s")
    await expect(page.locator("#outcome")).to_contain_text("The draft is kept")
    await page.goto(f"{console}policy/versions")
    await expect(page.locator("#compared")).to_contain_text("From version 2 to the draft")
    await page.get_by_label("After", exact=True).focus()
    await page.keyboard.press("ArrowDown")
    await page.get_by_label("Before", exact=True).focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#compared")).to_contain_text("From version 1 to version 2")
    await expect(page.locator("#compared .diff tr.removed .sign").first).to_contain_text("−")
    await page.locator("summary", has_text="Restore").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("back")
    await page.keyboard.press("Enter")
    await expect(page.locator(".history")).to_contain_text("Version 3 is live and has the text of version 1.")


async def test_moving_a_slider_shows_at_once_what_would_change_and_saving_keeps_it(
    page_at: PageAt, console: str, scene: Scene
) -> None:
    page = await page_at(f"{console}policy/thresholds", scheme="light", height=1100)
    acts = page.get_by_role("slider", name="acts from").first
    await expect(page.locator('[data-count="then act"]')).to_have_text("1")
    for _ in range(30):
        await acts.press("ArrowLeft")
    await expect(page.locator('[data-count="then act"]')).to_have_text("2 +1")
    await expect(page.locator(".moved li")).to_contain_text(["cats 0.6"])
    await expect(page.get_by_role("spinbutton").first).to_have_value("55")
    await expect(page.locator("output").first).to_have_text("55 %")
    await shot(page, "console-policy-thresholds", full=True)
    await page.get_by_role("slider", name="a human looks from").first.press("End")
    await expect(page.get_by_role("spinbutton").first).to_have_value("100")
    await page.get_by_role("spinbutton").first.fill("70")
    await expect(page.get_by_role("spinbutton").nth(1)).to_have_value("70")
    await page.get_by_role("group", name="2 No cats.").get_by_label("its own thresholds").check()
    await page.get_by_role("spinbutton", name="acts from, No cats.").fill("95")
    await page.get_by_role("spinbutton", name="a human looks from, No cats.").fill("92.5")
    await expect(page.locator('[data-count="then allow"]')).to_have_text("4 +2")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#saved")).to_contain_text("Saved: it counts from the next message on.")
    settings = await scene.store.guilds.get(scene.guild.id)
    assert settings.thresholds == ThresholdTable(Thresholds(0.7, 0.7), {"2": Thresholds(0.95, 0.925)})


async def test_a_backtest_moves_and_ends_in_a_chart_that_is_told_in_words_too(
    page_at: PageAt, console: str, scene: Scene
) -> None:
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, scene.moderator.id)
    page = await page_at(f"{console}policy/backtest", scheme="light")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#run")).to_contain_text("4 stored messages were judged by both.")
    chart = page.get_by_role("img", name=re.compile("Precision and recall over the threshold.*the draft: from 85%"))
    await expect(chart).to_be_visible()
    await expect(page.locator(".changed tbody tr")).to_have_count(3)
    await page.locator("summary", has_text="The chart in numbers").press("Enter")
    await expect(page.get_by_role("columnheader", name="precision, the draft")).to_be_visible()
    await shot(page, "console-policy-backtest", full=True)


async def test_a_text_is_tried_and_the_card_is_read(page_at: PageAt, console: str, scene: Scene) -> None:
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, scene.moderator.id)
    page = await page_at(f"{console}policy/try")
    await page.get_by_label("What a member might write").fill("сats 0.9 <i>here</i>")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.locator(".tried.act")).to_contain_text("Live: version 2")
    await expect(page.locator(".tried.allow")).to_contain_text("The draft")
    await expect(page.locator("#tried")).to_contain_text("cats 0.9 <i>here</i>")
    await shot(page, "console-policy-try", full=True)
    assert not await serious(page)
    await page.get_by_role("link", name="Card").click()
    await expect(page.locator(".card-rules li")).to_have_count(2)


async def test_what_people_wrote_is_shown_and_does_nothing(page_at: PageAt, console: str, scene: Scene) -> None:
    await scene.publish(LAW + HOSTILE)
    await scene.settled(scene.post("cats 0.7 <img src=x onerror=alert(3)>"))
    page = await page_at(f"{console}policy")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for path in PAGES:
        await page.goto(console + path)
        assert await page.locator("main img, main script").count() == 0
    await page.goto(f"{console}policy/edit")
    await typed(page, LAW + HOSTILE * 2)
    await expect(page.locator("#checked li.error")).to_contain_text("Two rules are numbered 3")
    assert dialogs == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_is_usable_wide_and_on_a_phone_light_and_dark(
    page_at: PageAt, console: str, scene: Scene, width: int, scheme: str
) -> None:
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, scene.moderator.id)
    page = await page_at(f"{console}policy", width=width, scheme=scheme)
    for path in PAGES:
        await page.goto(console + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".working.shown")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert not await serious(page), path
