"""What the browser itself keeps off the console: foreign forms, frames, scripts; cookies; too many tries to sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from bot.domain.records import CaseStatus
from bot.web.console.keeping import COOKIE
from bot.web.console.rate import Rate, RateLimit
from bot.web.console.signing_in import OVERALL, Tries
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.signing import address, signed_in
from tests.browser.sites import site
from tests.cogs.cases.desk import read
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene
from tests.web.signed import Signed, signed_console

pytestmark = BROWSER
__all__ = ["running_stage"]

INLINE = """() => {
  const broken = [];
  document.addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
  const script = document.createElement("script");
  script.textContent = "document.title = 'run'";
  const picture = document.createElement("img");
  picture.setAttribute("onerror", "document.title = 'run'");
  picture.src = "data:,";
  const line = document.createElement("p");
  line.setAttribute("style", "color: rgb(1, 2, 3)");
  const elsewhere = document.createElement("script");
  elsewhere.src = document.baseURI.replace(/:\\d+.*/, ":9/a.js");
  document.querySelector("main").append(script, picture, line, elsewhere);
  const framed = document.createElement("iframe");
  framed.src = "/console/";
  document.querySelector("main").append(framed);
  window.smuggled = () => [[...new Set(broken)].sort(), document.title, getComputedStyle(line).color];
}"""
"""Puts into a page what somebody might smuggle in; then `smuggled()` says what was refused and what came of it."""
REFUSED = ["frame-src", "script-src-attr", "script-src-elem", "style-src-attr"]


@pytest_asyncio.fixture(loop_scope="session")
async def signed(scene: Scene) -> AsyncIterator[Signed]:
    async with signed_console(scene) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """Another origin, whose page is as `?body=` says."""

    async def page(request: web.Request) -> web.Response:
        shown = f'<!doctype html><link rel="icon" href="data:,"><body>{request.query.get("body", "")}</body>'
        return web.Response(text=shown, content_type="text/html")

    async with site({"/": page}) as origin:
        yield f"{origin}/"


async def leave_for(page: Page, url: str, body: str) -> None:
    """Come to a page of somebody else's with the session in the browser, and press its only button."""
    await page.goto(url)
    await page.evaluate("(body) => { document.body.innerHTML = body; }", body)
    await page.get_by_role("button").click()


@pytest.mark.parametrize("site", ["another origin", "another site"])
async def test_a_form_of_somebody_elses_answers_no_case(
    page_at: PageAt, signed: Signed, elsewhere: str, site: str
) -> None:
    scene = signed.scene
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post("come to my shop"))
    # Chromium notes how a refusal is answered, and that such an answer has no icon.
    noted = [r"status of 403 ", r"favicon"]
    page = await signed_in(page_at, signed, scene.moderator, f"cases/{case.number}", allow=noted)
    token = await page.locator("input[name=csrf]").first.get_attribute("value")
    to = address(signed, f"cases/{case.number}/confirm")
    form = f'<form method="post" action="{to}"><input name="csrf" value="{token}"><button>Win</button></form>'
    await leave_for(page, elsewhere if site == "another origin" else "about:blank", form)
    await expect(page.get_by_text("A page of another site asked for this by itself")).to_be_visible()
    assert (await read(scene, case)).status is CaseStatus.OPEN
    # With the same session the page's own button does it.
    await page.goto(address(signed, f"cases/{case.number}"))
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Case {case.number} is confirmed.")


async def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites(page_at: PageAt, signed: Signed) -> None:
    page = await signed_in(page_at, signed, signed.scene.moderator)
    (cookie,) = [one for one in await page.context.cookies() if one.get("name") == COOKIE]
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("expires")) == (True, "Lax", -1)
    assert await page.evaluate("document.cookie") == ""


async def test_nothing_that_is_smuggled_into_a_page_runs(page_at: PageAt, signed: Signed) -> None:
    page = await signed_in(
        page_at, signed, signed.scene.moderator, allow=[r"Content Security Policy", r"csp", r":9/a\.js"]
    )
    title = await page.title()
    await page.evaluate(INLINE)
    await page.wait_for_function("(all) => smuggled()[0].join() === all.join()", arg=REFUSED)
    _, now, color = await page.evaluate("smuggled()")
    assert now == title
    assert color != "rgb(1, 2, 3)"


async def test_no_other_page_shows_it_in_a_frame(page_at: PageAt, signed: Signed, elsewhere: str) -> None:
    page = await signed_in(
        page_at, signed, signed.scene.moderator, allow=[r"frame-ancestors", r"chrome-error", r"ERR_BLOCKED_BY_RESPONSE"]
    )
    async with page.expect_response(signed.address + signed.page):
        await page.goto(f'{elsewhere}?body=<iframe src="{signed.address}{signed.page}"></iframe>')
    await expect(page.frame_locator("iframe").get_by_role("heading", name="Now")).to_have_count(0)


async def test_who_tries_to_sign_in_too_often_is_told_how_long_to_wait(page_at: PageAt, scene: Scene) -> None:
    tries = Tries(RateLimit(Rate(burst=1, seconds=3_600.0)), RateLimit(OVERALL))
    async with signed_console(scene, tries=tries) as signed:
        page = await page_at(f"{signed.address}/console/", allow=[r"status of 429 "])
        await page.get_by_role("link", name="Sign in with Discord").click()
        await page.get_by_role("button", name="Cancel").click()
        told = page.get_by_role("alert").filter(has_text="There were too many tries to sign in")
        await expect(told).to_be_visible()
        await expect(page.get_by_role("link", name="Sign in with Discord")).to_be_visible()
