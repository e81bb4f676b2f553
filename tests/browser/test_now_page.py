"""*Now* of the console in a real browser: it changes by itself, stands still, and says when nobody answers.

The judge has no model: how figures come to the page does not depend on how a verdict came about.
"""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from playwright.async_api import Locator, Page, Request, expect

from bot.domain.records import CaseRecord
from bot.judge.interface import JudgeInfo
from bot.store.figures import FigureRepository
from bot.web.server import WebServer
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.reaching import fits, tab_to
from tests.browser.seeing import serious, shot
from tests.cogs.cases.desk import opened, press
from tests.cogs.live import hand
from tests.cogs.scripted_stage import DIGEST, held, judge_of, running_stage
from tests.stage import Scene
from tests.web.signed import console_of

pytestmark = BROWSER
__all__ = ["running_stage"]

UNANSWERED = (r"now/live", r"htmx:(sendError|afterRequest)")
"""What Chromium and htmx note when a request gets no answer."""
AWAY = "There is no answer from the bot, so these figures stand still."
A_MINUTE_MS = 60_000
HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Chromium without a window takes every tab for one that is seen: that this one is not is put into its mouth."""


def at(scene: Scene, path: str = "now", port: int | None = None) -> str:
    return f"http://127.0.0.1:{port or scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


def fact(page: Page, name: str) -> Locator:
    """A figure by its name."""
    return page.locator(".facts > div", has=page.get_by_text(name, exact=True)).locator("dd")


def chart(page: Page, title: str, told: str) -> Locator:
    """A chart by what a screen reader says of it."""
    return page.get_by_role("img", name=re.compile(f"{title}.*{told}"))


async def is_the_same_page(page: Page) -> bool:
    """Whether it was not loaded anew since it was marked."""
    return bool(await page.evaluate("window.marked === true"))


async def answered(scene: Scene, text: str, label: str) -> CaseRecord:
    """A case that a moderator answered in Discord."""
    case = await opened(scene, text=text)
    await press(await hand(scene, scene.moderator), case, label)
    return case


# -- it is live ------------------------------------------------------------------------------------------


async def test_figures_and_charts_change_by_themselves_as_messages_come_in(page_at: PageAt, scene: Scene) -> None:
    page = await page_at(at(scene))
    await page.evaluate("window.marked = true")
    await expect(chart(page, "Seconds until a message is settled", "Nothing was judged")).to_be_visible()
    await expect(page.get_by_role("heading", name="Where the time goes")).to_have_count(0)
    with held(judge_of(scene).may_classify):
        message = scene.post("hello")
        await scene.queued(1)
        await expect(fact(page, "Waiting to be judged")).to_have_text(re.compile(r"^1\s+oldest: \d+ s$"))
    await scene.settled(message)
    await expect(fact(page, "Waiting to be judged")).to_have_text("0")
    await expect(fact(page, "Messages in the last hour")).to_have_text("1")
    await expect(chart(page, "Messages per minute", "left alone 1, asks a human 0, acted on 0")).to_be_visible()
    await expect(chart(page, "Seconds until a message is settled", "Half of the messages were settled")).to_be_visible()
    await expect(chart(page, "Where the time goes", r"waiting: [\d.]+ s.*read by the model: [\d.]+ s")).to_be_visible()
    await opened(scene)
    await expect(chart(page, "Messages per minute", "left alone 1, asks a human 0, acted on 1")).to_be_visible()
    assert await page.locator(".chart rect.acted[height]").count() > 1, "a bar, and not the legend alone"
    assert await is_the_same_page(page)


async def test_an_answer_in_discord_changes_the_agreement_at_once(page_at: PageAt, scene: Scene) -> None:
    page = await page_at(at(scene))
    await page.evaluate("window.marked = true")
    await expect(chart(page, "Agreement of moderators", "No case was answered yet.")).to_be_visible()
    await answered(scene, "come to my shop", "Confirm")
    await expect(fact(page, "Agreement, last 30 days")).to_have_text("100 %")
    await expect(chart(page, "Agreement of moderators", "confirmed 100%")).to_be_visible()
    await answered(scene, "come to my other shop", "Overturn")
    await expect(fact(page, "Agreement, last 30 days")).to_have_text("50 %")
    assert await is_the_same_page(page)


async def test_a_judge_that_goes_away_is_seen(page_at: PageAt, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await page_at(at(scene))
    await expect(fact(page, "Judge")).to_have_text("ready")
    await expect(fact(page, "Model")).to_have_text("scripted")
    with monkeypatch.context() as patch:
        patch.setattr(judge_of(scene), "info", lambda: JudgeInfo("another", DIGEST, ready=False))
        await expect(fact(page, "Judge")).to_have_text("away")
        await expect(fact(page, "Model")).to_have_text("another")
    await expect(fact(page, "Judge")).to_have_text("ready")


# -- it asks for nothing more -----------------------------------------------------------------------------


async def timed(page: Page, url: str) -> list[Request]:
    """Open a page whose clock the test moves; its requests for figures from here on."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/now/live") else None)
    await page.clock.install()
    await page.goto(url)
    return asked


async def polled(page: Page) -> None:
    """Wait until the figures were fetched anew, by the page's own clock."""
    await page.wait_for_load_state()  # before, nothing asks
    async with page.expect_response("**/now/live") as response:
        await page.clock.run_for(3_000)
    await (await response.value).finished()


async def test_standing_still_asks_for_nothing_until_it_goes_on(page_at: PageAt, scene: Scene) -> None:
    page = await page_at("about:blank")
    asked = await timed(page, at(scene))
    await polled(page)
    await page.get_by_role("link", name="Pause").click()
    await expect(page.get_by_role("link", name="Go on")).to_be_visible()
    await page.wait_for_load_state()
    asked.clear()
    await scene.settled(scene.post("hello"))
    await page.clock.run_for(A_MINUTE_MS)
    assert asked == []
    await expect(fact(page, "Messages in the last hour")).to_have_text("0")
    await page.get_by_role("link", name="Go on").click()
    await expect(page.get_by_role("link", name="Pause")).to_be_visible()
    await expect(fact(page, "Messages in the last hour")).to_have_text("1")
    await polled(page)


async def test_a_page_in_the_background_asks_for_nothing_and_for_all_when_it_is_seen_again(
    page_at: PageAt, scene: Scene
) -> None:
    page = await page_at("about:blank")
    asked = await timed(page, at(scene))
    await polled(page)
    await page.evaluate(HIDE, "hidden")
    asked.clear()
    await page.clock.run_for(A_MINUTE_MS)
    assert asked == []
    async with page.expect_response("**/now/live"):
        await page.evaluate(HIDE, "visible")
    await polled(page)


async def test_a_page_that_was_left_asks_for_nothing(page_at: PageAt, scene: Scene) -> None:
    page = await page_at("about:blank")
    asked = await timed(page, at(scene))
    await polled(page)
    await page.get_by_role("link", name="Audit").click()
    await expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    await page.wait_for_load_state()
    asked.clear()
    await page.clock.run_for(A_MINUTE_MS)
    assert asked == []


# -- nobody answers ---------------------------------------------------------------------------------------


@contextmanager
def reserved() -> Iterator[int]:
    """A port that nobody else is given, and at which a server may come and go."""
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        yield place.getsockname()[1]


@asynccontextmanager
async def serving(scene: Scene, port: int) -> AsyncIterator[None]:
    """The console at a port, for so long."""
    server = WebServer("127.0.0.1", port, console_of(scene))
    await server.start()
    try:
        yield
    finally:
        await server.stop()


async def test_a_server_that_goes_away_is_told_of_and_taken_up_again(page_at: PageAt, scene: Scene) -> None:
    with reserved() as port:
        async with serving(scene, port):
            page = await page_at(at(scene, port=port), allow=UNANSWERED)
            await page.evaluate("window.marked = true")
            await expect(fact(page, "Messages in the last hour")).to_have_text("0")
            await expect(page.get_by_role("status")).to_be_empty()
        await expect(page.get_by_role("status")).to_contain_text(AWAY)
        assert await serious(page) == []
        await shot(page, "console-now-away")
        await scene.settled(scene.post("hello"))
        async with serving(scene, port):
            await expect(page.get_by_role("status")).to_be_empty()
            await expect(fact(page, "Messages in the last hour")).to_have_text("1")
            assert await is_the_same_page(page)


async def test_a_failure_is_told_once_and_no_longer_than_it_lasts(
    page_at: PageAt, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: FigureRepository, guild_id: int) -> object:
        raise OSError(guild_id)

    page = await page_at(at(scene), allow=[r"now/live", r"htmx:responseError"])
    with monkeypatch.context() as patch:
        patch.setattr(FigureRepository, "queue", fails)
        told = page.locator("#told p")
        await expect(told).to_be_visible()
        await told.evaluate("(one) => { one.dataset.first = 'yes'; }")
        for _ in range(2):
            async with page.expect_response("**/now/live"):
                pass
        await expect(told).to_have_attribute("data-first", "yes")
        await expect(fact(page, "Messages in the last hour")).to_have_text("0")
    await expect(told).to_have_count(0)


# -- for everybody ----------------------------------------------------------------------------------------


async def test_the_keyboard_is_enough_and_keeps_its_place(page_at: PageAt, scene: Scene) -> None:
    page = await page_at(at(scene))
    await tab_to(page, "a.skip")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    still = page.get_by_role("link", name="Pause")
    await expect(still).to_be_focused()
    for _ in range(2):
        async with page.expect_response("**/now/live"):
            pass
    await expect(still).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Go on")).to_be_visible()
    await tab_to(page, "main a.button")
    await page.keyboard.press("Enter")
    await expect(still).to_be_visible()


async def test_what_is_shown_is_told_in_words_too(page_at: PageAt, scene: Scene) -> None:
    await answered(scene, "come to my shop", "Confirm")
    page = await page_at(at(scene))
    await expect(page.locator("main svg[role=img]")).to_have_count(4)
    for title in (
        "Messages per minute",
        "Seconds until a message is settled",
        "Agreement of moderators over seven days, in percent",
        "Where the time goes",
    ):
        region = page.get_by_role("region", name=title)
        await expect(region.get_by_role("img", name=title)).to_be_visible()
        assert await region.locator("p, .legend li").count() > 0, title
    # What the colours stand for is written, and the patches of colour are passed over.
    await expect(page.locator(".legend svg:not([aria-hidden=true])")).to_have_count(0)
    await expect(page.get_by_role("region", name="Messages per minute").get_by_role("listitem")).to_have_text(
        ["left alone", "asks a human", "acted on"]
    )


async def test_without_scripts_there_are_figures(page_at: PageAt, scene: Scene) -> None:
    await scene.settled(scene.post("hello"))
    page = await page_at(at(scene), java_script_enabled=False)
    await expect(fact(page, "Messages in the last hour")).to_have_text("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_it_can_be_used_by_everybody(page_at: PageAt, scene: Scene, width: int, scheme: str) -> None:
    for number in range(3):
        await scene.settled(scene.post(f"hello {number}"))
    await answered(scene, "come to my shop", "Confirm")
    page = await page_at(at(scene), width=width, scheme=scheme)
    await expect(fact(page, "Messages in the last hour")).to_have_text("4")
    assert await serious(page) == []
    await fits(page, width)
    await shot(page, f"console-now-{width}-{scheme}", full=True)
