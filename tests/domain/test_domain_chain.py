"""The chain, pure: links hold without what they are about, and tell nothing of it once the salt is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.chain import START, About, ChainKey, Event, Fault, Follower, Link, canonical, fault_of

KEY, OTHER = ChainKey(bytes(32)), ChainKey(bytes([1] * 32))
NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
WORDS = [{"text": "yes"}]


def link(after: Link | None = None, key: ChainKey = KEY) -> Link:
    return key.written(after.head if after else START, About(5, "note", 1, NOW), WORDS)


def faults(*links: Link) -> list[Fault]:
    follower = Follower(5, KEY)
    return [finding.fault for one in links for finding in follower.follow(one)]


def test_the_same_content_has_another_commitment_each_time_and_none_without_its_salt() -> None:
    one, other = link(), link()
    assert one.commitment != other.commitment
    assert one.salt is not None
    assert one.commitment == KEY.commit(one.salt, WORDS)
    assert OTHER.commit(one.salt, WORDS) != one.commitment


def test_a_link_holds_without_its_salt() -> None:
    first = link()
    assert faults(replace(first, salt=None), link(first)) == []
    assert fault_of(KEY, replace(first, salt=None), [], is_empty=True) is Fault.UNRECORDED


def test_an_erasure_is_whole_as_long_as_nothing_is_there_again() -> None:
    gone = KEY.erased(link().head, About(5, "note", 1, NOW), by_id=7)
    assert (gone.event, gone.by_id, gone.commitment, gone.salt) == (Event.ERASED, 7, b"", None)
    assert fault_of(KEY, gone, [], is_empty=True) is None
    assert fault_of(KEY, gone, WORDS, is_empty=False) is Fault.REFILLED


@pytest.mark.parametrize(
    "change",
    [
        {"guild_id": 6},
        {"sequence": 2},
        {"at": NOW + timedelta(microseconds=1)},
        {"kind": "review"},
        {"ref": 2},
        {"event": "erased"},
        {"by_id": 1},
        {"commitment": bytes(32)},
        {"previous": bytes([1] * 32)},
        {"hash": bytes(32)},
    ],
)
def test_nothing_of_a_link_can_be_another(change: dict[str, object]) -> None:
    assert faults(replace(link(), **change))  # type: ignore[arg-type]


def test_links_must_follow_one_another() -> None:
    first = link()
    second = link(first)
    third = link(second)
    assert faults(first, second, third) == []
    assert faults(first, third) == [Fault.MISSING]
    another = replace(link(replace(first, hash=bytes(32))), sequence=2)
    assert faults(first, another) == [Fault.ORDER]


def test_another_keys_links_are_said_once() -> None:
    first = link()
    second = link(first, OTHER)
    third = link(second, OTHER)
    assert faults(first, second, third, link(third)) == [Fault.KEY]


def test_what_is_the_same_has_one_form() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5)))
    assert canonical({"b": [1, None], "a": NOW}) == canonical({"a": east, "b": [1, None]})
    assert canonical({"a": "ä\x00"}).isascii()


def test_a_key_does_not_show() -> None:
    key = ChainKey(b"k" * 32)
    assert (b"k" * 32).hex() not in repr(key)
    assert "kkkk" not in repr(key)
    with pytest.raises(ValueError, match="32"):
        ChainKey(b"short")
