"""What moderators are told of a server in numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What is not through yet of one server's submissions.

    `waiting` are to be judged or are being judged, the oldest having come in at `oldest`, None where none waits;
    `unfinished` are cases whose actions or post in the mod log are still to come.
    """

    waiting: int = 0
    oldest: datetime | None = None
    unfinished: int = 0
