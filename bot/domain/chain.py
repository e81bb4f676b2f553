"""The chain of what happened on a server: links whose hashes are keyed and cover one another. Pure.

A link commits to content without holding it: the commitment is a keyed hash over a random salt and the content. When
content is erased its salt goes with it, so that nobody can guess the content against the commitment any more, with the
key or without; the link's own hash covers the commitment alone and still holds. BLAKE2b keyed as in RFC 7693.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.language import mark, tr

KEY_BYTES = 32
HASH_BYTES = 32
SALT_BYTES = 16
KEY_ID_BYTES = 8
Rows = Sequence[Mapping[str, Any]]
"""Content: rows by column name, in an order of their own; none where there is nothing."""


class Event(StrEnum):
    """What a link says of what it refers to."""

    WRITTEN = "written"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many links there are, and the last one's hash."""

    sequence: int
    hash: bytes


START = Head(0, bytes(HASH_BYTES))
"""The head of a chain without links."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `ref` names the row that its `kind` is about; `by_id` is who had it erased, 0 for nobody in person.

    `previous` and `hash` are HASH_BYTES long, `key_id` KEY_ID_BYTES. `commitment` is empty where content was erased.
    `salt` is None once the content it belongs to is another or gone; it is the one part that the hash does not cover.
    """

    guild_id: int
    sequence: int
    at: datetime
    kind: str
    ref: int
    event: str
    by_id: int
    key_id: bytes
    previous: bytes
    commitment: bytes
    hash: bytes = b""
    salt: bytes | None = None

    @property
    def head(self) -> Head:
        """The chain's head while this is its last link."""
        return Head(self.sequence, self.hash)


class ChainKey:
    """The key: who has it can make links and check them, nobody else can. It never shows in a text of itself."""

    def __init__(self, key: bytes) -> None:
        """ValueError unless the key is KEY_BYTES long."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._key = key
        self.id = self._hash(b"lawspeaker.id", b"", KEY_ID_BYTES)
        """What tells this key from others, and tells nothing about it."""

    def __repr__(self) -> str:
        """The key's id, not the key."""
        return f"ChainKey({self.id.hex()})"

    def commit(self, salt: bytes, content: Rows) -> bytes:
        """The commitment to content, of HASH_BYTES; the salt has SALT_BYTES."""
        return self._hash(b"lawspeaker.say", salt + canonical(list(content)))

    def hash_of(self, link: Link) -> bytes:
        """The hash that a link must have, of HASH_BYTES."""
        told = [
            link.previous.hex(),
            str(link.guild_id),
            link.sequence,
            link.at,
            link.kind,
            link.ref,
            link.event,
            str(link.by_id),
            link.key_id.hex(),
            link.commitment.hex(),
        ]
        return self._hash(b"lawspeaker.link", canonical(told))

    def written(self, after: Head, about: About, content: Rows) -> Link:
        """The link behind `after` that says that something now holds this content."""
        salt = secrets.token_bytes(SALT_BYTES)
        return self._behind(after, about, Event.WRITTEN, 0, self.commit(salt, content), salt)

    def erased(self, after: Head, about: About, by_id: int) -> Link:
        """The link behind `after` that says that something was erased, and who had it erased."""
        return self._behind(after, about, Event.ERASED, by_id, b"", None)

    def _behind(
        self, after: Head, about: About, event: Event, by_id: int, commitment: bytes, salt: bytes | None
    ) -> Link:
        link = Link(
            guild_id=about.guild_id,
            sequence=after.sequence + 1,
            at=about.at.astimezone(UTC),
            kind=about.kind,
            ref=about.ref,
            event=event,
            by_id=by_id,
            key_id=self.id,
            previous=after.hash,
            commitment=commitment,
            salt=salt,
        )
        return replace(link, hash=self.hash_of(link))

    def _hash(self, person: bytes, data: bytes, size: int = HASH_BYTES) -> bytes:
        return hashlib.blake2b(data, key=self._key, person=person, digest_size=size).digest()


@dataclass(frozen=True, slots=True)
class About:
    """What a link to be made is about, and when."""

    guild_id: int
    kind: str
    ref: int
    at: datetime


def canonical(value: Any) -> bytes:
    """The one way to write a value of JSON's, or a time, as bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_moment).encode()


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")


class Fault(StrEnum):
    """What can be wrong with a chain, or with what it is about."""

    FORGED = "forged"
    MISSING = "missing"
    ORDER = "order"
    KEY = "key"
    CUT = "cut"
    CHANGED = "changed"
    REMOVED = "removed"
    UNLINKED = "unlinked"
    UNRECORDED = "unrecorded"
    REFILLED = "refilled"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong on a server: a sentence without members' words, and what stands in it.

    The sentence is one that `mark` found: who looks at it may speak another language than whoever had it looked for.
    """

    guild_id: int
    fault: Fault
    text: str
    parts: Mapping[str, str | int]

    @property
    def what(self) -> str:
        """The sentence in the language spoken."""
        return tr(self.text, **self.parts)

    def __str__(self) -> str:
        """The same with its server, as one line."""
        return f"Server {self.guild_id}: {self.what}"


class Follower:
    """Follows a server's links, which must be given by their numbers, and says of each what is wrong with it."""

    def __init__(self, guild_id: int, key: ChainKey) -> None:
        """Begin before the first link."""
        self.guild_id = guild_id
        self._key = key
        self.last: Link | None = None
        """The last link that was given."""

    def follow(self, link: Link) -> Iterator[Finding]:
        """What is wrong with the next link: alone, and behind the one before it."""
        before, self.last = self.last, link
        head = before.head if before else START
        number, expected = link.sequence, head.sequence + 1
        if number == expected + 1:
            yield self._finding(Fault.MISSING, mark("Link {number} is missing."), number=expected)
        elif number > expected:
            gap = {"first": expected, "last": number - 1}
            yield self._finding(Fault.MISSING, mark("Links {first} to {last} are missing."), **gap)
        elif link.previous != head.hash:
            said = mark("Link {number} does not follow from the one before it.")
            yield self._finding(Fault.ORDER, said, number=number)
        if link.key_id != self._key.id:
            # Said once, not for each of a thousand links that an older key made.
            if before is None or before.key_id != link.key_id:
                said = mark("From link {number} on the chain was made with another key.")
                yield self._finding(Fault.KEY, said, number=number)
        elif link.hash != self._key.hash_of(link):
            said = mark("Link {number} is not what was written: it was changed or forged.")
            yield self._finding(Fault.FORGED, said, number=number)

    def _finding(self, fault: Fault, text: str, **parts: int) -> Finding:
        return Finding(self.guild_id, fault, text, parts)


def fault_of(key: ChainKey, link: Link, content: Rows, is_empty: bool) -> Fault | None:
    """What is wrong with content, by the newest link about it; None where nothing is, or the key is another.

    `is_empty` says whether the content is that of something which was erased.
    """
    if link.event == Event.ERASED:
        return None if is_empty else Fault.REFILLED
    if link.salt is None:
        return Fault.UNRECORDED
    if not content:
        return Fault.REMOVED
    if link.key_id == key.id and link.commitment != key.commit(link.salt, content):
        return Fault.UNRECORDED if is_empty else Fault.CHANGED
    return None


FAULT_WORDS: Mapping[Fault, str] = {
    Fault.CHANGED: mark("{kind} {ref} of the table {table} (link {link}) was changed afterwards."),
    Fault.REMOVED: mark("{kind} {ref} of the table {table} (link {link}) was removed."),
    Fault.UNRECORDED: mark("{kind} {ref} of the table {table} (link {link}) was erased, and no erasure is on record."),
    Fault.REFILLED: mark("{kind} {ref} of the table {table} (link {link}) was erased, but there is something again."),
    Fault.UNLINKED: mark("{kind} {ref} of the table {table} was put in past the program: no link is about it."),
}
"""What is said of a row in which a fault was found; the row is named as the database names it."""
