"""The console: who reaches it, what each answer says to the browser, and what becomes of what goes wrong."""

from __future__ import annotations

import re

import aiohttp
import pytest

from tests.stage import Scene

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]
PAGES = ("/console/", "/console/static/console.css", "/console/nowhere", "/console/servers/1/now")


def base(scene: Scene) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}"


async def test_the_first_page_leads_to_the_servers_and_each_shows_how_the_bot_stands(
    scene: Scene, browser: aiohttp.ClientSession
) -> None:
    async with browser.get(f"{base(scene)}/") as response:
        assert (response.status, response.url.path) == (200, "/console/")
        assert f"/console/servers/{scene.guild.id}/" in await response.text()
    async with browser.get(f"{base(scene)}/console/servers/{scene.guild.id}/") as response:
        shown = await response.text()
    assert "A server" in shown
    assert '<dd class="name">tiny</dd>' in shown


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_lets_the_browser_load_nothing_from_elsewhere_and_run_no_script_of_the_page(
    scene: Scene, browser: aiohttp.ClientSession, path: str
) -> None:
    async with browser.get(base(scene) + path) as response:
        policy = response.headers["Content-Security-Policy"]
        shown = await response.text()
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert re.search(r"<script(?! src=)|\son[a-z]+=|\sstyle=|https?://", shown) is None


@pytest.mark.parametrize("path", [path for path in PAGES if "static" not in path])
async def test_no_browser_keeps_what_a_page_shows(scene: Scene, browser: aiohttp.ClientSession, path: str) -> None:
    async with browser.get(base(scene) + path) as response:
        assert response.headers["Cache-Control"] == "no-store"


async def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites_forms(
    scene: Scene, browser: aiohttp.ClientSession
) -> None:
    async with browser.get(f"{base(scene)}/console/") as response:
        cookie = response.cookies["lawspeaker_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80@127.0.0.1", ""])
async def test_a_page_of_another_name_that_leads_here_gets_nothing(
    scene: Scene, browser: aiohttp.ClientSession, host: str
) -> None:
    async with browser.get(f"{base(scene)}/console/", headers={"Host": host}) as response:
        assert response.status in {400, 421}
        assert not response.cookies
        assert "A server" not in await response.text()


@pytest.mark.parametrize("guild_id", ["1", "0", "x", "9" * 40, "-1", "%00"])
async def test_a_server_that_the_bot_is_not_on_is_one_sentence(
    scene: Scene, browser: aiohttp.ClientSession, guild_id: str
) -> None:
    async with browser.get(f"{base(scene)}/console/servers/{guild_id}/now") as response:
        assert response.status == 404
        assert "There is no such" in await response.text()


async def test_the_console_speaks_the_browsers_language(scene: Scene, browser: aiohttp.ClientSession) -> None:
    for accepted, language in (("de-AT,de;q=0.9", "de"), ("tlh, fr;q=0.5", "fr"), ("", "en"), ("x" * 5_000, "en")):
        async with browser.get(f"{base(scene)}/console/", headers={"Accept-Language": accepted}) as response:
            assert f'<html lang="{language}">' in await response.text()


@pytest.mark.parametrize(
    "path", ["cases/{n}", "policy/versions/{n}", "audit?before={n}.{n}", "review?after={n}&done=x"]
)
async def test_a_number_of_thousands_of_digits_is_no_fault(
    scene: Scene, browser: aiohttp.ClientSession, path: str
) -> None:
    server = f"{base(scene)}/console/servers/{scene.guild.id}/"
    for digits in ("0" * 2_000 + "1", "0" * 4_500 + "1"):
        if path.count("{n}") == 1 or len(digits) < 3_000:
            async with browser.get(server + path.format(n=digits)) as response:
                assert response.status in {200, 404, 409}
