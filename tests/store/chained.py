"""A server on which everything happened that the chain is about, and what is wrong with it, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bot.domain.calibration import RuleShift
from bot.domain.chain import Fault, Finding
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ReviewKind
from bot.domain.submission import ContextMessage, Submission
from bot.domain.verdict import Method, Verdict
from bot.store import Store

GUILD, ANA, BO, MODERATOR = 10, 30, 31, 9
ACT = Decision(Outcome.ACT, "1", (Action(ActionKind.DELETE), Action(ActionKind.TIMEOUT, timedelta(hours=1))))
SAID = (ContextMessage("bo", "hello", BO), ContextMessage("cy", "hi", 32))
SHIFT = RuleShift("1", -0.5, 3, 9, "e" * 64)
VERDICT = Verdict("1", {"1": 0.9}, "d" * 64, "m", "e" * 64, Method.REASON, "A threat.", "words", "I see a threat.")


def submission(message_id: int, author_id: int = ANA) -> Submission:
    return Submission(GUILD, 20, message_id, 0, author_id, "ana", "words", "norm", SAID, datetime.now(UTC))


async def case(store: Store, message_id: int, author_id: int = ANA) -> int:
    """A case in which everything happened that can; its number."""
    (journal_id,) = await store.journal.append([submission(message_id, author_id)])
    made = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, ACT.actions, datetime.now(UTC))
    for action in made.actions:
        await store.cases.attempt(action.id)
        await store.cases.finish(action.id, ActionOutcome.DONE)
    await store.cases.explained(GUILD, made.number, "A threat, by the look of it.", "words")
    await store.reports.add(submission(message_id, author_id), BO, Mode.ENFORCE)
    await store.reports.add(submission(message_id, author_id), 41, Mode.ENFORCE)
    await store.reviews.add_note(GUILD, made.number, MODERATOR, "looked at")
    await store.appeals.lodge(GUILD, made.number, author_id, "that was a joke")
    await store.appeals.answer(GUILD, made.number, MODERATOR, "no")
    await store.reviews.answer(GUILD, made.number, ReviewKind.OVERTURN, MODERATOR, note="it was")
    await store.reviews.undoing(made.actions[1].id, ActionOutcome.DONE, "lifted")
    await store.journal.settled(journal_id)
    return made.number


async def make(url: str, key: Path) -> None:
    store = Store(url, key)
    await store.guilds.update(GUILD, mode=Mode.ENFORCE, by=MODERATOR)
    await store.guilds.exempt(GUILD, "user", 200, by=MODERATOR)
    for source in ("1. No threats.", "1. No threats. [delete]"):
        draft = await store.policies.save_draft(GUILD, source, MODERATOR)
        await store.policies.publish(GUILD, draft.digest, MODERATOR, "why", shifts=[SHIFT])
    await case(store, 1)
    await case(store, 2)
    assert [str(one) for one in await findings(store)] == []
    await store.close()


async def tamper(store: Store, *statements: str) -> None:
    """What somebody does who can write to the database and has no key."""
    async with store._engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def faults(store: Store) -> list[tuple[Fault, str]]:
    return [(one.fault, one.what) for one in await findings(store)]


async def links(store: Store) -> int:
    covered = await store.chain.covered(GUILD)
    assert covered is not None
    return covered.head.sequence


async def findings(store: Store) -> list[Finding]:
    """All that is wrong with the chains of all servers."""
    key = store.chain_key.key()
    return [one for guild_id in await store.chain.servers() async for one in store.chain.findings(guild_id, key, _pass)]


def _pass(links: int) -> None: ...
