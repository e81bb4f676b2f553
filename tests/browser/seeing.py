"""What a page looks like, to a person and to who cannot see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
_GRAVE = ("serious", "critical")


async def serious(page: Page) -> list[str]:
    """The serious and critical violations that axe-core finds on a page, each a readable text.

    axe-core is put in through the debugger, so that a content security policy does not keep it out.
    """
    found = await Axe().run(page)
    return [_told(one) for one in found.response["violations"] if one["impact"] in _GRAVE]


async def shot(page: Page, name: str, *, full: bool = False) -> Path:
    """Draw what is seen of a page (or with `full` all of it) into build/screenshots/NAME.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    await page.screenshot(path=path, full_page=full, animations="disabled", caret="hide")
    return path


def _told(violation: dict[str, Any]) -> str:
    lines = [f"{violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        causes = [one["message"] for kind in ("any", "all", "none") for one in node[kind]]
        lines.append(f"  {' '.join(map(str, node['target']))}: {'; '.join(causes)}")
    return "\n".join(lines)
