"""A server with many cases, for the benchmarks of their list: made-up words, as often as words of a language are."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain.records import JournalState
from bot.store import Store, tables
from bot.store.engine import make_engine
from bot.store.sealed_columns import give_seal, seal_of

MODERATORS = range(9_001, 9_011)
MEMBERS, CHANNELS, RULES, WORDS = 5_000, 40, 8, 30_000
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
LOT = 1_000
_SYLLABLES = [f"{consonant}{vowel}" for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


@dataclass(frozen=True)
class Place:
    """The server whose cases they are, and the CHANNELS channels that were written in."""

    guild_id: int
    channel_ids: tuple[int, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Words from the most common one to the rarest; one of rank n is said about 1/n as often as the first."""

    words: list[str]
    weights: list[float]

    def say(self, chance: random.Random, count: int) -> str:
        """So many words."""
        return " ".join(chance.choices(self.words, cum_weights=self.weights, k=count))


def vocabulary() -> Vocabulary:
    """The same words each time."""
    made = ("".join(parts) for length in (2, 3) for parts in itertools.product(_SYLLABLES, repeat=length))
    words = list(itertools.islice(made, WORDS))
    random.Random(7).shuffle(words)
    return Vocabulary(words, list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1))))


async def fill(store: Store, count: int, place: Place) -> None:
    """Put cases into an empty store, and index them; shows how far it is."""
    chance, said = random.Random(6), vocabulary()
    engine = _engine(store)
    try:
        for first in range(1, count + 1, LOT):
            rows = _rows(chance, said, range(first, min(first + LOT, count + 1)), count, place)
            async with engine.begin() as connection:
                for table, values in rows.items():
                    if values:
                        await connection.execute(insert(table), values)
            _show("filled", first + LOT - 1, count)
        passed = 0

        def show(more: int) -> None:
            nonlocal passed
            passed += more
            _show("indexed", passed, count)

        await store.indexing.index_all(show)
        print(file=sys.stderr)
    finally:
        await engine.dispose()


def _engine(store: Store) -> AsyncEngine:
    engine = make_engine(store.url)
    give_seal(engine, seal_of(store._engine.dialect))
    return engine


def _show(what: str, done: int, count: int) -> None:
    if done % (10 * LOT) == 0:
        print(f"\r{what} {done:,} of {count:,} cases   ", end="", file=sys.stderr, flush=True)


def _rows(
    chance: random.Random, said: Vocabulary, numbers: range, count: int, place: Place
) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {
        one: []
        for one in (
            *(tables.Submission, tables.Verdict, tables.Case),
            *(tables.Action, tables.Review, tables.CaseNote, tables.Appeal),
        )
    }
    for number in numbers:
        at = BEGUN + timedelta(days=365) * (number / count)
        for table, values in _case(chance, said, number, at, place):
            rows[table].append(values)
    return rows


def _case(
    chance: random.Random, said: Vocabulary, number: int, at: datetime, place: Place
) -> Iterator[tuple[Any, dict[str, Any]]]:
    words = said.say(chance, chance.randint(4, 40))
    member = 20_000 + min(int(chance.expovariate(5 / MEMBERS)), MEMBERS)
    rule = str(chance.choices(range(1, RULES + 1), range(RULES, 0, -1))[0])
    yield (
        tables.Submission,
        {
            "id": number, "guild_id": place.guild_id, "channel_id": place.channel_ids[chance.randrange(CHANNELS)],
            "parent_id": None,
            "category_id": None, "message_id": 10**18 + number, "revision": 0, "author_id": member,
            "author_name": f"member {member}", "text": words, "normalised": words, "context": [], "posted_at": at,
            "received_at": at, "state": JournalState.SETTLED, "attempts": 1, "cleared": False, "missed": False,
        },
    )  # fmt: skip
    yield (
        tables.Verdict,
        {
            "submission_id": number, "rule": rule, "probabilities": {rule: 0.9}, "policy_digest": "d" * 64,
            "policy_number": None, "model": "none", "model_digest": "e" * 64, "method": "classify",
            "rationale": said.say(chance, 12), "quote": " ".join(words.split()[:3]), "reasoning": None,
            "timings_ms": {}, "outcome": "act", "decided_rule": rule, "reason": "", "mode": "enforce",
            "judged_at": at, "extends": None, "stepped": None, "ahead": None,
        },
    )  # fmt: skip
    yield (
        tables.Case,
        {"id": number, "guild_id": place.guild_id, "number": number, "submission_id": number, "created_at": at,
         "log_nonce": f"{number:x}"},
    )  # fmt: skip
    yield (
        tables.Action,
        {"case_id": number, "kind": "delete", "outcome": "done", "note": "", "nonce": f"a{number:x}"},
    )
    if chance.random() < 0.6:
        kind = chance.choices(("confirm", "overturn", "other"), (80, 15, 5))[0]
        yield (
            tables.Review,
            {"case_id": number, "kind": kind, "reviewer_id": chance.choice(MODERATORS), "note": "", "at": at},
        )
    if chance.random() < 0.05:
        noted = said.say(chance, 8)
        yield tables.CaseNote, {"case_id": number, "author_id": MODERATORS[0], "text": noted, "at": at}
    if chance.random() < 0.02:
        yield (
            tables.Appeal,
            {"case_id": number, "text": said.say(chance, 20), "at": at, "answer": "", "note": ""},
        )


async def settle_down(url: str) -> None:
    """What PostgreSQL does by itself some minutes after so much was written."""
    if url.startswith("postgresql"):
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text("VACUUM ANALYZE"))
        await engine.dispose()
