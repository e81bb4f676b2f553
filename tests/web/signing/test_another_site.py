"""What a page of another site, open in the same browser, can have done by a console: nothing, and it learns nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.web.console.console import Console
from bot.web.console.operator import OpenDoor, Operator
from bot.web.console.sessions import Sessions
from bot.web.server import WebServer
from tests.stage import Scene
from tests.web.client import Browser
from tests.web.signed import Opened, Signed, console_of

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

BY_ITSELF = [("cors", "empty"), ("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe")]
CROSS, FORM = "cross-site", "https://evil.example"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(("mode", "dest"), BY_ITSELF)
async def test_what_another_site_asks_for_by_itself_gets_nothing_where_nobody_has_to_sign_in(
    scene: Scene, signed: Signed, site: str, mode: str, dest: str
) -> None:
    """It cannot read the answer, but how long a search takes, and how often it asks, would be its own."""
    app, sessions = scene.stage.trial.app, Sessions()
    console = Console(OpenDoor(Operator(app.client, app.store)), console_of(scene).sections, sessions)
    served = WebServer("127.0.0.1", 0, console)
    await served.start()
    browser = Browser(replace(signed, web=served, sessions=sessions).address)
    headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": dest}
    base = f"/console/servers/{scene.guild.id}"
    try:
        for path in (f"{base}/cases?text=quincunx", "/console/", f"{base}/policy/card/text"):
            refused = await browser.get(path, **headers)
            assert (refused.status, browser.cookie()) == (403, ""), path
            assert "evil" not in refused.text
            assert scene.guild.name not in refused.text
        opened = await browser.get(
            f"{base}/cases", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document"
        )
        assert opened.status == 200, "somebody followed a link to here"
    finally:
        await browser.close()
        await served.stop()


async def test_a_page_of_our_own_is_asked_for_as_ever(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    for site in ("same-origin", "none"):
        shown = await browser.get(signed.page, Sec_Fetch_Site=site, Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty")
        assert shown.status == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": FORM}, {"Origin": "null"}, {"Sec_Fetch_Site": CROSS}, {"Origin": "http://["}]
)
async def test_another_sites_form_does_not_take_the_cookie_of_a_session_away(
    signed: Signed, opened: Opened, headers: dict[str, str]
) -> None:
    """A browser sends no session along with it, for its cookie is same-site; it would still heed the answer."""
    without = opened()
    answer = await without.post("/console/sign-out", {}, **headers)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "://", "\t", "http://a@b:99999999"])
async def test_a_form_from_nowhere_that_there_could_be_is_out_of_date(
    signed: Signed, browser: Browser, origin: str
) -> None:
    await browser.sign_in(signed.scene.moderator)
    token = (await browser.get(signed.page)).token
    answer = await browser.post(f"/console/servers/{signed.scene.guild.id}/audit/check", {"csrf": token}, Origin=origin)
    assert answer.status == 403
    assert "out of date" in answer.text
