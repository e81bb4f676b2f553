"""The benchmark's messages: the same for a seed, servers in turn, one of twenty violating, no two alike."""

from __future__ import annotations

import pytest

from bot.bench.messages import MOST_MESSAGES, messages, policies


def test_the_same_seed_gives_the_same_messages_whatever_the_count() -> None:
    assert messages(33, 4) == messages(400, 4)[:33]
    assert messages(33, 4) != messages(33, 5)


def test_four_servers_are_interleaved() -> None:
    assert [message.server for message in messages(10, 1)] == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]


def test_one_of_each_twenty_violates_a_rule_that_its_policy_has() -> None:
    made = messages(600, 1)
    for start in range(0, 600, 20):
        assert sum(message.rule is not None for message in made[start : start + 20]) == 1
    for message in made:
        if message.rule:
            assert policies()[message.server].rule(message.rule)


def test_no_two_messages_are_alike() -> None:
    made = messages(MOST_MESSAGES, 1)
    assert len({message.text for message in made}) == MOST_MESSAGES


def test_more_messages_than_there_are_cannot_be_had() -> None:
    with pytest.raises(ValueError, match=str(MOST_MESSAGES)):
        messages(MOST_MESSAGES + 1, 1)


def test_no_rule_of_two_servers_is_worded_alike() -> None:
    made = policies(1_000)
    assert len({policy.digest for policy in made}) == 1_000
    assert len({rule.text for policy in made for rule in policy.rules}) == 4_000
