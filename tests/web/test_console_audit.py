"""*Audit*: who changed what, in order and page by page, and the chain followed on demand."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from gettext import NullTranslations

import aiohttp
import pytest
from sqlalchemy import text

from bot.domain.lawbook import How, PlaceKind
from bot.store.audit import Before, Wanted
from tests.stage import POLICY, SECONDS, Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


def address(scene: Scene, path: str = "audit") -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def page(scene: Scene, browser: aiohttp.ClientSession, path: str = "audit") -> str:
    async with browser.get(address(scene, path)) as response:
        assert response.status == 200
        return await response.text()


async def check(scene: Scene, browser: aiohttp.ClientSession) -> str:
    """Have the chain checked, and wait for what is told."""
    token = re.search(r'name="csrf" value="([^"]+)"', await page(scene, browser))
    assert token is not None
    headers = {"X-CSRF-Token": token[1], "HX-Request": "true"}
    async with browser.post(address(scene, "audit/check"), headers=headers) as response:
        shown = await response.text()
    async with asyncio.timeout(SECONDS):
        while "hx-get" in shown:
            shown = await page(scene, browser, "audit/check")
    return shown


async def test_settings_and_versions_stand_in_one_list_with_who_and_from_what_to_what(
    scene: Scene, browser: aiohttp.ClientSession
) -> None:
    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, warning_template="Be <b>kind</b>, {member}.")
    shown = await page(scene, browser)
    newest, *_ = re.findall(r"<li>.*?</li>", shown.partition("timeline")[2], re.S)
    assert "a-manager" in newest
    assert "<code>warning_template</code>" in newest
    assert "Be &lt;b&gt;kind&lt;/b&gt;, {member}." in newest
    assert "Version 1 published" in shown
    assert "<code>watched.#general</code>" in shown


async def test_pages_leave_nothing_out_and_repeat_nothing(scene: Scene) -> None:
    for number in range(7):
        await scene.store.guilds.update(scene.guild.id, backfill_minutes=10 + number, keep_case_days=10 + number)
        await scene.publish(f"{POLICY}7. Rule {number}. [flag]\n")
    audit, before, found = scene.store.audit, Before(), []
    for _ in range(100):
        read = await audit.recorded(scene.guild.id, Wanted(), before, 4)
        found += read.entries
        if read.before is None:
            break
        before = read.before
    assert found == list((await audit.recorded(scene.guild.id, Wanted(), Before(), 1_000)).entries)
    assert len(found) == len(set(map(repr, found)))


@pytest.mark.parametrize("before", ["x", ".", "1.x", "-1.-1", "9" * 40, "%00", "1.2.3"])
async def test_an_address_that_says_nothing_of_a_page_shows_one_all_the_same(
    scene: Scene, browser: aiohttp.ClientSession, before: str
) -> None:
    assert "Who changed what" in await page(scene, browser, f"audit?before={before}")


@pytest.mark.parametrize("asked", ["sort=x", "by=x", "by=-1", "by=" + "9" * 40, "sort=setting&sort=policy&by="])
async def test_an_address_that_narrows_by_nothing_there_is_shows_the_record_all_the_same(
    scene: Scene, browser: aiohttp.ClientSession, asked: str
) -> None:
    assert "Who changed what" in await page(scene, browser, f"audit?{asked}")


async def test_who_only_made_law_where_one_does_not_see_is_not_named(scene: Scene) -> None:
    guild_id, place, policies, audit = scene.guild.id, scene.general.id, scene.store.policies, scene.store.audit
    await policies.set_how(guild_id, place, PlaceKind.CHANNEL, How.EXTEND, scene.moderator.id)
    draft = await policies.save_draft(guild_id, "1. No birds. [flag]\n", scene.manager.id, place_id=place)
    await policies.publish(guild_id, draft.digest, scene.manager.id, place_id=place)
    by_manager = Wanted(author_id=scene.manager.id)
    assert scene.manager.id in await audit.authors(guild_id, frozenset())
    assert len((await audit.recorded(guild_id, by_manager, Before())).entries) == 1
    assert scene.manager.id not in await audit.authors(guild_id, frozenset({place}))
    hidden = replace(by_manager, hidden=frozenset({place}))
    assert (await audit.recorded(guild_id, hidden, Before())).entries == ()


async def test_a_chain_that_holds_is_said_to(scene: Scene, browser: aiohttp.ClientSession) -> None:
    assert "The chain holds" in await check(scene, browser)


async def test_what_was_changed_past_the_program_is_found(scene: Scene, browser: aiohttp.ClientSession) -> None:
    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, backfill_minutes=17)
    async with scene.store._engine.begin() as connection:
        changed = "UPDATE setting_changes SET author_id = 7 WHERE guild_id = :guild AND what = 'backfill_minutes'"
        await connection.execute(text(changed), {"guild": scene.guild.id})
    assert "1 thing is wrong" in await check(scene, browser)


async def test_a_check_needs_the_token_of_its_page(scene: Scene, browser: aiohttp.ClientSession) -> None:
    await page(scene, browser)
    async with browser.post(address(scene, "audit/check"), data={"csrf": "x"}) as response:
        assert response.status == 403
        assert "out of date" in await response.text()


async def test_what_a_check_found_is_told_in_the_language_of_who_looks(
    scene: Scene, browser: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One check is shown to all: whoever began it may speak another language than whoever looks."""

    class German(NullTranslations):
        def gettext(self, message: str) -> str:
            return f"auf Deutsch: {message}"

    await scene.store.guilds.update(scene.guild.id, by=scene.manager.id, backfill_minutes=17)
    async with scene.store._engine.begin() as connection:
        changed = "UPDATE setting_changes SET author_id = 7 WHERE guild_id = :guild AND what = 'backfill_minutes'"
        await connection.execute(text(changed), {"guild": scene.guild.id})
    told = re.compile(r"<li>(.*?)setting \d+ of the table setting_changes \(link \d+\) was changed afterwards\.</li>")
    begun = told.search(await check(scene, browser))
    assert begun is not None
    assert begun[1] == ""
    monkeypatch.setattr("bot.language.catalogue", lambda code: German() if code == "de" else NullTranslations())
    browser.headers["Accept-Language"] = "de"
    looked_at = told.search(await page(scene, browser, "audit/check"))
    assert looked_at is not None
    assert looked_at[1] == "auf Deutsch: "
