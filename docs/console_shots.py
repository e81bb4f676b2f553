"""The pictures of the console: a month of a server, judged by the default model, in a real browser."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from playwright.async_api import Error, Page, expect

from bot.cli.chatfile import read_chat
from bot.judge.models import ModelFile
from bot.trial.trial import Trial
from docs.month import live_through_a_month
from docs.scenes import EXAMPLE
from docs.screens import Screen, browsing, context_on, shoot
from docs.stage import Server, Stage

DESKTOP = Screen(1280, 940, 1.5, "light")
DARK = Screen(1280, 940, 1.5, "dark")
PHONE = Screen(390, 844, 2, "dark")
Look = Callable[[Page, str], Awaitable[None]]


async def now(page: Page, server: str) -> None:
    """The live page."""
    await page.goto(f"{server}/now?still")


async def case(page: Page, server: str) -> None:
    """A case that a moderator may still answer."""
    await page.goto(f"{server}/cases?status=open")
    await page.locator("main a[href*='/cases/']").first.click()
    await expect(page.get_by_role("heading", name="Verdict")).to_be_visible()


async def thresholds(page: Page, server: str) -> None:
    """The sliders, one of which was moved."""
    await page.goto(f"{server}/policy/thresholds")
    slider = page.locator("input[type=range]").first
    await slider.evaluate("(one) => { one.value = 95; one.dispatchEvent(new Event('input', {bubbles: true})); }")
    await expect(page.locator("#reckoned")).to_contain_text("would be decided otherwise")


async def review(page: Page, server: str) -> None:
    """The queue on a phone."""
    await page.goto(f"{server}/review")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("button", name="Confirm")).to_be_visible()


CONSOLE_SHOTS: dict[str, tuple[Look, Screen]] = {
    "console-now": (now, DESKTOP),
    "console-case": (case, DARK),
    "console-thresholds": (thresholds, DESKTOP),
    "console-review-phone": (review, PHONE),
}
"""By the picture's name, what is looked at and on which screen."""


async def draw_console(program: str, model: ModelFile, names: Sequence[str], folder: Path) -> list[str]:
    """Draw pictures into a folder; the names of those that failed."""
    failed, policy = [], (EXAMPLE / "policy.md").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as kept:
        trial = Trial(model, policy, Path(kept))
        try:
            await trial.start()
            server = await Stage(trial, policy).server()
            chat = read_chat(EXAMPLE / "chat.jsonl")
            await live_through_a_month(server, chat)
            for line in chat:  # which nobody has answered yet
                await server.stage.settled(server.post(line.author, line.content, line.channel))
            async with browsing(program) as browser:
                for name in names:
                    look, screen = CONSOLE_SHOTS[name]
                    context = await context_on(browser, screen)
                    page = await context.new_page()
                    try:
                        await look(page, _address(trial, server))
                        await shoot(page, folder / f"{name}.png")
                    except (Error, AssertionError, TimeoutError) as error:
                        failed.append(f"{name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
                    await context.close()
        finally:
            await trial.stop()
    return failed


def _address(trial: Trial, server: Server) -> str:
    return f"http://127.0.0.1:{trial.app.web.port}/console/servers/{server.guild.id}"
