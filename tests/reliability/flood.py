"""A flood: many servers at once, one of which is raided and some of which are quiet, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.store import Store, tables
from tests.reliability.house import House, Place

RAIDED = 0
"""The number of the server that is raided; the last ones are quiet."""
_RAID = 0.6
_BREAKS_A_RULE = 40
"""One message in so many does."""


@dataclass(frozen=True, slots=True)
class Flood:
    """So many messages, at an even rate; a quiet server says `quiet_messages` of them."""

    servers: int
    messages: int
    seconds: float
    quiet: int
    quiet_messages: int

    def order(self) -> Iterator[int]:
        """The number of the server of each message; each server's are spread over the whole time. Pure."""
        between = self.servers - 1 - self.quiet
        rest = self.messages * (1 - _RAID) - self.quiet * self.quiet_messages
        shares = [self.messages * _RAID, *[rest / between] * between, *[float(self.quiet_messages)] * self.quiet]
        credit = [0.0] * self.servers
        for _ in range(self.messages):
            credit = [one + share / self.messages for one, share in zip(credit, shares, strict=True)]
            number = max(range(self.servers), key=credit.__getitem__)
            credit[number] -= 1
            yield number

    def quiet_ones(self, places: Sequence[Place]) -> set[int]:
        """The ids of the servers that say little."""
        return {place.guild.id for place in places[self.servers - self.quiet :]}

    async def pour(self, house: House, places: Sequence[Place]) -> float:
        """Post all of it, each server's messages by one member; the seconds that it took."""
        members = [house.member(place) for place in places]
        loop = asyncio.get_running_loop()
        began = loop.time()
        for count, number in enumerate(self.order()):
            await asyncio.sleep(max(began + count * self.seconds / self.messages - loop.time(), 0))
            words = "rule 2" if count % _BREAKS_A_RULE == _BREAKS_A_RULE - 1 else "hello"
            house.says(places[number], words, members[number])
        return loop.time() - began


@dataclass(frozen=True, slots=True)
class Wait:
    """How long after its posting a message was judged, and how many others were, since it was in the journal."""

    guild_id: int
    seconds: float
    turns: int


async def taken_in(store: Store) -> int:
    """How many messages are in the journal, judged or not."""
    async with store._engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(tables.Submission)) or 0


async def waits(store: Store) -> list[Wait]:
    """Of every message that was judged, in the order in which they came."""
    row, verdict = tables.Submission, tables.Verdict
    query = (
        select(row.guild_id, row.posted_at, row.received_at, verdict.judged_at)
        .join(verdict, verdict.submission_id == row.id)
        .order_by(row.id)
    )
    async with store._engine.connect() as connection:
        found = [tuple(one) for one in await connection.execute(query)]
    judged: list[datetime] = [one[-1] for one in found]
    return [
        Wait(guild_id, (judged_at - posted_at).total_seconds(), sum(came_at < one < judged_at for one in judged))
        for guild_id, posted_at, came_at, judged_at in found
    ]
