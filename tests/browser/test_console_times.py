"""Times on the console, in the reader's own zone and the page's language. The judge has no model."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from bot.domain.decision import Thresholds, ThresholdTable
from bot.web.console.times import written
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.cogs.cases.desk import opened
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene

pytestmark = BROWSER
__all__ = ["running_stage"]
INDIA = {"timezone_id": "Asia/Kolkata", "locale": "en-GB"}
AHEAD = timedelta(hours=5, minutes=30)
SAID = """
({at, now}) => import(document.querySelector('script[src*="times.js"]').src)
  .then((times) => times.said(new Date(at), new Date(now)))
"""


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def in_india(page: Page, moment: datetime, selector: str) -> None:
    """The first time there stands in the reader's zone, with UTC in its title."""
    time = page.locator(selector).first
    await expect(time).to_have_attribute("title", written(moment))
    await expect(time).to_contain_text(f"{moment + AHEAD:%H:%M}")
    await expect(time).not_to_contain_text("UTC")


async def test_times_are_the_readers_own_with_utc_in_the_title(page_at: PageAt, scene: Scene) -> None:
    case = await opened(scene)
    page = await page_at(at(scene, "cases"), **INDIA)
    await in_india(page, case.created_at, ".cases .when time")
    await page.goto(at(scene, "audit"))
    await expect(page.locator(".timeline time").first).to_have_attribute("title", re.compile(r"UTC$"))
    await page.goto(at(scene, f"cases/{case.number}"))
    await in_india(page, case.submission.posted_at, ".main .by time")
    for scheme, width in (("light", 1280), ("dark", 390)):
        page = await page_at(at(scene, "cases"), width=width, scheme=scheme, **INDIA)
        await in_india(page, case.created_at, ".cases .when time")
        assert await serious(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await shot(page, f"console-times-{scheme}-{width}")


async def test_what_htmx_brings_is_written_so_too(page_at: PageAt, scene: Scene) -> None:
    one, other = await opened(scene), await opened(scene, "3")
    page = await page_at(at(scene, "cases"), **INDIA)
    await page.get_by_label("Rule").select_option("2")
    await expect(page.locator(".cases .number")).to_have_text([str(one.number)])
    await in_india(page, one.created_at, ".cases .when time")
    await page.get_by_label("Rule").select_option("3")
    await expect(page.locator(".cases .number")).to_have_text([str(other.number)])
    await page.go_back()
    await expect(page.locator(".cases .number")).to_have_text([str(one.number)])
    await in_india(page, one.created_at, ".cases .when time")


async def test_a_sentence_says_the_readers_time_as_well(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post("maybe"))
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(0.85, 0.4)))
    page = await page_at(at(scene, "review"), **INDIA)
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#case-title")).to_contain_text(f"Case {case.number}")
    held = page.locator(".state .badge time")
    await expect(held).to_have_attribute("title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d UTC$"))
    await expect(held).not_to_contain_text("UTC")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.locator("#case-title")).to_contain_text("Nothing waits")


async def test_without_scripts_times_say_utc(page_at: PageAt, scene: Scene) -> None:
    case = await opened(scene)
    page = await page_at(at(scene, "cases"), java_script_enabled=False, **INDIA)
    await expect(page.locator(".cases .when time")).to_have_text(written(case.created_at))


async def test_a_time_is_said_as_the_reader_says_it(page_at: PageAt, scene: Scene) -> None:
    """Of today only the time of day, where the reader's day is meant; else with the day, in the page's language."""
    moment = datetime(2026, 1, 2, 20, 4, tzinfo=UTC).isoformat()
    for locale, now, said in (
        ("en-GB", "2026-01-02T19:00Z", "01:34"),
        ("en-GB", "2026-01-02T18:00Z", "3 Jan 2026, 01:34"),
        ("en-US", "2026-02-02T18:00Z", "Jan 3, 2026, 1:34 AM"),
        ("de-DE", "2026-02-02T18:00Z", "03.01.2026, 01:34"),
        ("ja-JP", "2026-02-02T18:00Z", "Jan 3, 2026, 1:34 AM"),
    ):
        page = await page_at(at(scene, "cases"), timezone_id="Asia/Kolkata", locale=locale)
        shown = await page.evaluate(SAID, {"at": moment, "now": now})
        assert shown.replace("\u202f", " ") == said, locale
