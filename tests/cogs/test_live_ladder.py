"""A server's ladder: set in Discord, it steps up a member's repeated violations, shown in advance, per rule; cases that
were overturned do not count.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.sandbox.answer import Answer
from tests.cogs.live import Hand, hand, nothing_changes
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFIX = "lawspeaker:settings"
ISSUE = "3 flags in 7 days -> timeout 1h\n5 in 30 days -> ban"


@pytest_asyncio.fixture(loop_scope="session")
async def manager(scene: Scene) -> Hand:
    return await hand(scene, scene.manager)


async def open_page(someone: Hand) -> Answer:
    """`/settings`, opened at the ladder."""
    return await someone.client.select((await someone.slash("settings")).shown, f"{PREFIX}:page", ["ladder"])


async def type_steps(someone: Hand, shown: Answer, rule: str, steps: str) -> Answer:
    opened = await someone.client.select(shown.shown, f"{PREFIX}:rule:ladder", [rule])
    assert opened.modal is not None
    return await someone.client.submit(opened.modal, {"0": steps})


async def test_a_ladder_is_typed_for_all_rules_and_for_one_and_is_shown(scene: Scene, manager: Hand) -> None:
    page = await type_steps(manager, await open_page(manager), "default", ISSUE)
    assert page.content == "Ladder: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban."
    page = await type_steps(manager, page, "rule:2", "none")
    assert page.content == "Ladder of rule 2: none."
    table = (await scene.store.guilds.get(scene.guild.id)).ladder
    assert (len(table.default), dict(table.by_rule)) == (2, {"2": ()})
    together = (
        "All rules without a ladder of their own, counted together: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban"
    )
    assert together in page.text
    assert together in (await manager.slash("settings")).text
    page = await type_steps(manager, page, "rule:2", "")
    assert page.content == "Ladder of rule 2: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban (the server's)."


async def test_steps_that_cannot_be_read_change_nothing(manager: Hand, scene: Scene) -> None:
    page = await open_page(manager)
    async with nothing_changes(scene):
        page = await type_steps(manager, page, "default", "three strikes")
    assert page.content.startswith("Nothing was changed. “three strikes” is no step: write it as 3 cases in 7 days")
