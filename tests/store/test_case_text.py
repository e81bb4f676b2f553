"""Cases are found by words of the message, of its reasons and of what people wrote about it, sealed or not.

What leaves the records leaves the index in the same transaction, and its words leave the files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.domain.case_filter import CaseFilter
from bot.domain.case_words import parse_query, words_of
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseStatus, ReviewKind
from bot.domain.storable import storable
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.store import Store
from bot.store.backups import backup, restore
from bot.store.content_keys import add_key, read_seal
from bot.store.engine import sqlite_file
from bot.store.plain import Plain
from bot.store.schema import upgrade
from tests.store.chained import findings
from tests.store.statements import statements_of

HERE, ELSEWHERE, ANA, BO, MODERATOR = 10, 11, 30, 31, 9
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FLAG = Action(ActionKind.FLAG)
ACT = Decision(Outcome.ACT, "2", (FLAG,))
VERDICT = Verdict("2", {"2": 0.9}, "d" * 64, "m", "e" * 64, Method.REASON, "", "", "")
MINORS = "# House\n\n1. No threats. [delete]\n2. No sexual content about minors. [delete]\n"
WEEK = timedelta(days=7)


@pytest.fixture(params=["plain", "sealed"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """The content key of a store, if it has one."""
    if request.param == "plain":
        return None
    add_key(tmp_path / "content.key")
    return tmp_path / "content.key"


@pytest.fixture
async def store(url: str, key: Path | None, tmp_path: Path) -> AsyncIterator[Store]:
    await upgrade(url)
    made = Store(url, tmp_path / "chain.key", key)
    yield made
    assert [str(one) for one in await findings(made)] == []
    await made.close()


def submission(message_id: int, words: str, author_id: int = ANA, guild_id: int = HERE) -> Submission:
    said_before = (ContextMessage("bo", "umbrellas before", BO),)
    return Submission(guild_id, 20, message_id, 0, author_id, "ana", words, words, said_before, NOW)


async def opened(store: Store, said: Submission, verdict: Verdict = VERDICT) -> int:
    """A case about what was said; its number."""
    (journal_id,) = await store.journal.append([said])
    await store.journal.claim(100)
    case = await store.journal.open_case(journal_id, verdict, ACT, Mode.ENFORCE, 1, ACT.actions, NOW)
    await store.journal.settled(journal_id)
    return case.number


async def found(store: Store, query: str, guild_id: int = HERE, **wanted: object) -> list[int]:
    """The numbers of the cases that a query finds, by the page, counted and all."""
    sought = replace(CaseFilter(text=query), **wanted)  # type: ignore[arg-type]
    numbers = [case.number for case in await store.search.find(guild_id, sought, 50)]
    assert await store.search.count(guild_id, sought) == len(numbers)
    assert [case.number async for case in store.search.all(guild_id, sought)] == numbers
    return numbers


async def all_that_is_kept(store: Store) -> str:
    """Every table of the database, those of the index of words too, as it stands there."""
    is_sqlite = sqlite_file(store.url) is not None
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    async with store._engine.connect() as connection:
        tables = list(await connection.scalars(text(names)))
        assert is_sqlite == ("case_words_data" in tables)
        rows = [row for name in tables for row in await connection.execute(text(f'SELECT * FROM "{name}"'))]
    return "\n".join(map(str, rows))


# -- what is found ---------------------------------------------------------------------------------------------


async def test_a_case_is_found_by_the_message_the_reasons_and_what_people_wrote_of_it(store: Store) -> None:
    verdict = replace(VERDICT, rationale="It sells counterfeits.", quote="cheap watches")
    one = await opened(store, replace(submission(1, "buy w4tches"), normalised="buy watches"), verdict)
    two = await opened(store, submission(2, "harmless"))
    assert await found(store, "w4tches") == await found(store, "watches") == await found(store, "cheap") == [one]
    await store.cases.explained(HERE, one, "A scam, in short.", "buy w4tches")
    assert (await found(store, "scam"), await found(store, "counterfeits")) == ([one], [])
    await store.reviews.add_note(HERE, two, MODERATOR, "Spoke to them")
    await store.appeals.lodge(HERE, two, ANA, "I was joking")
    await store.appeals.answer(HERE, two, MODERATOR, "Please stop it")
    await store.reviews.answer(HERE, two, ReviewKind.CONFIRM, MODERATOR, note="seen twice")
    for query in ("spoke", "joking", "stop", "twice", "harmless spoke joking stop twice"):
        assert await found(store, query) == [two]
    assert await found(store, "umbrellas") == []  # said before, by somebody else
    assert await found(store, "harmless scam") == []


async def test_a_message_that_members_reported_is_found(store: Store) -> None:
    (journal_id,) = await store.journal.append([submission(1, "quietly rude")])
    assert await store.journal.claim(1)
    await store.journal.settle_allowed(journal_id, VERDICT, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
    assert await found(store, "rude") == []
    await store.reports.add(submission(1, "quietly rude"), BO, Mode.ENFORCE)
    assert await found(store, "rude", rule=None) == [1]


async def test_case_accents_and_widths_do_not_count_in_any_script(store: Store) -> None:
    said = ["Crème BRÛLÉE", "Привет, Ёжик", "ＦＵＬＬ width", "世界和平 is 大事", "한국어 텍스트", "😀 nice"]
    numbers = [await opened(store, submission(n, words)) for n, words in enumerate(said)]
    queries = ["creme brulee", "ПРИВЕТ ежик", "full WIDTH", "界和 大", "텍스트", "😀"]
    assert [await found(store, query) for query in queries] == [[number] for number in numbers]


async def test_newest_first_and_with_every_other_filter(store: Store) -> None:
    for n in range(6):
        await opened(store, submission(n, "the same words", ANA if n % 2 else BO))
    await store.reviews.answer(HERE, 4, ReviewKind.OVERTURN, MODERATOR)
    assert await found(store, "same") == [6, 5, 4, 3, 2, 1]
    assert await found(store, "same", member_id=ANA) == [6, 4, 2]
    assert await found(store, "same", up_to=3) == [3, 2, 1]
    assert await found(store, "same", up_to=0) == []
    assert await found(store, "same", status=CaseStatus.OVERTURNED) == await found(store, "same", moderator_id=9) == [4]
    assert await found(store, "same", rule="3") == await found(store, "same", hidden=frozenset({20})) == []
    pages = [await store.search.find(HERE, CaseFilter(text="same"), 4, offset) for offset in (0, 4, 8)]
    assert [[case.number for case in page] for page in pages] == [[6, 5, 4, 3], [2, 1], []]


async def test_another_servers_cases_are_never_found(store: Store) -> None:
    await opened(store, submission(1, "shared word"))
    await opened(store, submission(2, "shared word", guild_id=ELSEWHERE))
    assert await found(store, "shared") == await found(store, "shared", ELSEWHERE) == [1]
    assert await found(store, "11") == await found(store, "shared", 12) == []


@pytest.mark.parametrize(
    "claimed", [f"§{HERE}", f"§{HERE} shared", f"a§{HERE}", f"'§{HERE}':1 &", f'" OR "§{HERE}"', f"\uff07§{HERE}\x00"]
)
async def test_a_message_that_says_it_is_another_servers_is_not_found_there(store: Store, claimed: str) -> None:
    """One index of words is that of all servers: what parts them stands among the words."""
    await opened(store, submission(1, storable(f"shared {claimed} word"), guild_id=ELSEWHERE))
    for sought in ("shared", claimed, f"{HERE}", f'shared" OR "§{ELSEWHERE}', f"shared' | '§{ELSEWHERE}"):
        assert await found(store, sought) == []
    assert await found(store, "shared", ELSEWHERE) == [1]


async def test_a_phrase_is_words_that_follow_one_another_where_their_order_is_known(
    store: Store, key: Path | None
) -> None:
    first = await opened(store, submission(1, "a free gift card"), replace(VERDICT, rationale="Now it is told."))
    second = await opened(store, submission(2, "this card is a gift"))
    assert await found(store, '"gift card"') == ([first] if key is None else [second, first])
    assert await found(store, "gift card") == [second, first]
    # From one text into the next no phrase reaches.
    assert await found(store, '"card now"') == ([] if key is None else [first])


async def test_whole_words_are_found_and_no_beginnings_of_them(store: Store) -> None:
    await opened(store, submission(1, "wordplay"))
    assert [await found(store, one) for one in ("wordplay", "word", "word*", "play")] == [[1], [], [], []]


async def test_the_words_of_what_is_not_shown_find_nothing(store: Store) -> None:
    draft = await store.policies.save_draft(HERE, MINORS, MODERATOR)
    await store.policies.publish(HERE, draft.digest, MODERATOR)
    number = await opened(store, submission(1, "unspeakable"), replace(VERDICT, rationale="It says unspeakable."))
    assert await found(store, "unspeakable") == []
    await store.cases.explained(HERE, number, "unspeakable", "unspeakable")
    await store.reviews.add_note(HERE, number, MODERATOR, "told the police")
    assert (await found(store, "unspeakable"), await found(store, "police")) == ([], [number])


# -- queries are data ------------------------------------------------------------------------------------------

ODD = [
    *("!?", '"', '""', "' OR 1=1 --", "a AND", "NOT a", "NEAR(a b)", "words: a", "^a", "{a}", "a:*", "-a", "a & !b"),
    *("((", "\\", "a\\'b", "<->", "'a':1A", "§10", "\x00a", "\ud800a", "%_", "\u200f", "a" * 4_000, "a " * 2_000),
    *('"a ' * 999, "\u1e69\u0f71\u0f74" * 1_300),
]


async def test_no_query_fails_whatever_was_said(store: Store) -> None:
    numbers = [await opened(store, submission(n, storable(f"before {query} behind"))) for n, query in enumerate(ODD)]
    for number, query in zip(numbers, ODD, strict=True):
        assert (number in await found(store, query)) == bool(words_of(query))
    assert await found(store, "before behind") == numbers[::-1]


async def test_whatever_is_asked_for_is_found_where_it_was_said_and_nothing_fails(store: Store) -> None:
    said: list[str] = []
    loop = asyncio.get_running_loop()

    async def play(words: str, query: str) -> None:
        said.append(words)
        number = await opened(store, submission(len(said), storable(words)))
        await found(store, query)
        sought = parse_query(words.replace('"', " "))
        assert sought is None or bool(sought.phrases) == (number in await found(store, words.replace('"', " ")))

    @given(st.text(max_size=60), st.text(max_size=60))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def property_of(words: str, query: str) -> None:
        asyncio.run_coroutine_threadsafe(play(words, query), loop).result()

    await asyncio.to_thread(property_of)
    assert said


async def test_a_query_without_any_word_finds_nothing_and_a_blank_one_asks_for_nothing(store: Store) -> None:
    await opened(store, submission(1, "word"))
    assert (await found(store, "!?"), await found(store, "  "), await found(store, "")) == ([], [1], [1])


# -- what goes -------------------------------------------------------------------------------------------------


async def full(store: Store, message_id: int = 1) -> int:
    """A case in which everything that may hold words holds the same one, as does its neighbour's."""
    number = await opened(
        store, submission(message_id, "secretword"), replace(VERDICT, rationale="secretword", quote="secretword")
    )
    await store.reviews.add_note(HERE, number, MODERATOR, "secretword")
    await store.appeals.lodge(HERE, number, ANA, "secretword")
    await store.appeals.answer(HERE, number, MODERATOR, "secretword")
    await store.reviews.answer(HERE, number, ReviewKind.CONFIRM, MODERATOR, note="secretword")
    return number


def files_with(store: Store, word: bytes) -> list[str]:
    """The files of a SQLite database that hold a word."""
    file = sqlite_file(store.url)
    if file is None:
        return []
    return [one.name for one in file.parent.glob(f"{file.name}*") if word in one.read_bytes()]


async def test_a_member_who_is_forgotten_is_not_found_and_no_file_holds_a_word_of_theirs(
    store: Store, key: Path | None
) -> None:
    await full(store)
    kept = await opened(store, submission(2, "harmless"), replace(VERDICT, rationale="fine"))
    assert bool(files_with(store, b"secretword")) == (key is None and sqlite_file(store.url) is not None)
    token = store.sealing._seal.token(HERE, "secretword").encode() if key else b"secretword"
    assert files_with(store, token) or sqlite_file(store.url) is None
    other = await opened(store, submission(3, "secretagent", BO))
    await store.erasure.erase(HERE, ANA, {"ana"}, by=ANA)
    assert await found(store, "secretword") == []
    assert "secretword" not in await all_that_is_kept(store)
    assert files_with(store, token) == []
    assert await found(store, "", member_id=ANA) == [kept, 1]
    assert await found(store, "secretagent") == [other]
    await store.erasure.unname_unposted(HERE, ANA)
    assert await found(store, "", member_id=ANA) == []


async def test_what_a_judge_says_late_of_a_forgotten_message_goes_too(store: Store) -> None:
    number = await full(store)
    await store.erasure.erase(HERE, ANA, {"ana"})
    await store.cases.explained(HERE, number, "secretword", "")
    assert await found(store, "secretword") == [number]
    case = await store.cases.get(HERE, number)
    assert case is not None
    await store.erasure.erase_late(HERE, case.journal_id)
    assert await found(store, "secretword") == []
    assert "secretword" not in await all_that_is_kept(store)


async def test_what_is_past_its_time_is_not_found(store: Store, key: Path | None) -> None:
    number = await opened(store, submission(1, "secretword"), replace(VERDICT, rationale="secretword"))
    await store.reviews.add_note(HERE, number, MODERATOR, "looked at")
    await store.appeals.lodge(HERE, number, ANA, "innocentword")
    later = datetime.now(UTC) + timedelta(days=31)
    await store.retention.clear(later)
    assert (await found(store, "secretword"), await found(store, "innocentword")) == ([], [])
    assert await found(store, "looked") == [number]
    if (file := sqlite_file(store.url)) is not None and key is None:
        copy = file.with_name("copy.sqlite3")
        await backup(store.url, copy)
        assert b"secretword" not in copy.read_bytes()


async def test_nothing_is_left_of_a_server_that_the_bot_left(store: Store) -> None:
    await full(store)
    await opened(store, submission(2, "stays", guild_id=ELSEWHERE))
    await store.departures.left(HERE, NOW)
    await store.departures.remove_due(NOW + WEEK)
    assert await found(store, "secretword") == []
    assert await found(store, "stays", ELSEWHERE) == [1]
    assert "secretword" not in await all_that_is_kept(store)


async def test_what_is_not_committed_is_not_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await opened(store, submission(1, "word"))
    monkeypatch.setattr("bot.store.chain._END", Plain(text("SELECT nothing FROM nowhere")))
    with pytest.raises(Exception, match="nowhere"):
        await store.reviews.add_note(HERE, number, MODERATOR, "noted")
    monkeypatch.undo()
    assert await found(store, "noted") == []


# -- what it costs, and two at once ----------------------------------------------------------------------------


async def test_a_message_that_is_allowed_costs_the_index_nothing(store: Store) -> None:
    with statements_of(store) as sent:
        (journal_id,) = await store.journal.append([submission(1, "fine")])
        await store.journal.claim(1)
        await store.journal.settle_allowed(journal_id, VERDICT, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
    assert sent
    assert not [statement for statement, _ in sent if "case_index" in statement or "case_words" in statement]


async def test_of_two_who_write_of_a_case_at_once_both_are_found(store: Store) -> None:
    number = await opened(store, submission(1, "word"))
    notes = (store.reviews.add_note(HERE, number, MODERATOR, f"note{n}") for n in range(5))
    await asyncio.gather(store.appeals.lodge(HERE, number, ANA, "appealed"), *notes)
    assert await found(store, "word appealed note0 note1 note2 note3 note4") == [number]


# -- keys, migrations, backups ---------------------------------------------------------------------------------


async def test_with_a_key_only_tokens_stand_in_the_tables(store: Store, key: Path | None) -> None:
    await full(store)
    assert ("secretword" in await all_that_is_kept(store)) == (key is None)
    assert bool(files_with(store, b"secretword")) == (key is None and sqlite_file(store.url) is not None)


def test_the_same_word_has_another_token_on_another_server_and_under_another_key(tmp_path: Path) -> None:
    seals = []
    for name in ("one", "other"):
        add_key(tmp_path / name)
        seals.append(read_seal(tmp_path / name))
    tokens = {seal.token(guild_id, "word") for seal in seals for guild_id in (HERE, ELSEWHERE)}
    assert len(tokens) == 4
    assert seals[0].token(HERE, "word") == read_seal(tmp_path / "one").token(HERE, "word")
    assert all(len(token) == 16 and token.isascii() and token.isalnum() and token.islower() for token in tokens)


async def test_sealing_and_another_key_make_the_index_anew(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    chain, content = tmp_path / "chain.key", tmp_path / "content.key"
    plain = Store(url, chain)
    number = await full(plain)
    await plain.close()
    for _ in range(2):
        add_key(content)
        store = Store(url, chain, content)
        assert await found(store, "secretword") == []
        assert await store.sealing.remaining() > 0
        await store.sealing.seal_all(lambda _: None)
        assert await store.sealing.remaining() == 0
        assert await found(store, "secretword") == [number]
        assert "secretword" not in await all_that_is_kept(store)
        assert files_with(store, b"secretword") == []
        await store.close()
    content.write_text(content.read_text().splitlines()[0])
    store = Store(url, chain, content)
    assert await found(store, "secretword") == [number]
    await store.close()


async def test_what_was_not_indexed_yet_is_listed_and_then_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.indexing.PAGE", 2)
    for n in range(5):
        await opened(store, submission(n, f"word{n} each"))
    async with store._engine.begin() as connection:  # as the migration leaves it
        await connection.execute(text("UPDATE case_index SET made_by = '', words = ''"))
    assert (await found(store, ""), await found(store, "each")) == ([5, 4, 3, 2, 1], [])
    pages: list[int] = []
    assert (await store.indexing.remaining(), await store.indexing.index_all(pages.append)) == (5, 5)
    assert sum(pages) == 5
    assert (await found(store, "each"), await found(store, "word3")) == ([5, 4, 3, 2, 1], [4])
    assert (await store.indexing.remaining(), await store.indexing.index_all(pages.append)) == (0, 0)


async def test_a_backup_that_is_put_back_is_searched(store: Store, tmp_path: Path) -> None:
    if sqlite_file(store.url) is None:
        pytest.skip("PostgreSQL has its own backups")
    number = await full(store)
    copy = await backup(store.url, tmp_path / "copy.sqlite3")
    await opened(store, submission(2, "afterwards"))
    await store.close()
    await restore(store.url, copy)
    assert (await found(store, "secretword"), await found(store, "afterwards")) == ([number], [])
