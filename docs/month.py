"""A month of a server in a minute or two, for the picture of `/stats`.

The messages are posted and judged, and the cases answered, as on any day; then the days on which that happened are
set back in the scene's own database, which is thrown away. Nothing else of the figures is made up.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle

from bot.cli.chatfile import ChatLine
from bot.store.engine import sqlite_file
from docs.stage import SceneError, Server

DAYS = 30
QUIET = frozenset({"lantern", "copperkettle"})
"""Who of the example chat writes what is fine; the other lines are what moderators are there for."""
_OVERTURNED_EVERY, _OPEN_DAYS = 6, 2
_STORED = "%Y-%m-%d %H:%M:%S.%f"


async def live_through_a_month(server: Server, chat: Sequence[ChatLine]) -> None:
    """Post lines of a chat, some each day, and have a moderator answer the cases but for those of the last days."""
    moderator, answered = await server.hand(), 0
    quiet = cycle(line for line in chat if line.author in QUIET)
    others = cycle(line for line in chat if line.author not in QUIET)
    for ago in reversed(range(DAYS)):
        ids = []
        for line in _day(ago, quiet, others):
            message = server.post(line.author, line.content, line.channel)
            case = (await server.stage.settled(message)).case
            ids.append(message.id)
            if case is not None and ago >= _OPEN_DAYS:
                answered += 1
                label = "Confirm" if answered % _OVERTURNED_EVERY else "Overturn"
                await moderator.press(server.log_post(case), label)
        await asyncio.to_thread(_set_back, server.stage.store.url, ids, timedelta(days=ago))


def _day(ago: int, quiet: Iterator[ChatLine], others: Iterator[ChatLine]) -> Iterator[ChatLine]:
    """What is written on a day: some more on some days, and something amiss on most."""
    yield from (next(quiet) for _ in range(3 + ago * 5 % 6))
    yield from (next(others) for _ in range(ago * 3 % 4 % 3))


def _set_back(url: str, message_ids: Sequence[int], span: timedelta) -> None:
    """Have messages be judged, and their cases opened, so much earlier."""
    file = sqlite_file(url)
    if file is None:
        raise SceneError("the days of a scene can be set back in a SQLite database only")
    database = sqlite3.connect(file, timeout=30)
    try:
        with database:
            for message_id in message_ids:
                found = database.execute("SELECT id FROM submissions WHERE message_id = ?", (message_id,)).fetchall()
                for (submission_id,) in found:
                    _move(database, "verdicts", "judged_at", submission_id, span)
                    _move(database, "cases", "created_at", submission_id, span)
    finally:
        database.close()


def _move(database: sqlite3.Connection, table: str, column: str, submission_id: int, span: timedelta) -> None:
    query = f"SELECT {column} FROM {table} WHERE submission_id = ?"  # noqa: S608 - both are this module's own words
    for (stored,) in database.execute(query, (submission_id,)).fetchall():
        earlier = (datetime.strptime(stored, _STORED) - span).strftime(_STORED)
        change = f"UPDATE {table} SET {column} = ? WHERE submission_id = ?"  # noqa: S608
        database.execute(change, (earlier, submission_id))
