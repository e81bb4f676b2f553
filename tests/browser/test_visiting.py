"""What goes wrong in a page fails its test: of each sort one, on a page made for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, expect

from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious, shot
from tests.browser.sites import site
from tests.browser.visiting import Visitor

pytestmark = BROWSER

FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"></head><body><main><h1>A page</h1>{body}</main>{script}</body></html>"""


@pytest_asyncio.fixture(loop_scope="session")
async def origin() -> AsyncIterator[str]:
    """A server on loopback: `/page?body=…&script=…`, and answers of every status at `/status/…`."""

    async def page(request: web.Request) -> web.Response:
        body, script = request.query.get("body", ""), request.query.get("script", "")
        return web.Response(text=FRAME.format(body=body, script=f"<script>{script}</script>"), content_type="text/html")

    async def status(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]))

    async with site({"/page": page, "/status/{status}": status}) as address:
        yield address


async def told(browser: Browser, url: str, *, allow: tuple[str, ...] = ()) -> str:
    """What a visitor of a page complains of, once all of it is done."""
    visitor = Visitor(browser)
    page = await visitor.open(url, allow=allow)
    await expect(page.locator("body")).to_have_attribute("data-done", "yes")
    try:
        await visitor.leave()
    except AssertionError as error:
        return str(error)
    return ""


DONE = "document.body.dataset.done = 'yes'"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("console.error('a mishap')", "console: a mishap"),
        ("setTimeout(() => { throw new Error('a fault') })", "a fault"),
        ("Promise.reject(new Error('nobody caught it'))", "nobody caught it"),
        ("await fetch('/status/500')", "answer: 500 to GET"),
        ("await fetch('/status/404')", "status of 404"),
        ("await fetch('http://127.0.0.1:1/').catch(() => 0)", "request failed: GET http://127.0.0.1:1/"),
        ("await fetch('http://elsewhere.example/').catch(() => 0)", "left this machine: http://elsewhere.example/"),
        ("await fetch('http://192.0.2.1/').catch(() => 0)", "left this machine: http://192.0.2.1/"),
        ("new WebSocket('ws://elsewhere.example/')", "left this machine: ws://elsewhere.example/"),
    ],
)
async def test_whatever_goes_wrong_on_a_page_is_complained_of(
    browser: Browser, origin: str, script: str, words: str
) -> None:
    later = f"setTimeout(() => {{ {DONE} }}, 100)"
    assert words in await told(browser, f"{origin}/page?script=(async()=>{{{script};{later}}})()")


async def test_a_page_on_which_nothing_goes_wrong_is_not_complained_of(browser: Browser, origin: str) -> None:
    script = f"console.log('fine'); console.warn('take care'); fetch('/status/200').then(() => {{ {DONE} }})"
    assert await told(browser, f"{origin}/page?script={script}") == ""


async def test_what_a_test_provokes_can_be_allowed_and_nothing_else_is(browser: Browser, origin: str) -> None:
    script = f"fetch('/status/403').then(() => fetch('/status/409')).then(() => {{ {DONE} }})"
    found = await told(browser, f"{origin}/page?script={script}", allow=(r"status of 403 .*/status/403$",))
    assert "409" in found
    assert "403" not in found


async def test_a_tab_that_a_page_opens_is_watched_too(browser: Browser, origin: str) -> None:
    visitor = Visitor(browser)
    page = await visitor.open(f"{origin}/page")
    other = await page.context.new_page()
    await other.goto(f"{origin}/page?script=console.error('in the other tab')")
    with pytest.raises(AssertionError, match="in the other tab"):
        await visitor.leave()


async def test_each_page_has_an_empty_profile(page_at: PageAt, origin: str) -> None:
    first = await page_at(f"{origin}/page?script=localStorage.setItem('a', 'b')")
    assert await first.evaluate("localStorage.length") == 1
    second = await page_at(f"{origin}/page")
    assert await second.evaluate("localStorage.length") == 0


async def test_a_page_has_the_width_and_the_colours_that_were_asked_for(page_at: PageAt, origin: str) -> None:
    page = await page_at(f"{origin}/page", width=390, height=700, scheme="light")
    assert await page.evaluate("[innerWidth, innerHeight]") == [390, 700]
    assert await page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")


async def test_what_axe_finds_is_told_with_the_place_where_it_is(page_at: PageAt, origin: str) -> None:
    good = await page_at(f"{origin}/page")
    assert await serious(good) == []
    bad = await page_at(f"{origin}/page?body=<button id=nameless></button>")
    (found,) = await serious(bad)
    assert "button-name (critical)" in found
    assert "nameless" in found


async def test_a_picture_is_kept_under_its_name(page_at: PageAt, origin: str) -> None:
    path = await shot(await page_at(f"{origin}/page"), "a-page")
    assert path.name == "a-page.png"
    assert path.read_bytes().startswith(b"\x89PNG")
