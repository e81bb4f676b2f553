"""Every command stays within Discord's limits and is shown to whom it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.discord_io.client import LawspeakerClient
from bot.discord_io.limits import CUSTOM_ID
from bot.domain.policy import Policy, policy_digest
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeInfo
from bot.pipeline.pipeline import Pipeline
from bot.sandbox.checks.commands import check_commands
from bot.store import Store
from cogs import add_cogs
from cogs.publishing import PublishButton, publish_view

MANAGE_SERVER, MANAGE_MESSAGES = 1 << 5, 1 << 13
SERVERS_ONLY = [0]


class IdleJudge:
    """Is never asked here."""

    async def prepare(self, policy: Policy) -> None:
        raise NotImplementedError

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        raise NotImplementedError

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        raise NotImplementedError

    def info(self) -> JudgeInfo:
        return JudgeInfo("none", "0" * 64, ready=False)


async def nothing() -> None:
    """Nothing to set up."""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[LawspeakerClient]:
    store, made, judge = Store(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}"), LawspeakerClient(nothing), IdleJudge()
    pipeline = Pipeline(made, store, judge)
    await add_cogs(made, store, judge, pipeline.intake, pipeline.reviews, pipeline.reporting)
    yield made
    await store.close()


@pytest.fixture
def commands(client: LawspeakerClient) -> list[dict[str, Any]]:
    return [command.to_dict(client.tree) for command in client.tree.get_commands()]


def paths(command: dict[str, Any]) -> list[str]:
    inner = [option for option in command.get("options", ()) if option["type"] in {1, 2}]
    return [f"{command['name']} {path}" for option in inner for path in paths(option)] or [command["name"]]


def test_the_commands_of_the_design_are_there(commands: list[dict[str, Any]]) -> None:
    assert {path for command in commands for path in paths(command)} == {
        "watch add",
        "watch remove",
        "watch list",
        "watch log",
        "mode",
        "settings",
        "setup",
        "access list",
        "access give",
        "access refuse",
        "access reset",
        "exempt add",
        "exempt remove",
        "exempt list",
        "policy scope",
        "policy show",
        "policy edit",
        "policy publish",
        "policy history",
        "case view",
        "queue",
        "case list",
        "case note",
        "case answer",
        "case overturn",
        "case export",
        "policy import",
        "policy export",
        "policy diff",
        "policy rollback",
        "policy test",
        "policy backtest",
        "policy learned",
        "policy calibrate",
        "policy template",
        "Check against policy",
        "Report to moderators",
        "policy rule add",
        "policy rule edit",
        "policy rule remove",
        "why",
        "Why?",
        "health",
        "stats",
        "privacy export",
        "privacy forget",
        "privacy retention",
    }


def test_discord_would_take_every_name_description_option_and_choice(commands: list[dict[str, Any]]) -> None:
    check_commands(commands)


def test_every_command_is_for_servers_only(commands: list[dict[str, Any]]) -> None:
    assert {command["name"]: command["contexts"] for command in commands} == {
        command["name"]: SERVERS_ONLY for command in commands
    }


def test_settings_are_shown_to_managers_and_the_rest_to_moderators(commands: list[dict[str, Any]]) -> None:
    shown = {
        command["name"]: int(command["default_member_permissions"])
        for command in commands
        if command["default_member_permissions"] is not None
    }
    everyones = {command["name"] for command in commands} - shown.keys()
    assert everyones == {"Report to moderators"}
    assert shown == {
        "watch": MANAGE_SERVER,
        "mode": MANAGE_SERVER,
        "exempt": MANAGE_SERVER,
        "settings": MANAGE_SERVER,
        "setup": MANAGE_SERVER,
        "access": MANAGE_SERVER,
        "policy": MANAGE_MESSAGES,
        "case": MANAGE_MESSAGES,
        "queue": MANAGE_MESSAGES,
        "Check against policy": MANAGE_MESSAGES,
        "why": MANAGE_MESSAGES,
        "Why?": MANAGE_MESSAGES,
        "health": MANAGE_MESSAGES,
        "stats": MANAGE_MESSAGES,
        "privacy": MANAGE_SERVER,
    }


async def test_the_publish_button_outlives_a_restart_and_names_the_draft_it_was_shown_under() -> None:
    digest = policy_digest("1. No scams.")
    view = publish_view(digest)
    (button,) = view.children
    assert isinstance(button, PublishButton)
    assert view.is_persistent()
    assert digest in button.custom_id
    assert len(button.custom_id) <= CUSTOM_ID
    (button,) = publish_view(digest, 2**64 - 1).children
    assert isinstance(button, PublishButton)
    assert len(button.custom_id) <= CUSTOM_ID
