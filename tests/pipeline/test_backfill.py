"""What was posted and edited while the bot was away is judged once when it is back, within the server's reach.

One story with the real client is played for all tests of the file: the bot runs, is away for three hours, comes back,
loses the gateway, and is started once more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import discord
import pytest
import pytest_asyncio

import bot.app
import bot.pipeline.backfill
from bot.domain.decision import Mode
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Channel, Guild, Message, Overwrite
from bot.sandbox.permissions import MODERATOR, READ_MESSAGE_HISTORY
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.store import schema
from tests.addresses import give_back_addresses
from tests.cogs.scripted_stage import ScriptedJudge
from tests.conftest import hold_against
from tests.pipeline.away import JOINED, Lives
from tests.sandbox.openapi import OpenApi

HISTORY = "/channels/{channel_id}/messages"


@dataclass
class Story:
    """The messages of the story by what is to become of them; `lives` holds what did."""

    lives: Lives
    said: dict[str, Message] = field(default_factory=dict)

    def times(self, name: str) -> list[int]:
        """The revisions of a message that were settled: 0 as first posted, else an edit."""
        return [one.submission.revision for one in self.lives.of(self.said[name])]

    def texts(self, name: str) -> list[str]:
        """What was judged of a message."""
        return [one.submission.text for one in self.lives.of(self.said[name])]


async def _server(lives: Lives, name: str, channels: list[str]) -> tuple[Guild, dict[str, Channel]]:
    """A server that the bot has been on for JOINED, with channels that are watched."""
    world, store = lives.server.world, lives.store
    guild = world.add_guild(name, world.add_user(f"owner-of-{name}"))
    world.invite(guild, lives.application)
    made = {one: world.add_channel(guild, one) for one in channels}
    await store.guilds.update(guild.id, mode=Mode.ENFORCE)
    for channel in made.values():
        await store.guilds.watch(guild.id, channel.id)
    draft = await store.policies.save_draft(guild.id, "1. No spam. [flag]", 9)
    await store.policies.publish(guild.id, draft.digest, 9)
    return guild, made


def once_nobody(query: Callable[..., Any]) -> Callable[..., Any]:
    """What the library says of members when a new session begins while it asks: it names nobody."""
    asked: list[discord.Guild] = []

    async def query_members(guild: discord.Guild, **how: Any) -> list[discord.Member]:
        asked.append(guild)
        return [] if len(asked) == 1 else await query(guild, **how)

    return query_members


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None) -> AsyncIterator[Story]:
    exchanges: list[Exchange] = []
    world = World()
    clock = world.clock
    world.clock = lambda: clock() - JOINED
    server = SandboxServer(world, on_exchange=exchanges.append)
    await server.start()
    lives = Lives(server, world.add_application("Lawspeaker"), tmp_path_factory.mktemp("away"))
    await schema.upgrade(lives.store.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.app, "build_judge", lambda *_: ScriptedJudge())
        patch.setattr(bot.pipeline.backfill, "BEAT_SECONDS", 1.0)
        patch.setattr(discord.Guild, "query_members", once_nobody(discord.Guild.query_members))
        give_back_addresses(patch)
        try:
            yield await _play(lives, clock)
            hold_against(description, exchanges)
        finally:
            await lives.end()
            await lives.store.close()
            await server.stop()


async def _play(lives: Lives, clock: Callable[[], datetime]) -> Story:
    story, server, store = Story(lives), lives.server, lives.store
    world, said, bot_user = server.world, story.said, lives.application.bot
    guild, places = await _server(lives, "mine", ["broken", "general", "quiet", "closed"])
    new, news = await _server(lives, "new", ["general"])
    other, others = await _server(lives, "other", ["general"])
    unwatched = world.add_channel(guild, "unwatched")
    general = places["general"]
    places["closed"].overwrites[bot_user.id] = Overwrite(bot_user.id, 1, deny=READ_MESSAGE_HISTORY)
    moderators = world.add_role(guild, "Moderators", MODERATOR)
    ana, ben, moderator = (world.add_user(name) for name in ("ana", "ben", "mo"))
    for user in (ana, ben):
        world.join(guild, user)
    world.join(guild, moderator, [moderators])
    world.join(other, ana)
    await store.guilds.update(other.id, backfill_minutes=0)
    world.join(new, ana)
    world.clock = clock

    said["before the first start"] = server.post(ana, news["general"], "from before the first start")
    await lives.begin()
    await lives.heard(new)
    said["heard"] = server.post(ana, general, "heard as it was said")
    said["edited meanwhile"] = server.post(ana, general, "as first posted")
    for name in ("heard", "edited meanwhile"):
        await lives.judged(said[name])
    thread = server.places.open_thread(general, ana, {"name": "a-thread", "type": 11})
    await lives.end()

    # Away for three hours; the reach is one.
    for one in (guild, other):
        await lives.gone_long(one)
    said["beyond the reach"] = lives.post(ana, general, "two hours ago", 120)
    said["first"] = lives.post(ana, general, "fifty minutes ago", 50)
    said["second"] = lives.post(ben, general, "forty minutes ago", 40)
    said["a moderator's"] = lives.post(moderator, general, "a moderator's", 35)
    said["third"] = lives.post(ana, general, "thirty minutes ago", 30)
    said["by one who left"] = lives.post(ben, places["quiet"], "and gone", 30)
    server.moderation.leave(guild, ben)
    said["in a thread"] = lives.post(ana, thread, "in a thread", 20)
    said["not to be read"] = lives.post(ana, places["closed"], "not to be read", 20)
    said["at an error"] = lives.post(ana, places["broken"], "at an error", 20)
    said["before it was watched"] = lives.post(ana, unwatched, "before it was watched", 10)
    said["with no reach"] = lives.post(ana, others["general"], "with no reach", 10)
    server.posting.edit(said["edited meanwhile"], {"content": "as edited"})
    await store.guilds.watch(guild.id, unwatched.id)
    server.fail("GET", HISTORY, 400)

    await lives.begin()
    for name in ("first", "second", "third", "by one who left", "in a thread"):
        await lives.judged(said[name])
    await lives.judged(said["edited meanwhile"], 2)
    await lives.judged(said["at an error"])

    # The gateway is lost, and a RESUME refused.
    identifies = server.gateway.identifies
    server.gateway.lose(bot_user)
    said["while the gateway was gone"] = server.post(ana, general, "while the gateway was gone")
    server.posting.edit(said["third"], {"content": "edited while the gateway was gone"})
    await lives.judged(said["while the gateway was gone"])
    await lives.heard(guild)
    assert server.gateway.identifies > identifies
    await lives.end()

    # Twice more, with nothing said meanwhile.
    for _ in range(2):
        await lives.begin()
        await lives.heard(guild)
        await lives.end()
    return story


@pytest.mark.parametrize("name", ["first", "second", "in a thread", "heard"])
async def test_what_was_posted_while_the_bot_was_down_is_judged_once(story: Story, name: str) -> None:
    assert story.times(name) == [0]


async def test_the_oldest_comes_first(story: Story) -> None:
    (first, second, third, *_) = (story.lives.of(story.said[name])[0] for name in ("first", "second", "third"))
    assert first.journal_id < second.journal_id < third.journal_id
    assert [one.text for one in third.submission.context][-3:] == [
        "fifty minutes ago",
        "forty minutes ago",
        "a moderator's",
    ]


async def test_it_takes_turns_with_what_is_said_now(story: Story) -> None:
    assert {name for name in story.said if any(one.submission.missed for one in story.lives.of(story.said[name]))} == {
        "first",
        "second",
        "third",
        "by one who left",
        "in a thread",
        "at an error",
        "edited meanwhile",
        "while the gateway was gone",
    }


async def test_what_was_posted_while_the_gateway_was_gone_and_a_resume_refused_is_judged_once(story: Story) -> None:
    assert story.times("while the gateway was gone") == [0]


async def test_what_was_edited_meanwhile_is_judged_as_an_edit(story: Story) -> None:
    assert story.texts("edited meanwhile") == ["as first posted", "as edited"]
    assert story.texts("third") == ["thirty minutes ago", "edited while the gateway was gone"]


@pytest.mark.parametrize(
    "name",
    [
        "before the first start",
        "beyond the reach",
        "with no reach",
        "before it was watched",
        "not to be read",
        "a moderator's",
    ],
)
async def test_it_leaves_alone(story: Story, name: str) -> None:
    assert story.times(name) == []


async def test_what_was_said_in_a_channel_that_was_quiet_before_by_one_who_left_is_judged(story: Story) -> None:
    assert story.times("by one who left") == [0]


async def test_an_error_of_discords_ends_one_channels_fill_which_is_tried_again(story: Story) -> None:
    assert story.times("at an error") == [0]
