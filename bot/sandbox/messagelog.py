"""A channel's messages in the order of their ids, with Discord's way of paging."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.model import Message

KEPT_PER_CHANNEL = 20_000
"""The oldest messages go when a channel holds more, so that memory stays bounded."""


class MessageLog:
    """Messages by id, oldest first; a lookup is a dict's, a page is a binary search."""

    def __init__(self, kept: int = KEPT_PER_CHANNEL) -> None:
        """Keep at most `kept` messages."""
        self._kept = kept
        self._by_id: dict[int, Message] = {}
        self._ids: list[int] = []

    def add(self, message: Message) -> None:
        """Put a message where its id belongs; the oldest one goes if there are too many."""
        self._by_id[message.id] = message
        insort(self._ids, message.id)
        if len(self._ids) > self._kept:
            del self._by_id[self._ids.pop(0)]

    def get(self, message_id: int) -> Message | None:
        """The message with this id, or None."""
        return self._by_id.get(message_id)

    def remove(self, message_id: int) -> Message | None:
        """Take a message out and return it; None if there was none."""
        message = self._by_id.pop(message_id, None)
        if message is not None:
            del self._ids[bisect_left(self._ids, message_id)]
        return message

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Message]:
        """Oldest first, over a copy: messages may go meanwhile."""
        return (self._by_id[message_id] for message_id in tuple(self._ids) if message_id in self._by_id)

    def before(self, message_id: int | None = None) -> Iterator[Message]:
        """Newest first, from below an id on, or from the newest."""
        end = len(self._ids) if message_id is None else bisect_left(self._ids, message_id)
        return (self._by_id[self._ids[index]] for index in range(end - 1, -1, -1))

    def after(self, message_id: int) -> Iterator[Message]:
        """Oldest first, from above an id on."""
        start = bisect_right(self._ids, message_id)
        return (self._by_id[self._ids[index]] for index in range(start, len(self._ids)))
