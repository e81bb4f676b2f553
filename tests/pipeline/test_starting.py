"""The bot starts, and judges, whatever Discord makes of what an earlier life left to be done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

import bot.app
from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.domain.records import ActionOutcome, ReviewKind
from bot.sandbox.permissions import MODERATOR
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.store import StoreError, schema
from bot.store.seal import WITHOUT_ITS_KEY
from bot.store.sealing import Sealing
from tests.addresses import give_back_addresses
from tests.cogs.scripted_stage import ScriptedJudge
from tests.pipeline.away import Lives
from tests.stage import until

MEMBER = ("GET", "/guilds/{guild_id}/members/{user_id}")
LONG = timedelta(hours=1).total_seconds()


@pytest.fixture
def own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's addresses are the process's: other tests find theirs again."""
    monkeypatch.setattr(bot.app, "build_judge", lambda *_: ScriptedJudge())
    give_back_addresses(monkeypatch)


@pytest.mark.usefixtures("own_addresses")
async def test_the_database_is_searched_for_words_without_their_key_while_the_model_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, so that with many messages a start would else wait for it."""
    is_loading, ended = asyncio.Event(), asyncio.Event()

    async def load(_: ScriptedJudge) -> None:
        is_loading.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def search(_: Sealing) -> None:
        await is_loading.wait()
        raise StoreError(WITHOUT_ITS_KEY)

    monkeypatch.setattr(ScriptedJudge, "start", load)
    monkeypatch.setattr(Sealing, "check", search)
    server = SandboxServer()
    application = server.world.add_application("Lawspeaker", owner=server.world.add_user("maker"))
    await server.start()
    lives = Lives(server, application, tmp_path)
    try:
        async with asyncio.timeout(10):
            with pytest.raises(StoreError, match="sealed with a key which is not there"):
                await lives.begin()
        assert ended.is_set()
    finally:
        await lives.end()
        await lives.store.close()
        await server.stop()


@pytest.mark.usefixtures("own_addresses")
async def test_a_discord_that_does_not_answer_for_an_undoing_keeps_the_bot_from_nothing(tmp_path: Path) -> None:
    world = World()
    application = world.add_application("Lawspeaker", owner=world.add_user("maker"))
    server = SandboxServer(world)
    await server.start()
    lives = Lives(server, application, tmp_path)
    await schema.upgrade(lives.store.url)
    owner, member = world.add_user("owner"), world.add_user("a-member")
    guild = world.add_guild("A server", owner)
    world.join(guild, member)
    world.join(guild, world.add_user("a-moderator"), [world.add_role(guild, "Moderators", MODERATOR)])
    general = world.add_channel(guild, "general")
    world.invite(guild, application)
    store = lives.store
    await store.guilds.update(
        guild.id, mode=Mode.ENFORCE, thresholds=ThresholdTable(Thresholds(0.0, 0.0)), brake_actions=100
    )
    await store.guilds.watch(guild.id, general.id)
    draft = await store.policies.save_draft(guild.id, "1. No threats. [timeout 1h]", owner.id)
    await store.policies.publish(guild.id, draft.digest, owner.id)
    try:
        await lives.begin()
        first = server.post(member, general, "a threat")
        await lives.judged(first)
        await lives.end()
        (case,) = await store.cases.list(guild.id)
        await store.reviews.answer(guild.id, case.number, ReviewKind.OVERTURN, owner.id)
        server.fail(*MEMBER, 500, delay=LONG)
        async with asyncio.timeout(60):
            await lives.begin()
        await store.guilds.update(guild.id, thresholds=ThresholdTable(Thresholds(1.0, 1.0)))
        later = server.post(member, general, "a later message")
        await lives.judged(later)
        assert await store.reviews.not_undone() == [case.journal_id]
        await lives.end()
        server.faults.clear()
        await lives.begin()

        async def is_undone() -> bool:
            (record,) = (await store.cases.list(guild.id))[-1].actions
            return record.undoing is not None and record.undoing.outcome is ActionOutcome.DONE

        await until(is_undone)
        assert guild.members[member.id].timed_out_until is None
    finally:
        await lives.end()
        await store.close()
        await server.stop()
