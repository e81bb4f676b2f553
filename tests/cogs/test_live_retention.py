"""`/privacy retention`: for how long a server has members' words kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.guild import GuildSettings
from bot.sandbox.answer import MemberError
from tests.cogs.live import hand, nothing_changes, opened_to_all
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene
from tests.store.chained import findings, tamper

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_shows_what_holds(scene: Scene) -> None:
    manager, defaults = await hand(scene, scene.manager), GuildSettings(0)
    async with nothing_changes(scene):
        answer = await manager.slash("privacy retention")
    assert answer.content == (
        f"Kept are the words of messages that became cases for {defaults.keep_case_days} days, those of allowed "
        f"messages for {defaults.keep_allowed_days} days; decisions stay."
    )


async def test_it_sets_either_or_both_and_leaves_the_rest(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    answer = await manager.slash("privacy retention", cases=90)
    assert "cases for 90 days" in answer.content
    settings = await scene.store.guilds.get(scene.guild.id)
    assert (settings.keep_case_days, settings.keep_allowed_days) == (90, GuildSettings(0).keep_allowed_days)
    assert "for 1 day, those" in (await manager.slash("privacy retention", cases=1, allowed=0)).content
    settings = await scene.store.guilds.get(scene.guild.id)
    assert (settings.keep_case_days, settings.keep_allowed_days) == (1, 0)


async def test_it_is_on_record_and_in_the_chain_who_changed_what(scene: Scene) -> None:
    store = scene.store
    await (await hand(scene, scene.manager)).slash("privacy retention", cases=90, allowed=2)
    defaults = GuildSettings(0)
    made = [
        (one.author_id, one.what, one.before, one.after) for one in (await store.audit.settings(scene.guild.id))[:2]
    ]
    assert sorted(made) == [
        (scene.manager.id, "keep_allowed_days", defaults.keep_allowed_days, 2),
        (scene.manager.id, "keep_case_days", defaults.keep_case_days, 90),
    ]
    mine = f"guild_id = {scene.guild.id} AND what = 'keep_case_days'"
    assert await findings(store) == []
    await tamper(store, f"UPDATE setting_changes SET author_id = 1 WHERE {mine}")
    assert len(await findings(store)) == 1
    await tamper(store, f"UPDATE setting_changes SET author_id = {scene.manager.id} WHERE {mine}")


async def test_what_is_set_holds_for_what_is_kept_already(scene: Scene) -> None:
    message = scene.post("ordinary words")
    await scene.settled(message)
    later = datetime.now(UTC) + timedelta(hours=30)

    async def text() -> str:
        await scene.store.retention.clear(later)
        judgement = await scene.store.journal.judgement(scene.guild.id, message.id)
        assert judgement is not None
        return judgement.submission.text

    assert await text() == "ordinary words"
    await (await hand(scene, scene.manager)).slash("privacy retention", allowed=1)
    assert await text() == ""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cases": 0}, "The words of cases can be kept for 1 to 365 days, not 0: nothing was changed."),
        ({"cases": 366}, "The words of cases can be kept for 1 to 365 days, not 366: nothing was changed."),
        ({"allowed": -1}, "The words of allowed messages can be kept for 0 to 90 days, not -1: nothing was changed."),
        (
            {"cases": 10, "allowed": 2**53},
            f"The words of allowed messages can be kept for 0 to 90 days, not {2**53}: nothing was changed.",
        ),
    ],
)
async def test_what_is_out_of_bounds_gets_a_sentence_and_changes_nothing(
    scene: Scene, options: dict[str, int], sentence: str
) -> None:
    manager = await hand(scene, scene.manager)
    async with nothing_changes(scene):
        assert (await manager.slash("privacy retention", **options)).content == sentence


async def test_it_needs_manage_server_whatever_discords_own_settings_say(scene: Scene) -> None:
    moderator = await hand(scene, scene.moderator)
    with pytest.raises(MemberError, match="50013"):
        await moderator.slash("privacy retention", cases=5)
    with opened_to_all(scene):
        async with nothing_changes(scene):
            answer = await moderator.slash("privacy retention", cases=5)
    assert answer.content == "This needs the permission Manage Server."
