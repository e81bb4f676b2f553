"""The scenes of the pictures come to what they are to show, with the real bot and without anything drawn."""

from __future__ import annotations

import pytest

from docs.page import page
from docs.scenes import EXAMPLE, UNJUDGED
from docs.stage import Stage
from tests.cogs.scripted_stage import running_stage
from tests.stage import Stage as Running

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOWN = {
    "setup": (">Publish</span>", "<i>#</i>mod-log<i>", "used <b", "/setup", "Only you can see this"),
    "settings": ("Thresholds", "/settings", "Change the thresholds of"),
    "policy-edit": (">Publish</span>", "/policy edit", 'class="added"', "Linter", "Rule 5"),
}


@pytest.mark.parametrize("name", UNJUDGED)
async def test_a_scene_without_verdicts_shows_what_its_picture_is_of(stage: Running, name: str) -> None:
    sheet = await UNJUDGED[name](Stage(stage.trial, (EXAMPLE / "policy.md").read_text("utf-8")))
    html = page(sheet, "")
    assert [part for part in SHOWN[name] if part not in html] == []
    assert ">@unknown<" not in html
    assert ">#unknown<" not in html
