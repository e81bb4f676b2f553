"""A person with a browser: pages with an empty profile, on which anything that goes wrong is noted."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from docs.browser import DrawingError, browser

VARIABLE = "LAWSPEAKER_TEST_BROWSER"
"""Where this is set, a missing Chromium is a failure and no reason to skip."""

HOST = "127.0.0.1"
PATIENCE_MS = 30_000
"""How long a page is waited for. It is long, for the machine may be busy: no test is about speed."""

_ELSEWHERE = ("http", "https", "ws", "wss", "ftp")


def chromium() -> str | None:
    """The path of a Chromium, if there is one."""
    try:
        return browser()
    except DrawingError:
        return None


def required() -> bool:
    """Whether these tests must not be left out here."""
    return bool(os.environ.get(VARIABLE))


class Visitor:
    """Opens pages in a browser and remembers their troubles, of which `leave` complains."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._troubles: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    async def open(
        self,
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        scheme: str = "dark",
        scale: float = 1,
        allow: Sequence[str] = (),
        **context: Any,
    ) -> Page:
        """A page at an address, in a profile of its own; further tabs of it are watched too.

        `allow` are patterns of the troubles that the test provokes, as `r"status of 403 .*/roles$"`; `context` is
        handed to Playwright's `new_context`.
        """
        self._expected += [re.compile(pattern) for pattern in allow]
        given: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "color_scheme": scheme,
            "device_scale_factor": scale,
            "reduced_motion": "reduce",  # what moves is drawn differently each time
            "locale": "en-US",
            "timezone_id": "UTC",
        }
        made = await self._browser.new_context(**given | context)
        made.set_default_timeout(PATIENCE_MS)
        made.on("page", self._watch)
        self._contexts.append(made)
        page = await made.new_page()
        await page.goto(url)
        return page

    def troubles(self) -> list[str]:
        """What went wrong so far and was not allowed, each once."""
        return [
            one for one in dict.fromkeys(self._troubles) if not any(pattern.search(one) for pattern in self._expected)
        ]

    async def leave(self) -> None:
        """Close all pages; AssertionError where anything went wrong on one of them."""
        found = self.troubles()
        for context in self._contexts:
            await context.close()
        self._contexts.clear()
        self._troubles.clear()
        assert not found, "In the browser: " + "\n".join(found)

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._troubles.append(f"error: {error.stack or error.message}"))
        page.on("crash", lambda _: self._troubles.append("the page crashed"))
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda socket: self._requested(socket.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self._troubles.append(f"console: {message.text} at {message.location.get('url', '')}")

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in _ELSEWHERE and parts.hostname != HOST:
            self._troubles.append(f"a request left this machine: {url}")

    def _failed(self, request: Request) -> None:
        # What a page gives up by itself, as by leaving for another, is no failure.
        if request.failure != "net::ERR_ABORTED":
            self._troubles.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._troubles.append(f"answer: {response.status} to {response.request.method} {response.url}")
