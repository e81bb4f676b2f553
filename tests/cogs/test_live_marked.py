"""No server's policy, text, example or case ever shows in another's.

Two servers whose every word is marked use everything at once. All that the bot sent to either, all that its judge was
asked in one go, its figures and its log hold no mark of the other; nor does what the judge's process keeps on disk.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.domain.decision import Mode
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage
from bot.judge.models import ModelFile
from bot.judge.supervisor import LocalJudge
from bot.sandbox import serialise
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Guild, Message
from bot.settings import load_settings
from tests.cogs.cases.desk import press, shown
from tests.cogs.live import hand
from tests.cogs.logged import logged
from tests.cogs.scripted_stage import running_stage
from tests.stage import ALWAYS, Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKS = ("brixham", "quorndon")
IN_BOTH = "come to my shop, all of you"


def policy(mark: str) -> str:
    """A policy with its server's mark in all of its parts."""
    return f"""# The {mark} house
A server about {mark}.

## Rules
1. No {mark} spam. [delete, warn]
2. No {mark} advertising. [flag]

## Fine
- Questions about {mark}.

## Examples
- "buy my {mark} now" breaks 1
- "is {mark} open today" is fine
"""


@dataclass(slots=True)
class Marked:
    """One of the two servers."""

    scene: Scene
    mark: str

    @property
    def others(self) -> str:
        """The mark that must not show here."""
        return next(mark for mark in MARKS if mark != self.mark)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, at the lowest level."""
    with logged("json") as stream:
        yield stream


@pytest.fixture
def asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that the judge is asked, each question with all that goes with it."""
    questions: list[str] = []

    def noting(ask: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            questions.append(repr(given))
            return ask(*given)

        return noted

    judge = stage.trial.app.judge
    for name in ("prepare", "classify", "explain"):
        monkeypatch.setattr(judge, name, noting(getattr(judge, name)))
    return questions


async def opened(stage: Stage) -> list[Marked]:
    """Two servers under policies of their own; every message breaks the first rule."""
    servers = []
    for mark in MARKS:
        scene = await stage.scene(policy(mark), Mode.ENFORCE)
        scene.guild.name = f"The {mark} server"
        scene.server.hub.tell_guild(scene.guild, "GUILD_UPDATE", serialise.guild(scene.guild))
        await scene.store.guilds.update(
            scene.guild.id, warning_template=f"{mark} warns: {{rule_text}} {{case}} {{what}} {{server}} {{rule}}"
        )
        await scene.break_rule("1", ALWAYS)
        servers.append(Marked(scene, mark))
    return servers


async def talk(servers: list[Marked]) -> None:
    """Members of both write at once, some of them the same words, and each after what was said before on theirs."""
    posts: list[tuple[Scene, Message]] = []
    for number in range(3):
        for one in servers:
            author = one.scene.server.world.add_user(f"{one.mark}-member-{number}")
            one.scene.server.moderation.join(one.scene.guild, author)
            for words in (f"buy my {one.mark}, number {number}", f"{IN_BOTH} {number}"):
                posts.append((one.scene, one.scene.post(words, author)))
    cases = await asyncio.gather(*(scene.case(message) for scene, message in posts))
    for (scene, _), case in zip(posts, cases, strict=True):
        live = await scene.store.policies.live(scene.guild.id)
        assert live is not None
        assert case.verdict is not None
        assert case.verdict.policy_digest == live.digest


async def moderate(one: Marked) -> None:
    """A moderator looks at everything, answers, teaches and publishes; an author appeals."""
    scene, mark = one.scene, one.mark
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    first, second, third, *_ = reversed(await scene.store.cases.list(scene.guild.id))
    answer = await press(moderator, first, "Confirm")
    assert "Learn from this" in answer.buttons
    await moderator.press(answer, "Learn from this")
    await press(moderator, second, "Overturn")
    await press(moderator, third, "More")
    await moderator.slash("case note", number=third.number, text=f"{mark} noted")
    for path in ("case list", "case export", "queue", "stats", "health", "policy show", "policy history"):
        await moderator.slash(path)
    await moderator.slash("why", message=str(third.submission.message_id))
    await moderator.slash("policy test", text=f"{mark} in the shop")
    await moderator.slash("policy learned")
    await moderator.menu("Check against policy", scene.post(f"look, {mark}", author=scene.owner))
    await moderator.edit(policy(mark).replace("No", "Never any"))
    await moderator.slash("policy publish", reason=f"{mark} grew")
    await manager.slash("settings")
    await manager.slash("setup")
    await manager.slash("privacy export", user_id=str(third.submission.author_id))
    author = await hand(scene, scene.server.world.user(third.submission.author_id))
    direct = await author.client.dm_channel(scene.bot.id)
    appealed = f"lawspeaker:appeal:{scene.guild.id}:{third.number}"
    (told,) = [one for one in await author.client.messages(direct["id"]) if appealed in json.dumps(one)]
    pressed = await author.client.press(told, "Appeal")
    assert pressed.modal is not None
    await author.client.submit(pressed.modal, {"text": f"my {mark} was fine"})
    await moderator.slash("case answer", number=third.number, text=f"no {mark} today")
    await shown(moderator, third)


def place_of(stage: Stage, servers: list[Marked], exchange: Exchange) -> Marked | None:
    """The server a request went to, by the ids and tokens that it names; None where it went to neither."""
    named = exchange.path.split("/")
    if isinstance(exchange.request_body, dict) and "recipient_id" in exchange.request_body:
        named.append(str(exchange.request_body["recipient_id"]))
    return next((one for one in servers if any(is_of(stage, one.scene.guild, name) for name in named)), None)


def is_of(stage: Stage, guild: Guild, name: str) -> bool:
    """Whether an id or an interaction's token is a server's: its own, a channel's, or of one who is in no other."""
    server, bot = stage.trial.server, stage.trial.application.bot
    held = server.interactions._by_token.get(name)
    if held is None and not name.isdecimal():
        return False
    channel = held.channel if held is not None else server.world.channels.get(int(name))
    people = set(guild.members) - {bot.id}
    if channel is None:
        return int(name) == guild.id or int(name) in people
    return channel.guild is guild or not people.isdisjoint(user.id for user in channel.recipients)


async def test_two_servers_see_nothing_of_each_other(stage: Stage, log: io.StringIO, asked: list[str]) -> None:
    servers = await opened(stage)
    await talk(servers)
    await asyncio.gather(*(moderate(one) for one in servers))

    by_server = {one.mark: 0 for one in servers}
    for exchange in [one for one in stage.exchanges if one.by_bot]:
        words = json.dumps([exchange.path, exchange.query, exchange.request_body, exchange.response_body])
        marks = {mark for mark in MARKS if mark in words}
        place = place_of(stage, servers, exchange)
        assert marks <= ({place.mark} if place is not None else set()), (exchange.method, exchange.path)
        if marks and place is not None:
            by_server[place.mark] += 1
    assert min(by_server.values()) > 30, "what was looked for is there to be found"

    of_both = []
    for path, file in stage.trial.server.world.files.items():
        words = file.content.decode(errors="replace")
        channel = stage.trial.server.world.channel(int(path.split("/")[1]))
        for one in servers:
            if channel.guild is one.scene.guild:
                assert one.others not in words, file.filename
                of_both += [one.mark] if one.mark in words else []
    assert set(of_both) == set(MARKS)

    named = [{mark for mark in MARKS if mark in question} for question in asked]
    assert len([marks for marks in named if marks]) > 20
    assert max(map(len, named)) == 1

    port = stage.trial.app.web.port
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        figures = await answer.text()
    assert "lawspeaker" in figures
    for words in (figures, log.getvalue()):
        assert not [mark for mark in MARKS if mark in words]
    assert stage.trial.application.token not in log.getvalue()


@pytest.mark.model
async def test_a_judges_process_is_told_of_one_server_at_a_time_and_keeps_no_word_of_any(
    tiny: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    write = asyncio.StreamWriter.write

    def noted(writer: asyncio.StreamWriter, data: bytes) -> None:
        lines.extend(data.decode().splitlines())
        write(writer, data)

    monkeypatch.setattr(asyncio.StreamWriter, "write", noted)
    begun, kept = time.time(), load_settings().kept_prefixes
    judge = LocalJudge(tiny, kept, threads=1)
    policies = {mark: parse_policy(f"1. No {mark} spam. [delete]\n") for mark in MARKS}
    await judge.start()
    try:
        asking = [
            judge.classify(policies[mark], text, text, (ContextMessage(f"{mark}-member", f"more {mark}"),))
            for mark in MARKS
            for text in (f"buy my {mark}", IN_BOTH)
        ]
        verdicts = await asyncio.gather(*asking)
        why = await asyncio.gather(*(judge.explain(policies[mark], f"buy my {mark}", "1") for mark in MARKS))
    finally:
        await judge.stop()
    assert [one.policy_digest for one in verdicts] == [policies[mark].digest for mark in MARKS for _ in range(2)]
    for mark, one in zip(MARKS, why, strict=True):
        others = next(other for other in MARKS if other != mark)
        assert others not in one.rationale + one.quote
    assert len(lines) >= len(verdicts) + len(why)
    assert [sum(mark in line for mark in MARKS) for line in lines] == [1] * len(lines)
    for file in kept.iterdir():
        if file.stat().st_mtime >= begun - 1:
            held = file.read_bytes()
            assert not [mark for mark in MARKS if mark.encode() in held], file.name
