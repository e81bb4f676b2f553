"""The guide for moderators names every command and menu there is, and none that there is not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from discord import app_commands

from bot.discord_io.client import LawspeakerClient
from bot.pipeline.pipeline import Pipeline
from bot.store import Store
from cogs import add_cogs
from tests.cogs.test_cogs_commands import IdleJudge, nothing

GUIDE = (Path(__file__).resolve().parent.parent / "docs" / "moderators.md").read_text("utf-8")


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[app_commands.CommandTree]:
    store, client, judge = (
        Store(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}"),
        LawspeakerClient(nothing),
        IdleJudge(),
    )
    pipeline = Pipeline(client, store, judge)
    await add_cogs(client, store, judge, pipeline.intake, pipeline.reviews, pipeline.reporting)
    yield client.tree
    await store.close()


def names(tree: app_commands.CommandTree) -> Iterator[str]:
    """`/case view` for a command, its own name for a message's menu."""
    for command in tree.walk_commands():
        if not isinstance(command, app_commands.Group):
            yield f"/{command.qualified_name}"
    for menu in tree.get_commands():
        if isinstance(menu, app_commands.ContextMenu):
            yield menu.name


async def test_every_command_and_menu_is_in_the_guide(tree: app_commands.CommandTree) -> None:
    missing = {name for name in names(tree) if f"`{name}`" not in GUIDE and f"*{name}*" not in GUIDE}
    assert not missing


async def test_the_guide_names_no_command_that_there_is_not(tree: app_commands.CommandTree) -> None:
    assert set(re.findall(r"`(/[a-z ]+)`", GUIDE)) <= set(names(tree))
