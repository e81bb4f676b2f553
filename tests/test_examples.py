"""The example servers: what is shipped fits together, names nobody's address, and shows what it says."""

from __future__ import annotations

import json
import re

import pytest

from bot.domain.lint import lint
from bot.domain.policy_text import parse_policy
from bot.sandbox.scenes import MOST_LINES
from bot.trial.examples import FIRST, OTHERS, Example, example_folder, load_example

ALL = (FIRST, *OTHERS)


@pytest.fixture(params=ALL)
def example(request: pytest.FixtureRequest) -> Example:
    return load_example(request.param)


def test_an_example_has_all_that_the_page_shows(example: Example) -> None:
    assert example.server
    assert example.about.endswith(".")
    assert 2 <= len(example.tries) <= 4
    assert 1 <= len(example.members) <= 3
    assert all(place.topic for place in example.channels)


def test_a_chat_is_said_in_channels_that_are_there_by_members_whom_one_may_be_too(example: Example) -> None:
    assert {line.channel for line in example.lines} <= {place.name for place in example.channels}
    assert set(example.members) <= {line.author for line in example.lines}


@pytest.mark.parametrize("name", OTHERS)
def test_a_chat_is_long_enough_to_be_lively_and_short_enough_to_be_watched(name: str) -> None:
    assert 15 <= len(load_example(name).lines) <= 25 < MOST_LINES


def test_a_policy_is_headed_by_its_servers_name(example: Example) -> None:
    assert parse_policy(example.policy).title == example.server


@pytest.mark.parametrize("name", OTHERS)
def test_the_linter_has_nothing_to_mend_in_an_examples_policy(name: str) -> None:
    assert lint(parse_policy(load_example(name).policy)) == ()


@pytest.mark.parametrize("name", ALL)
def test_addresses_lead_nowhere(name: str) -> None:
    for file in example_folder(name).glob("*.*"):
        words = file.read_text(encoding="utf-8")
        if file.suffix == ".jsonl":
            words = "\n".join(json.loads(row)["content"] for row in words.splitlines())
        found = re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?!md\b|jsonl\b)[a-z]{2,}\b", words)
        assert [one for one in found if not one.endswith(".example")] == []
