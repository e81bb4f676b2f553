"""Which policies are in force where: the channel's own, else its category's, else the server's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.lawbook import (
    How,
    Lawbook,
    PlaceKind,
    PlacePolicy,
    Where,
    changed_laws,
    policy_of,
    rules_somewhere,
)
from bot.domain.policy import PolicyError, policy_digest
from bot.domain.records import PolicyVersion, versions_named

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CHANNEL, OTHER, CATEGORY = 20, 21, 30
PARENTS = {CHANNEL: CATEGORY, OTHER: None}
THERE, ELSEWHERE = Where(CHANNEL, CATEGORY), Where(OTHER)


def version(number: int, source: str, place_id: int | None = None) -> PolicyVersion:
    return PolicyVersion(1, number, source, policy_digest(source), 5, "", NOW, NOW if number else None, place_id)


SERVERS = version(1, "1. No spam. [delete]")
CATEGORYS = version(2, "2. No ads. [flag]", CATEGORY)
CHANNELS = version(3, "3. No cats. [flag]", CHANNEL)


def book(channel: How | None = None, category: How | None = None, live: PolicyVersion | None = SERVERS) -> Lawbook:
    """A server's policy, and those of a channel and of its category where it is said what they are to it."""
    places = {}
    if channel is not None:
        places[CHANNEL] = PlacePolicy(CHANNEL, PlaceKind.CHANNEL, channel, CHANNELS)
    if category is not None:
        places[CATEGORY] = PlacePolicy(CATEGORY, PlaceKind.CATEGORY, category, CATEGORYS)
    return Lawbook(live, None, places)


@pytest.mark.parametrize(
    ("channel", "category", "in_force"),
    [
        (None, None, (1,)),
        (How.EXTEND, None, (1, 3)),
        (How.REPLACE, None, (3,)),
        (How.NONE, None, (1,)),
        (None, How.EXTEND, (1, 2)),
        (None, How.REPLACE, (2,)),
        (How.EXTEND, How.EXTEND, (1, 2, 3)),
        (How.EXTEND, How.REPLACE, (2, 3)),
        (How.REPLACE, How.EXTEND, (3,)),
        (How.NONE, How.EXTEND, (1, 2)),
        (How.EXTEND, How.NONE, (1, 3)),
    ],
)
def test_the_inner_policy_counts_and_extends_what_is_in_force_around_it_or_stands_alone(
    channel: How | None, category: How | None, in_force: tuple[int, ...]
) -> None:
    law = book(channel, category)
    assert tuple(one.number for one in law.in_force(THERE)) == in_force
    assert law.in_force(ELSEWHERE) == (SERVERS,)


def test_without_a_policy_of_the_servers_a_channels_own_is_in_force_alone() -> None:
    assert book(How.EXTEND, live=None).in_force(THERE) == (CHANNELS,)
    assert book(live=None).in_force(THERE) == ()


def test_a_policy_that_was_never_published_is_not_in_force() -> None:
    begun = Lawbook(SERVERS, None, {CHANNEL: PlacePolicy(CHANNEL, PlaceKind.CHANNEL, How.REPLACE)})
    assert begun.in_force(THERE) == (SERVERS,)


def test_the_draft_that_counts_is_that_of_the_innermost_policy_that_has_one() -> None:
    servers, channels = version(0, "1. No dogs."), version(0, "4. No birds.", CHANNEL)
    places = {CHANNEL: PlacePolicy(CHANNEL, PlaceKind.CHANNEL, How.EXTEND, CHANNELS, channels)}
    assert Lawbook(SERVERS, servers, places).draft_for(THERE) == channels
    assert Lawbook(SERVERS, servers, places).draft_for(ELSEWHERE) == servers
    assert Lawbook(SERVERS, servers, book(How.EXTEND).places).draft_for(THERE) == servers
    assert Lawbook(SERVERS, servers, book(How.REPLACE).places).draft_for(THERE) is None


def test_a_change_of_the_servers_policy_changes_all_that_extend_it_and_no_other() -> None:
    law, new = book(How.EXTEND, How.EXTEND), version(4, "1. No scams. [delete]")
    changed = {tuple(rule.key for rule in policy.rules) for policy in changed_laws(law, law.with_live(new), PARENTS)}
    assert changed == {("1",), ("1", "2"), ("1", "2", "3")}
    alone = book(How.REPLACE, How.REPLACE)
    assert [policy.source for policy in changed_laws(alone, alone.with_live(new), PARENTS)] == [new.source]


def test_a_change_that_would_make_another_policy_too_large_is_refused_with_the_place_named() -> None:
    law = book(How.EXTEND)
    many = version(4, "\n".join(f"{number}. No {number}." for number in range(10, 30)))
    with pytest.raises(PolicyError, match=f"<#{CHANNEL}> extends another, and would not fit. .* 21 rules, and 20"):
        changed_laws(law, law.with_live(many), PARENTS)
    assert changed_laws(law, law.with_how(CHANNEL, How.NONE).with_live(many), PARENTS)


def test_what_did_not_fit_before_is_not_the_fault_of_another_change() -> None:
    many = version(4, "\n".join(f"{number}. No {number}." for number in range(10, 30)))
    broken = book(How.EXTEND).with_live(many)
    with pytest.raises(PolicyError):
        policy_of(broken.in_force(THERE))
    other = Lawbook(broken.live, None, {**broken.places, OTHER: PlacePolicy(OTHER, PlaceKind.CHANNEL, How.REPLACE)})
    assert len(changed_laws(other, other.with_live(version(5, "1. No birds.", OTHER)), PARENTS)) == 1


def test_the_rules_that_hold_somewhere_are_the_servers_and_those_that_places_add() -> None:
    law = book(How.EXTEND, How.NONE)
    assert [rule.key for rule in rules_somewhere(law, PARENTS)] == ["1", "3"]
    assert [rule.key for rule in rules_somewhere(book(How.REPLACE, How.REPLACE, live=None), PARENTS)] == ["3", "2"]
    assert rules_somewhere(Lawbook(), PARENTS) == ()


def test_versions_are_named_from_the_inside_out() -> None:
    assert versions_named(3) == "version 3"
    assert versions_named(7, (3, 5)) == "version 7, which extends version 5, which extends version 3"
    assert versions_named(0, (3,)) == "the draft, which extends version 3"
