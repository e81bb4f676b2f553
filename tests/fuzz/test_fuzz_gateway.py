"""What Discord sends: whatever an event or a message holds, it is taken or skipped, and what comes next is taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from random import Random

import pytest
import structlog

from bot.domain.storable import storable
from tests.fuzz.gateway import Event, Events, Listening, copied, running
from tests.fuzz.inputs import tried
from tests.fuzz.makers import any_of, pick, several, texts
from tests.odd import at_place, broken, places, put

EVENTS = Events()
MESSAGES = [(name, data) for name, data in EVENTS.told if name in ("MESSAGE_CREATE", "MESSAGE_UPDATE")]
# What members write themselves.
WRITTEN = frozenset(
    {"content", "title", "description", "name", "value", "text", "filename", "username", "global_name", "nick"}
)
PIECES = (
    "a",
    "word ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00\ud800",
    "\u202e",
    "\ufeff",
    "\x1b[31m",
    "@everyone",
    "<@1>",
    "\n",
)
WORDS = any_of(*[texts(PIECES, 12)] * 9, pick(("", " ", "x" * 4_000, "e\u0301" * 900, "\0" * 99, "\ud800" * 99)))
NUMBERS = itertools.count(2**62)


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    with running(EVENTS) as made:
        yield made


def test_the_events_that_are_broken_below_are_of_all_kinds_and_taken_when_whole(listening: Listening) -> None:
    kinds = {name for name, _ in EVENTS.told}
    assert {"GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "THREAD_CREATE"} <= kinds
    assert {"CHANNEL_UPDATE", "CHANNEL_DELETE", "GUILD_ROLE_CREATE", "INTERACTION_CREATE"} <= kinds
    listening.anew()
    with structlog.testing.capture_logs() as logs:
        for event in copied(EVENTS.told):
            assert listening.runner.run(listening.take([event])) == []
    assert [one for one in logs if one["event"] == "gateway_event_skipped"] == []
    texts = [one.text for one in listening.runner.run(listening.kept())]
    assert texts[:2] == ["some words", "an answer <@1>"]
    assert "an answer" in texts[2]
    assert texts[-1] == "in the thread"


WORDED = [
    (name, data, [at for at in places(data) if at and at[-1] in WRITTEN and at_place(data, at) is not None])
    for name, data in MESSAGES
]


def worded(random: Random) -> Event:
    """A message as Discord sends it, with any words wherever members write, and any author."""
    name, data, written = random.choice(WORDED)
    for at in random.sample(written, random.randint(0, min(6, len(written)))):
        data = put(data, at, WORDS(random))
    if random.random() < 0.5:
        data = put(data, ("author", "id"), str(random.choice((1, 2**53 + 1, 2**63 - 1))))
    return name, data


@tried(short=20, each="events", events=several(worded, 80, least=1))
def test_whatever_members_write_comes_into_the_journal_as_it_was_written(
    listening: Listening, events: list[Event]
) -> None:
    async def play() -> None:
        said = {next(NUMBERS): event for event in events}
        await listening.take([(name, copied({**data, "id": str(number)})) for number, (name, data) in said.items()])
        for one in await listening.kept():
            # A NUL and half a pair are all that may be left out: not every database takes one.
            assert storable(said[one.message_id][1]["content"]).strip() in one.text

    listening.anew()
    listening.runner.run(play())


def odd(random: Random) -> Event:
    """An event with something in it that does not belong there."""
    name, data = random.choice(EVENTS.told)
    return name, broken(data, random)


@tried(short=20, each="events", events=several(odd, 80, least=1))
def test_no_event_keeps_the_next_message_from_being_taken(listening: Listening, events: list[Event]) -> None:
    async def play() -> list[str]:
        await listening.take(copied(events))
        listening.anew()
        await listening.kept()
        assert await listening.take([("MESSAGE_CREATE", {**copied(EVENTS.plain), "id": str(next(NUMBERS))})]) == []
        return [one.text for one in await listening.kept()]

    listening.anew()
    with structlog.testing.capture_logs():
        assert listening.runner.run(play()) == ["some words"]
