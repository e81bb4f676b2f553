"""The pictures of the sandbox's page: the showcase with the default model, in a real browser.

Somebody has the page open, presses the button that replays the example chat, and waits until all of it is settled.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Error, Page, expect

from bot.judge.models import ModelFile
from bot.sandbox.model import User
from bot.trial.examples import FIRST, Example, load_example
from bot.trial.showcase import Showcase
from bot.trial.trial import Trial
from docs.screens import MINUTES_MS, Screen, browsing, context_on, shoot

_TOUR_IS_OVER = "localStorage.setItem('lawspeaker-tour', JSON.stringify({isOver: true}))"


Open = Callable[[User, Screen], Awaitable[Page]]
Shot = Callable[[Trial, Example, Open], Awaitable[Page]]

DESKTOP = Screen(1280, 910, 1.5, "dark")
PHONE = Screen(390, 844, 2, "light")
SCAM = "EVERYONE: 500 free skins, log in with your game account at skins-for-all.example, only today!!"
"""What the moderator on the phone has a case of."""


async def marks(trial: Trial, example: Example, open_page: Open) -> Page:
    """A channel on a wide screen, each message with what became of it."""
    return await _watch(trial, example, await open_page(trial.person("you"), DESKTOP))


async def case(trial: Trial, example: Example, open_page: Open) -> Page:
    """A case in the mod log on a phone, as a moderator sees it."""
    await trial.say("you", "general", SCAM)
    async with asyncio.timeout(MINUTES_MS / 1_000):
        await trial.settled.get()
    page = await open_page(trial.moderator, PHONE)
    await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("navigation", name="Channels").get_by_role("link", name="mod-log").click()
    cases = page.locator("article.message", has_text=SCAM)
    await expect(cases).to_have_count(1)
    await cases.locator(".spoiler").first.click()
    return page


SHOTS: dict[str, Shot] = {"sandbox": marks, "sandbox-phone": case}
"""By the picture's name, in the order in which they are played on one server."""


async def draw_shots(program: str, model: ModelFile, names: Sequence[str], folder: Path) -> list[str]:
    """Draw pictures into a folder; the names of those that failed. What comes before the last of them is played too."""
    example, failed = load_example(FIRST), []
    async with browsing(program) as browser, _showcase(model, example) as trial:
        for name in list(SHOTS)[: max(list(SHOTS).index(one) for one in names) + 1]:
            pages: list[Page] = []

            async def open_page(user: User, screen: Screen, opened: list[Page] = pages) -> Page:
                opened.append(await _open(browser, trial, user, screen))
                return opened[-1]

            try:
                page = await SHOTS[name](trial, example, open_page)
                if name in names:
                    await shoot(page, folder / f"{name}.png")
            except (Error, AssertionError, TimeoutError) as error:
                failed.append(f"{name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
            finally:
                for page in pages:
                    await page.context.close()
    return failed


async def _watch(trial: Trial, example: Example, page: Page) -> Page:
    """Have the chat replayed on a page and wait until all of it is settled."""
    await page.get_by_role("button", name="Replay the chat").click()
    async with asyncio.timeout(MINUTES_MS / 1_000):
        for _ in example.lines:
            await trial.settled.get()
    here = [line for line in example.lines if line.channel == "general"]
    await expect(page.locator("article.message .mark")).to_have_count(len(here))
    await expect(page.locator(".mark.waiting")).to_have_count(0)
    return page


async def _open(browser: Browser, trial: Trial, user: User, screen: Screen) -> Page:
    """The page as an account sees it."""
    context = await context_on(browser, screen)
    await context.add_init_script(f"sessionStorage.setItem('account', '{user.id}'); {_TOUR_IS_OVER}")
    page = await context.new_page()
    await page.goto(trial.server.page_url)
    await expect(page.locator("#words")).to_be_enabled()
    return page


@asynccontextmanager
async def _showcase(model: ModelFile, example: Example) -> AsyncIterator[Trial]:
    """The bot on a sandbox of its own with the example's servers, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(model, example.policy, Path(folder))
        try:
            await trial.start()
            await Showcase(trial).open(example, example.lines)
            yield trial
        finally:
            await trial.stop()
