"""Marks: a word that who runs the sandbox puts on a message, as "waiting" or "deleted", for people who look on.

They are no part of Discord. User sessions are told of them, bots never are.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, get_args

from bot.sandbox.hub import Hub, Json
from bot.sandbox.model import Channel, Message

Tone = Literal["waiting", "quiet", "good", "warning", "bad"]
LONGEST = 80
"""Characters a mark's text may have."""
KEPT_PER_CHANNEL = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of a message, and in which tone it is shown."""

    message_id: int
    text: str
    tone: Tone


class Marks:
    """The newest mark of each message, for as many messages of a channel as a page shows."""

    def __init__(self, hub: Hub) -> None:
        """None yet."""
        self._hub = hub
        self._by_channel: dict[int, OrderedDict[int, Mark]] = {}

    def put(self, message: Message, text: str, tone: Tone) -> None:
        """Mark a message, in place of the mark it had; ValueError for a tone there is not, or too long a text."""
        if tone not in get_args(Tone) or not 0 < len(text) <= LONGEST:
            raise ValueError(f"a mark has a tone of {', '.join(get_args(Tone))} and 1 to {LONGEST} characters")
        mark = Mark(message.id, text, tone)
        kept = self._by_channel.setdefault(message.channel.id, OrderedDict())
        kept.pop(message.id, None)
        kept[message.id] = mark
        if len(kept) > KEPT_PER_CHANNEL:
            kept.popitem(last=False)
        self._hub.tell_people(message, "SANDBOX_MARK", shown(message.channel, mark))

    def of(self, channel: Channel) -> list[Mark]:
        """The marks of a channel's messages, those put last at the end."""
        return list(self._by_channel.get(channel.id, {}).values())


def shown(channel: Channel, mark: Mark) -> Json:
    """A mark as clients are told of it."""
    return {
        "channel_id": str(channel.id),
        "message_id": str(mark.message_id),
        "text": mark.text,
        "tone": mark.tone,
    }
