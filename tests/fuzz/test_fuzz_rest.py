"""What Discord answers to requests: whatever it is, each request ends, and few are made.

What is raised over an answer that makes no sense is caught where cases are worked on and histories are read, and tried
again later. A command says that it went wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import discord
import pytest

from bot.discord_io.embeds import case_embed
from bot.discord_io.places import channel_of
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord
from bot.pipeline import sending
from bot.pipeline.actions import PERFORMERS
from bot.pipeline.backfill import _history
from bot.pipeline.intake import revision_of
from bot.pipeline.scene import Scene
from bot.pipeline.text import text_of
from bot.sandbox import serialise
from bot.sandbox.model import AuditEntry
from cogs.members import find_person
from tests.fuzz.gateway import copied
from tests.fuzz.inputs import tried
from tests.fuzz.pressing import Gone, Pressing, pressed
from tests.odd import broken

MOST_REQUESTS = 8
UNKNOWN = 2**60
Deed = Callable[[], Awaitable[object]]


class Answers:
    """Discord, which answers what it should, mostly with something in it that does not belong there."""

    def __init__(self, pressing: Pressing) -> None:
        """What it would answer if it were in order, by the method and the end of the path."""
        message, owner = serialise.message(pressing.message), serialise.user(pressing.member)
        member = serialise.member(pressing.guild.members[pressing.member.id])
        entry = AuditEntry(UNKNOWN, 22, pressing.application.bot.id, pressing.member.id, "Lawspeaker: case 1", [])
        timeout = {"key": "communication_disabled_until", "new_value": "2026-01-31T00:00:00+00:00"}
        entries = [serialise.audit_entry(one) for one in (entry, replace(entry, action=24, changes=[timeout]))]
        log = {"audit_log_entries": entries, "users": [owner], "integrations": [], "webhooks": [], "threads": []}
        log |= {"guild_scheduled_events": [], "application_commands": [], "auto_moderation_rules": []}
        others = [{**message, "id": str(int(message["id"]) - n), "author": owner} for n in range(1, 4)]
        self.right: dict[tuple[str, str], Any] = {
            ("GET", "messages"): [message, *others],
            ("GET", "{message_id}"): message,
            ("POST", "messages"): message,
            ("PATCH", "{message_id}"): message,
            ("GET", "{member_id}"): member,
            ("PATCH", "{user_id}"): member,
            ("GET", "{user_id}"): {"reason": None, "user": owner},
            ("GET", "audit-logs"): log,
            ("GET", "{channel_id}"): serialise.channel(pressing.general),
            ("POST", "channels"): {"id": "77", "type": 1, "recipients": [owner], "last_message_id": None},
        }
        self.random = Random(0)
        self.asked = 0

    async def request(self, route: Any, **_: Any) -> Any:
        """The answer to a request; there is no end to who asks for more than MOST_REQUESTS."""
        self.asked += 1
        assert self.asked <= MOST_REQUESTS, route.path
        right = self.right.get((route.method, route.path.rsplit("/", 1)[1]))
        if right is None or self.random.random() < 0.1:
            return None
        if self.random.random() < 0.1:
            raise discord.NotFound(Gone(), {"code": 0, "message": ""})  # type: ignore[arg-type]
        return copied(broken(right, self.random) if self.random.random() < 0.8 else right)


@pytest.fixture(scope="module")
def pressing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressing]:
    with pressed(tmp_path_factory.mktemp("rest")) as made:
        yield made


@pytest.fixture(scope="module")
def answers(pressing: Pressing) -> Iterator[Answers]:
    answers = Answers(pressing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pressing.client.http, "request", answers.request)
        patch.setattr(sending, "AGAIN_SECONDS", 0.0)
        yield answers


@pytest.fixture(scope="module")
def deeds(pressing: Pressing) -> dict[str, Deed]:
    """All kinds of requests whose answers are read."""
    client, now = pressing.client, datetime.now(UTC)
    guild = client.get_guild(pressing.guild.id)
    assert guild is not None
    channel = guild.get_channel(pressing.general.id)
    assert isinstance(channel, discord.TextChannel)
    case = pressing.runner.run(pressing.store.cases.get(guild.id, 1))
    assert case is not None
    scene = Scene(client, guild, case, "No insults.", removed=True, help_lines="a line")
    deeds: dict[str, Deed] = {}

    def record(kind: ActionKind) -> ActionRecord:
        until = now + timedelta(hours=1)
        return ActionRecord(1, Action(kind), ActionOutcome.ATTEMPTED, until=until, nonce="1", attempted_at=now)

    for kind, performer in PERFORMERS.items():
        deeds[f"look for {kind}"] = partial(performer.was_done, scene, record(kind))
        deeds[f"do {kind}"] = partial(performer.perform, scene, record(kind))

    async def read_history() -> None:
        for message in await _history(channel, now - timedelta(days=9_999)):
            (message.author.display_name, revision_of(message.edited_at))
            await text_of(message)

    async def post() -> None:
        sent = await channel.send(embed=case_embed(case, "No insults."))
        await sent.edit(embed=case_embed(case, "No insults."))

    async def read_message() -> None:
        await text_of(await channel.fetch_message(1))

    deeds |= {"read a history": read_history, "post a case": post, "read a message": read_message}
    deeds["look for a person"] = lambda: find_person(client, guild, UNKNOWN)
    deeds["look for a channel"] = lambda: channel_of(guild, UNKNOWN)
    return deeds


def test_all_deeds_succeed_where_the_answers_are_right(
    pressing: Pressing, answers: Answers, deeds: dict[str, Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test below would show nothing but that the first answer is refused."""
    monkeypatch.setattr(answers, "random", Orderly())
    for deed in deeds.values():
        answers.asked = 0
        pressing.runner.run(_run(deed))
        assert answers.asked <= MOST_REQUESTS


class Orderly(Random):
    """One by which nothing is broken."""

    def random(self) -> float:
        return 0.9


async def _run(deed: Deed) -> object:
    return await deed()


@tried(short=300, random=lambda random: random)
def test_whatever_discord_answers_to_a_request_it_ends(
    pressing: Pressing, answers: Answers, deeds: dict[str, Deed], random: Random
) -> None:
    answers.random, answers.asked = random, 0
    deed = random.choice(list(deeds.values()))
    with suppress(
        ArithmeticError, AttributeError, LookupError, TypeError, ValueError, discord.DiscordException, Exception
    ):
        pressing.runner.run(_run(deed))
    assert answers.asked <= MOST_REQUESTS
