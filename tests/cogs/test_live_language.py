"""A server is spoken to in its own language: the one it set, else that of its locale in Discord."""

from __future__ import annotations

import pytest

from bot.domain.setting_fields import FIELDS
from bot.domain.warning import DEFAULT_TEMPLATE
from bot.language import catalogue
from bot.sandbox.answer import Answer
from tests.cogs.live import Hand, hand
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, Stage

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFIX = "lawspeaker:settings"
PICK = "Pick a page to change something."
"""Stands on the first page of `/settings`."""
NO_POLICY = "No policy is live, so nothing is judged: write one with `/policy edit` and publish it."
MEANING = FIELDS["language"].meaning


def told(language: str, text: str) -> str:
    """A text in a language that has it, in other words than the English."""
    found = catalogue(language).gettext(text)
    assert found != text, f"not translated: {text}"
    return found


async def messages_page(someone: Hand) -> Answer:
    """`/settings`, opened where the language is set."""
    return await someone.client.select((await someone.slash("settings")).shown, f"{PREFIX}:page", ["messages"])


async def test_a_server_is_spoken_to_in_the_language_of_its_locale(stage: Stage) -> None:
    scene = await stage.scene(policy=None, locale="de")
    manager = await hand(scene, scene.manager)
    assert told("de", PICK) in (await manager.slash("settings")).text
    assert told("de", NO_POLICY) in (await manager.slash("health")).text
    opened = await manager.client.press((await messages_page(manager)).shown, f"{PREFIX}:type:warning_template")
    assert opened.modal is not None
    (typed,) = opened.modal.inputs.values()
    assert typed["value"] == told("de", DEFAULT_TEMPLATE)
    sent = await manager.client.submit(opened.modal, {"0": typed["value"]})
    assert told("de", DEFAULT_TEMPLATE) in sent.text
    assert (await scene.store.guilds.get(scene.guild.id)).warning_template is None, "sent off as it is, it stays so"


async def test_the_language_that_is_set_is_spoken_at_once_and_whatever_the_locale(scene: Scene) -> None:
    owner = await hand(scene, scene.owner)
    page = await messages_page(owner)
    assert MEANING in page.text
    picked = await owner.client.select(page.shown, f"{PREFIX}:pick:language", ["fr"])
    assert (await scene.store.guilds.get(scene.guild.id)).language == "fr"
    assert told("fr", MEANING) in picked.text
    assert told("fr", PICK) in (await owner.slash("settings")).text


async def test_english_is_spoken_where_a_german_server_set_it(stage: Stage) -> None:
    scene = await stage.scene(locale="de")
    owner = await hand(scene, scene.owner)
    await owner.client.select((await messages_page(owner)).shown, f"{PREFIX}:pick:language", ["en"])
    assert PICK in (await owner.slash("settings")).text
