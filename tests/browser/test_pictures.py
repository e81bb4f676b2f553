"""The pictures of both pages, as README and docs show them, are drawn here anew: wide and as on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.async_api import expect

from bot.judge.models import ModelError, ModelFile, default_model_dir, resolve_model
from docs.console_shots import CONSOLE_SHOTS, draw_console
from docs.picture import HERE
from docs.shots import SHOTS, draw_shots
from tests.addresses import give_back_addresses
from tests.browser.marks import BROWSER
from tests.browser.seeing import SCREENSHOTS
from tests.browser.visiting import PATIENCE_MS, chromium, required

pytestmark = [*BROWSER, pytest.mark.model, pytest.mark.default_model]


@pytest.fixture(autouse=True)
def after(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bot of its own leaves nothing behind, nor does a patience of its own."""
    give_back_addresses(monkeypatch)
    yield
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def program() -> str:
    found = chromium()
    if found is None:
        (pytest.fail if required() else pytest.skip)("there is no Chromium (Debian: apt-get install chromium)")
    return found


@pytest.fixture
def model() -> ModelFile:
    try:
        return resolve_model("default", default_model_dir())
    except ModelError as error:
        pytest.skip(str(error))


def hold_against_kept(*names: str) -> None:
    """Each picture was drawn, as large as the one that is shown."""
    for name in names:
        with Image.open(SCREENSHOTS / f"{name}.png") as drawn, Image.open(HERE / f"{name}.png") as kept:
            assert drawn.size == kept.size


async def test_the_sandbox_page_looks_as_it_is_shown(program: str, model: ModelFile) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert await draw_shots(program, model, list(SHOTS), SCREENSHOTS) == []
    hold_against_kept(*SHOTS)


async def test_the_console_looks_as_it_is_shown(program: str, model: ModelFile) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert await draw_console(program, model, list(CONSOLE_SHOTS), SCREENSHOTS) == []
    hold_against_kept(*CONSOLE_SHOTS)
