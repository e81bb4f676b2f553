"""From a case to the policy that it was judged by, and from a message that thresholds move to its case, by clicks."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.domain.decision import Mode, ThresholdTable
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.stage import Scene
from tests.web.graded import grading

pytestmark = [*BROWSER, pytest.mark.model]


async def test_a_moved_message_leads_to_its_case_and_that_to_the_version(
    page_at: PageAt, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    await scene.publish("1. No spam. [delete]\n2. No cats. [flag]\n")
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(), mode=Mode.SHADOW)
    case = await scene.case(scene.post("cats 0.9"))
    console = f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/"
    page = await page_at(f"{console}policy/thresholds")
    await page.get_by_role("spinbutton", name="acts from, Rules without thresholds of their own").fill("95")
    moved = page.locator(".moved li")
    await expect(moved).to_contain_text("cats 0.9")
    assert await serious(page) == []
    await shot(page, "console-moved", full=True)
    await moved.get_by_role("link", name=f"Case {case.number}").click()
    await expect(page.locator("#case-title")).to_contain_text(f"Case {case.number}")
    await page.get_by_role("link", name="version 2").click()
    await expect(page.get_by_role("heading", name="Version 2")).to_be_visible()
    await expect(page.get_by_text("No cats.")).to_be_visible()
