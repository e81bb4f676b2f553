"""*Audit* of the console in a real browser: who changed what, narrowed and paged, and a chain that holds or does not.

The judge has no model: nothing here depends on a verdict.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.reaching import fits, tab_to
from tests.browser.seeing import serious, shot
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import POLICY, Scene

pytestmark = BROWSER
__all__ = ["running_stage"]

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
HOLDS = re.compile("The chain holds: [1-9][0-9,]* links were followed")
A_PAGE = 50


def at(scene: Scene, path: str = "audit") -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


def entries(page: Page) -> Locator:
    """What stands in the record, newest first."""
    return page.get_by_role("region", name="Who changed what").locator("ol > li")


def verdict(page: Page) -> Locator:
    """What is said of the chain."""
    return page.get_by_role("status")


async def check(page: Page) -> None:
    await page.get_by_role("button", name="Check the chain now").click()


async def law(scene: Scene) -> None:
    """A manager changes a setting and a moderator publishes a version, by slash commands."""
    manager, moderator = await hand(scene, scene.manager), await hand(scene, scene.moderator)
    await manager.slash("access refuse", role=scene.moderator_role_id, group="stats")
    published = await moderator.press(await moderator.edit(f"{POLICY}7. No dogs. [flag]\n"))
    assert published.content == "Version 2 is live."


async def tampered(scene: Scene) -> None:
    """Somebody changes in the database who is on record with a change."""
    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, backfill_minutes=17)
    async with scene.store._engine.begin() as connection:
        changed = "UPDATE setting_changes SET author_id = 7 WHERE guild_id = :guild AND what = 'backfill_minutes'"
        await connection.execute(text(changed), {"guild": scene.guild.id})


# -- who changed what ------------------------------------------------------------------------------------


async def test_what_slash_commands_changed_is_there_with_who_did_it(page_at: PageAt, scene: Scene) -> None:
    page = await page_at(at(scene))
    before = await entries(page).count()
    await law(scene)
    await page.reload()
    await expect(entries(page)).to_have_count(before + 2)
    version, access = entries(page).nth(0), entries(page).nth(1)
    await expect(version).to_contain_text("a-moderator")
    await expect(version).to_contain_text("Version 2 published")
    await expect(access).to_contain_text("a-manager")
    await expect(access.locator("code")).to_have_text("access.@Moderators.stats")
    await expect(access.locator("ins")).to_have_text("refused")
    await expect(access.get_by_text("after:")).to_have_count(1)
    await expect(access.locator("time")).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT"))
    await version.get_by_role("link", name="Version 2 published").click()
    await expect(page.get_by_role("heading", name="Versions")).to_be_visible()


async def test_the_record_is_narrowed_by_what_and_by_whom_and_the_address_says_so(
    page_at: PageAt, scene: Scene
) -> None:
    await law(scene)
    page = await page_at(at(scene))
    everything = await entries(page).count()
    await page.get_by_label("What", exact=True).select_option("policy")
    await expect(entries(page)).to_have_count(2)
    await expect(page).to_have_url(re.compile("sort=policy"))
    await page.get_by_label("By whom").select_option(label="a-manager")
    await expect(page.get_by_text("There is no such entry.")).to_be_visible()
    await page.get_by_label("What", exact=True).select_option("setting")
    await expect(entries(page)).to_have_count(1)
    await expect(entries(page)).to_contain_text("a-manager")
    await page.reload()
    await expect(entries(page)).to_have_count(1)
    await expect(page.get_by_label("What", exact=True)).to_have_value("setting")
    await page.go_back()
    await expect(page.get_by_text("There is no such entry.")).to_be_visible()
    await expect(page.get_by_label("What", exact=True)).to_have_value("policy")
    await page.get_by_label("What", exact=True).select_option("")
    await page.get_by_label("By whom").select_option("")
    await expect(entries(page)).to_have_count(everything)


async def test_older_entries_come_page_by_page_and_stay_narrowed(page_at: PageAt, scene: Scene) -> None:
    await scene.publish(f"{POLICY}7. No dogs. [flag]\n")
    for number in range(A_PAGE + 2):
        await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, backfill_minutes=100 + number)
    page = await page_at(at(scene))
    await expect(entries(page)).to_have_count(A_PAGE)
    await expect(entries(page).first).to_contain_text(f"{100 + A_PAGE + 1}")
    await page.get_by_label("By whom").select_option(label="a-manager")
    await expect(page).to_have_url(re.compile(f"by={scene.manager.id}"))
    await page.get_by_role("link", name="Older changes").click()
    await expect(entries(page)).to_have_count(2)
    await expect(entries(page).locator("ins")).to_have_text(["101", "100"])
    await expect(page.get_by_label("By whom")).to_have_value(str(scene.manager.id))
    await expect(page.get_by_role("link", name="Older changes")).to_have_count(0)
    await page.get_by_label("By whom").select_option("")
    await expect(entries(page)).to_have_count(A_PAGE)
    await page.get_by_role("link", name="Older changes").click()
    await expect(entries(page).filter(has_text="Version 2 published")).to_be_visible()


async def test_without_scripts_it_is_narrowed_and_checked_as_well(page_at: PageAt, scene: Scene) -> None:
    await law(scene)
    page = await page_at(at(scene), java_script_enabled=False)
    await page.get_by_label("What", exact=True).select_option("policy")
    await page.get_by_role("button", name="Show").click()
    await expect(entries(page)).to_have_count(2)
    await check(page)
    await expect(page.get_by_role("heading", name="The chain of records")).to_be_visible()


async def test_what_people_wrote_runs_nothing(page_at: PageAt, scene: Scene) -> None:
    member = scene.guild.members[scene.manager.id]
    scene.server.moderation.rename(scene.guild, scene.owner, member, HOSTILE[:32], None)
    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, warning_template=HOSTILE)
    draft = await scene.store.policies.save_draft(scene.guild.id, f"{POLICY}7. No dogs. [flag]\n", scene.manager.id)
    await scene.store.policies.publish(scene.guild.id, draft.digest, scene.manager.id, HOSTILE)
    page = await page_at(at(scene))
    await expect(entries(page).locator("blockquote")).to_have_text(HOSTILE)
    await expect(entries(page).locator("ins").first).to_have_text(HOSTILE)
    await expect(entries(page).first).to_contain_text(HOSTILE[:32])
    await expect(page.locator("main img, main script")).to_have_count(0)
    await page.get_by_label("By whom").select_option(label=HOSTILE[:32])
    await expect(page).to_have_url(re.compile(f"by={scene.manager.id}"))
    await expect(entries(page)).to_have_count(2)
    assert await page.title() != "run"


# -- the chain -------------------------------------------------------------------------------------------


async def test_a_chain_that_holds_is_said_to_with_the_time_of_looking(page_at: PageAt, scene: Scene) -> None:
    page = await page_at(at(scene))
    await expect(page.locator("code.wrap")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    await expect(verdict(page)).to_have_text("")
    await check(page)
    await expect(verdict(page)).to_have_text(HOLDS)
    await expect(verdict(page)).to_contain_text(re.compile(r"Checked at \d{4}-\d\d-\d\d \d\d:\d\d UTC\."))
    await page.reload()
    await expect(verdict(page)).to_have_text(HOLDS)


async def test_a_chain_that_was_tampered_with_is_broken_and_it_is_said_what_to_do(
    page_at: PageAt, scene: Scene
) -> None:
    page = await page_at(at(scene))
    await check(page)
    await expect(verdict(page)).to_have_text(HOLDS)
    await tampered(scene)
    await check(page)
    await expect(verdict(page)).to_contain_text("1 thing is wrong:")
    await expect(verdict(page).get_by_role("listitem")).to_contain_text("was changed afterwards")
    await expect(verdict(page)).to_contain_text("Keep a copy of it as it is now")
    await expect(verdict(page)).to_contain_text("lawspeaker db check")
    await expect(verdict(page)).not_to_have_text(HOLDS)


async def test_a_chain_whose_key_is_gone_is_not_called_whole(
    page_at: PageAt, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await page_at(at(scene), allow=[r"status of 409 .*audit/check", r"htmx:responseError"])
    monkeypatch.setattr(scene.store.chain_key, "existing", lambda: None)
    await check(page)
    await expect(page.get_by_role("alert")).to_contain_text(
        "The chain's key is not there: whoever runs the bot has to put it back"
    )
    await expect(verdict(page)).to_have_text("")


# -- for everybody ---------------------------------------------------------------------------------------


async def test_the_keyboard_is_enough(page_at: PageAt, scene: Scene) -> None:
    await law(scene)
    page = await page_at(at(scene))
    await tab_to(page, "main button.primary")
    await page.keyboard.press("Enter")
    await expect(verdict(page)).to_have_text(HOLDS)
    await expect(page.get_by_role("button", name="Check the chain now")).to_be_focused()
    await tab_to(page, "#sort")
    await page.keyboard.press("p")
    await expect(entries(page)).to_have_count(2)
    await expect(page.get_by_label("What", exact=True)).to_be_focused()
    await tab_to(page, "ol a")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Versions")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_it_can_be_used_by_everybody(page_at: PageAt, scene: Scene, width: int, scheme: str) -> None:
    await law(scene)
    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, warning_template="w" * 400)
    await tampered(scene)
    page = await page_at(at(scene), width=width, scheme=scheme)
    await check(page)
    await expect(verdict(page)).to_contain_text("1 thing is wrong:")
    assert await serious(page) == []
    await fits(page, width)
    await shot(page, f"console-audit-{width}-{scheme}", full=True)
