"""The README is right: settings, commands, permissions, links and the example policy are those of the program."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import discord
import pytest
import typer
from discord import app_commands

from bot.cli import app
from bot.discord_io.client import LawspeakerClient
from bot.domain.decision import ACT_AT, REVIEW_AT
from bot.domain.guild import GuildSettings
from bot.domain.lint import Severity, lint
from bot.domain.policy import MAX_POLICY_CHARACTERS, MAX_RULES, ActionKind
from bot.domain.policy_text import parse_policy
from bot.domain.setting_fields import MOST_BACKFILL_MINUTES
from bot.judge.models import load_catalogue
from bot.pipeline.backfill import MOST_MESSAGES
from bot.pipeline.pipeline import Pipeline
from bot.settings import Settings
from bot.store import Store
from cogs import add_cogs
from tests.cli.scripted import Scripted

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BOTH = README + CONTRIBUTING
HOME = ("data_dir", "model_dir")


def section(title: str) -> str:
    """What stands under a heading, up to the next one as high; what is fenced there is no heading."""
    masked = re.sub(r"(?ms)^```.*?^```", lambda block: block[0].replace("#", "_"), README)
    found = re.search(rf"(?ms)^(#+) {re.escape(title)}$(.*?)(?=^\1 |\Z)", masked)
    assert found is not None, title
    return README[found.start(2) : found.end(2)]


def row(text: str, first: str) -> list[str]:
    """The cells of the table row whose first cell names `first`; fails where there is none."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    found = [[cell.strip() for cell in cells] for cells in rows if f"`{first}`" in cells[0]]
    assert len(found) == 1, f"{first} has {len(found)} rows"
    return found[0]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_configuration_table_names_every_setting_with_its_default(name: str) -> None:
    _, default, meaning = row(section("Configuration"), f"LAWSPEAKER_{name.upper()}")
    assert meaning
    field = Settings.model_fields[name]
    if name in HOME:
        assert "lawspeaker" in default
    elif field.default is not None:
        assert default == f"`{field.default}`"


def test_the_configuration_table_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"^\| `LAWSPEAKER_(\w+)`", section("Configuration"), re.M))
    assert named == {name.upper() for name in Settings.model_fields}


def shell_commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, with its full name."""
    if children := getattr(command, "commands", None):
        for child in children.values():
            yield from shell_commands(child, f"{name} {child.name}")
    else:
        yield name, command


COMMANDS = dict(shell_commands(typer.main.get_command(app), "lawspeaker"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_table_names_every_command_of_the_shell(name: str) -> None:
    assert f"`{name}`" in section("Commands")


def test_every_command_of_the_shell_that_is_named_exists_and_so_do_its_options() -> None:
    calls = re.findall(r"(?m)(?:^|/)(lawspeaker [a-z][^#\n]*)$", code_blocks(BOTH))
    calls += re.findall(r"`(?:\.venv/bin/)?(lawspeaker [a-z][^`]*)`", BOTH)
    assert len(calls) > 30
    for call in calls:
        words = call.split()
        name = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in COMMANDS), None)
        group = any(one.startswith(" ".join(words[:2]) + " ") for one in COMMANDS)
        assert name or (group and len(words) == 2), call
        if name:
            known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known | {"--help"}, call


@cache
def slash_commands() -> frozenset[str]:
    """The full names of all slash commands that the bot registers."""
    return asyncio.run(_registered())


async def _registered() -> frozenset[str]:
    async def nothing() -> None: ...

    store, judge, client = Store("sqlite+aiosqlite://"), Scripted(), LawspeakerClient(nothing)
    pipeline = Pipeline(client, store, judge)
    await add_cogs(client, store, judge, pipeline.intake, pipeline.reviews, pipeline.reporting)
    found = [one for one in client.tree.walk_commands() if isinstance(one, app_commands.Command)]
    await store.close()
    return frozenset(one.qualified_name for one in found)


def test_the_commands_table_names_the_slash_commands_there_are_and_no_other() -> None:
    table = [line.split("|")[1] for line in section("Commands").splitlines() if line.startswith("| `/")]
    assert {name for cell in table for name in re.findall(r"`/([a-z ]+)`", cell)} == slash_commands()


def test_slash_commands_named_elsewhere_exist() -> None:
    text = re.sub(r"(?s)^```.*?^```", "", README, flags=re.M)
    named = re.findall(
        r"`/((?:policy|watch|mode|why|case|settings|setup|exempt|privacy|stats|health|queue|access)\b[a-z ]*)", text
    )
    known = slash_commands()
    assert len(named) > 10
    assert [one for one in named if not any(one.strip() == k or one.startswith(f"{k} ") for k in known)] == []


def test_the_invitation_asks_for_the_permissions_that_are_listed() -> None:
    listed = re.findall(r"(?m)^   \| ([A-Z][^|]+?) \|", section("1. Create the bot on Discord"))
    words = [word.split(" (")[0] for cell in listed for word in cell.split(", ")]
    # Discord's app calls it View Channels, its interface VIEW_CHANNEL.
    flags = {word.lower().replace(" ", "_").replace("view_channels", "view_channel"): True for word in words}
    wanted = discord.Permissions(**flags)
    assert f"permissions={wanted.value}\n" in README
    wanted.update(kick_members=False, ban_members=False)
    assert f"`{wanted.value}`" in README


def test_the_example_policy_is_read_as_it_is_meant() -> None:
    example = re.search(r"(?s)```markdown\n(.*?)```", README)
    assert example is not None
    policy = parse_policy(example[1])
    assert [rule.key for rule in policy.rules] == ["1", "2", "3", "4"]
    assert len(policy.examples) == 2
    assert [one for one in lint(policy) if one.severity is Severity.WARNING] == []


def test_numbers_that_are_named_are_those_of_the_program() -> None:
    policy, kept = section("The policy"), section("How it works")
    defaults = GuildSettings(0)
    assert f"{MAX_POLICY_CHARACTERS:,} characters and {MAX_RULES} rules" in policy
    assert f"probability of {ACT_AT} or more. From {REVIEW_AT:.2f}" in policy
    assert f"after {defaults.keep_case_days} days" in kept
    assert f"after {defaults.keep_allowed_days};" in kept
    assert f"after {defaults.brake_actions} deletions" in kept
    assert defaults.brake_seconds == 60
    assert f"last {defaults.backfill_minutes} minutes\nunless" in kept
    assert f"{MOST_BACKFILL_MINUTES:,} at most" in kept
    assert f"{MOST_MESSAGES} messages a channel" in section("Limits")


def test_every_pack_is_named_and_has_as_many_labelled_messages_as_is_said() -> None:
    packs = sorted(path.parent for path in (ROOT / "policies").glob("*/policy.md"))
    named = re.findall(r"`(\w+)`", section("Packs").split("Each comes")[0])
    assert sorted(named) == [pack.name for pack in packs]
    fewest = min(len((pack / "examples.jsonl").read_text("utf-8").splitlines()) for pack in packs)
    said = re.search(r"at least (\d+) labelled", section("Packs"))
    assert said is not None
    assert int(said[1]) <= fewest


def test_every_action_and_every_model_of_the_catalogue_is_named() -> None:
    assert {kind for kind in ActionKind if f"`{kind}" not in section("The policy")} == set()
    for spec in load_catalogue().values():
        assert spec.licence in row(section("Models"), spec.name)[1]


def code_blocks(text: str) -> str:
    """The contents of all fenced blocks that are for the shell."""
    return "\n".join(re.findall(r"(?ms)^```sh\n(.*?)^```", text))


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)`", BOTH)) | set(re.findall(r"(?m)^make ([a-z]+)", code_blocks(BOTH)))
    assert {"demo", "test"} <= named
    assert [one for one in named if not re.search(rf"(?m)^{one}:", makefile)] == []


def test_links_lead_to_files_and_headings_that_are_there() -> None:
    for file in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / file).read_text("utf-8")
        headings = {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in _headings(text)}
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
            path, _, anchor = link.partition("#")
            assert not path or (ROOT / path).exists(), link
            assert path or anchor in headings, link


def _headings(text: str) -> list[str]:
    return re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^```.*?^```", "", text))
