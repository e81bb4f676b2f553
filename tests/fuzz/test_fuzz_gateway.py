"""What Discord sends: whatever an event or a message holds, it is taken or skipped, and what comes next is taken."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.gateway import Event, Events, Listening, running
from tests.fuzz.inputs import tried
from tests.odd import ODD, places, put

EVENTS = Events()
MESSAGES = [(name, data) for name, data in EVENTS.told if name in ("MESSAGE_CREATE", "MESSAGE_UPDATE")]
# What members write themselves. Discord sends whole characters only.
WRITTEN = frozenset(
    {"content", "title", "description", "name", "value", "text", "filename", "username", "global_name", "nick"}
)
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["", " ", "\0", "a\0b", "\u202e", "\ufeff", "\x1b[31m", "@everyone", "x" * 4_000, "e\u0301" * 900]),
)
NUMBERS = itertools.count(2**62)
IDS = st.sampled_from([1, 2**53 + 1, 2**63 - 1])


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    with running(EVENTS) as made:
        yield made


def test_the_events_that_are_broken_below_are_of_all_kinds_and_taken_when_whole(listening: Listening) -> None:
    kinds = {name for name, _ in EVENTS.told}
    assert {"GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "THREAD_CREATE"} <= kinds
    assert {"CHANNEL_UPDATE", "CHANNEL_DELETE", "GUILD_ROLE_CREATE"} <= kinds
    listening.anew()
    with structlog.testing.capture_logs() as logs:
        for name, data in copy.deepcopy(EVENTS.told):
            listening.runner.run(listening.take(name, data))
    assert [one for one in logs if one["event"] == "gateway_event_skipped"] == []
    texts = [one.text for one in listening.runner.run(listening.kept())]
    assert texts[:2] == ["some words", "an answer <@1>"]
    assert "an answer" in texts[2]
    assert texts[-1] == "in the thread"


@st.composite
def worded(draw: st.DrawFn) -> Event:
    """A message as Discord sends it, with any words wherever members write, and any ids."""
    name, data = copy.deepcopy(draw(st.sampled_from(MESSAGES)))
    written = [at for at in places(data) if at and at[-1] in WRITTEN and _at(data, at) is not None]
    for at in draw(st.lists(st.sampled_from(written), max_size=6)):
        data = put(data, at, draw(WORDS))
    if draw(st.booleans()):
        data = put(data, ("author", "id"), str(draw(IDS)))
    return name, put(data, ("id",), str(draw(st.integers(1, 2**63 - 1))))


def _at(body: Any, at: tuple[Any, ...]) -> Any:
    for key in at:
        body = body[key]
    return body


@tried(short=150)
@given(worded())
def test_whatever_members_write_comes_into_the_journal_as_it_was_written(listening: Listening, event: Event) -> None:
    name, data = event
    listening.anew()
    listening.runner.run(listening.kept())
    listening.runner.run(listening.take(name, data))
    for one in listening.runner.run(listening.kept()):
        assert one.message_id == int(data["id"])
        # A NUL is all that may be left out: not every database takes one.
        assert data["content"].replace("\0", "").strip() in one.text.replace("\0", "")


@st.composite
def odd(draw: st.DrawFn) -> Event:
    """An event with something in it that does not belong there."""
    name, data = copy.deepcopy(draw(st.sampled_from(EVENTS.told)))
    for _ in range(draw(st.integers(1, 2))):
        data = put(data, draw(st.sampled_from(list(places(data)))), draw(ODD))
    return name, data


@tried(short=200)
@given(odd())
def test_no_event_keeps_the_next_message_from_being_taken(listening: Listening, event: Event) -> None:
    async def play() -> list[str]:
        heard = listening.parse(*event)  # what is raised here would end the connection
        with suppress(Exception):  # and here be logged
            await listening.listen(heard)
        listening.anew()
        await listening.kept()
        await listening.take("MESSAGE_CREATE", {**copy.deepcopy(EVENTS.plain), "id": str(next(NUMBERS))})
        return [one.text for one in await listening.kept()]

    listening.anew()
    assert listening.runner.run(play()) == ["some words"]
