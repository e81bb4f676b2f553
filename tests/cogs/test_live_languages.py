"""Every command, menu and control answers in the server's language, within what Discord takes of each text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.discord_io.speaking import CatalogueTranslator
from bot.language import speaking, tr
from cogs.errors import OURS
from tests.cogs.live import hand
from tests.cogs.scripted_stage import running_stage
from tests.cogs.test_live_every_command import client_of, presses, uses
from tests.stage import ASK, Scene, Stage
from tests.test_texts import extracted

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

LOCALES = {"de": "de", "fr": "fr", "es": "es-ES", "en": "en-US"}
"""Locales of servers, by the language that is then spoken."""
DESCRIPTION, MENU_NAME, CHOICE, WHOLE_COMMAND = 100, 32, 100, 8_000
"""Characters that Discord takes of each; of a whole command in the longest of its languages."""
NONE_GIVEN = "…"
"""What the library sends for a description that nobody wrote."""


async def with_a_case(stage: Stage, locale: str) -> Scene:
    """A server with this locale, and a case that waits for an answer."""
    scene = await stage.scene(locale=locale)
    await scene.break_rule("1", ASK)
    await scene.case(scene.post("words"))
    return scene


def refused_of_the_bot(stage: Stage) -> list[str]:
    """What Discord refused of all that the bot sent because of its form."""
    return [f"{one.method} {one.path}: {one.response_body}" for one in stage.exchanges if one.status == 400]


@pytest.mark.parametrize("language", LOCALES)
async def test_everything_is_answered_in_every_language_and_discord_takes_it(stage: Stage, language: str) -> None:
    scene = await with_a_case(stage, LOCALES[language])
    manager = await hand(scene, scene.manager)
    stage.exchanges.clear()
    got = await presses(scene, manager) | await uses(scene, manager)
    assert refused_of_the_bot(stage) == []
    with speaking(language):
        own_fault = tr(OURS)
    failed = [name for name, (_, one) in got.items() if one.failure or (one.message and one.content == own_fault)]
    assert failed == []


@pytest.mark.parametrize("language", LOCALES)
async def test_the_editor_opens_in_every_language_and_its_text_becomes_a_draft(stage: Stage, language: str) -> None:
    scene = await stage.scene(locale=LOCALES[language])
    manager = await hand(scene, scene.manager)
    stage.exchanges.clear()
    editor = await manager.editor()
    kept = await manager.submit(editor, "1. No spam. [delete]")
    page = await manager.client.select((await manager.slash("settings")).shown, "lawspeaker:settings:page", ["brake"])
    typing = await manager.client.press(page.shown, "lawspeaker:settings:type:brake_actions")
    assert refused_of_the_bot(stage) == []
    assert editor.modal is not None
    assert typing.modal is not None
    with speaking(language):
        assert editor.modal.title == tr("Edit the policy")
        assert kept.content == tr("The draft is kept; nothing changes for members until it is published.")


@pytest.mark.parametrize("language", LOCALES)
async def test_a_server_is_answered_in_the_language_of_its_locale(stage: Stage, language: str) -> None:
    scene = await stage.scene(locale=LOCALES[language])
    manager = await hand(scene, scene.manager)
    history, stats = await manager.slash("policy history"), await manager.slash("stats")
    with speaking(language):
        assert tr("Versions of the policy") in history.text
        assert tr("Rule by rule") in stats.text
        assert tr("No case was opened.") in stats.text


async def test_what_a_server_chose_goes_before_its_locale(stage: Stage) -> None:
    scene = await stage.scene(locale="de")
    await scene.store.guilds.update(scene.guild.id, language="fr")
    manager = await hand(scene, scene.manager)
    kept = await manager.edit("1. No spam. [delete]")
    with speaking("fr"):
        assert kept.content == tr("The draft is kept; nothing changes for members until it is published.")


def parts(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A command as Discord is told of it, with all that is in it."""
    yield payload
    for one in [*payload.get("options", ()), *payload.get("choices", ())]:
        yield from parts(one)


def in_each(part: dict[str, Any], key: str) -> dict[str, str]:
    """A text of a part by locale; the English one as Discord's default."""
    return {"default": part.get(key, ""), **(part.get(f"{key}_localizations") or {})}


def longest(payload: dict[str, Any]) -> int:
    """The characters that Discord counts of a command: of each text those of its longest language."""
    texts = [in_each(part, key) for part in parts(payload) for key in ("name", "description")]
    values = [str(part["value"]) for part in parts(payload) if "value" in part]
    return sum(max(map(len, one.values())) for one in texts) + sum(map(len, values))


async def test_descriptions_and_names_fit_in_every_language(scene: Scene) -> None:
    tree = client_of(scene).tree
    too_long = []
    for command in tree.get_commands():
        payload = await command.get_translated_payload(tree, CatalogueTranslator())
        is_menu = isinstance(command, app_commands.ContextMenu)
        for part in parts(payload):
            bounds = [("description", DESCRIPTION), ("name", MENU_NAME if is_menu else CHOICE)]
            too_long += [
                (locale, text)
                for key, most in bounds
                for locale, text in in_each(part, key).items()
                if len(text) > most
            ]
        assert longest(payload) <= WHOLE_COMMAND, command.name
    assert too_long == []


async def test_what_discord_shows_of_commands_is_in_the_catalogues(scene: Scene) -> None:
    tree = client_of(scene).tree
    shown: set[str] = set()
    for command in tree.get_commands():
        payload = command.to_dict(tree)
        shown |= {part["description"] for part in parts(payload) if part.get("description")}
        shown |= {part["name"] for part in parts(payload) if " " in part["name"] and "value" in part}
        shown |= {command.name} if isinstance(command, app_commands.ContextMenu) else set()
    assert sorted(shown - {NONE_GIVEN} - extracted().keys()) == []


async def test_commands_keep_their_names_in_every_language(scene: Scene) -> None:
    tree = client_of(scene).tree
    for command in tree.get_commands():
        if isinstance(command, app_commands.ContextMenu):
            continue
        payload = await command.get_translated_payload(tree, CatalogueTranslator())
        renamed = [part["name"] for part in parts(payload) if "value" not in part and part.get("name_localizations")]
        assert renamed == []
    assert {str(one) for one in discord.Locale} >= set(LOCALES.values())
