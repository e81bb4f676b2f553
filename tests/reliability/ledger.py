"""The ledger: what Discord shows and what the store holds, compared; one sentence for each promise that is broken.

Only what stays is looked at (posts, direct messages, the audit log, records), so that something done twice is seen
however long ago it was done.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.decision import Outcome
from bot.domain.records import CaseRecord, JournalState
from bot.pipeline.intake import revision_of
from bot.sandbox.model import Guild, Message, User
from bot.sandbox.world import World
from bot.store import Store, tables
from tests.reliability.deeds import deeds_broken
from tests.reliability.letters import buttons, letters_broken, notices_broken
from tests.store.chained import findings

DIED_TWICE = "The judge's process died twice over this message."
_POST = re.compile(r"lawspeaker:case:more:(\d+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a member posted in a watched channel, and the rule that it breaks as it reads last, if any."""

    message: Message
    rule: str | None = None

    @property
    def revision(self) -> int:
        """That of its last edit, 0 where there was none."""
        return revision_of(self.message.edited_at)


@dataclass(frozen=True, slots=True)
class Row:
    """One revision in the journal; `outcome` and `rule` are what was decided and `reason` why, None before that."""

    message_id: int
    revision: int
    state: JournalState
    outcome: Outcome | None
    rule: str | None
    reason: str | None

    @property
    def is_for_a_human(self) -> bool:
        """Whether the judge's worker died over it too often to be asked again."""
        return self.outcome is Outcome.REVIEW and self.rule is None and DIED_TWICE in (self.reason or "")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds; `faults` are the chain's."""

    rows: Sequence[Row]
    cases: Sequence[CaseRecord]
    faults: Sequence[str]


async def kept(store: Store) -> Kept:
    """Read it."""
    row, verdict = tables.Submission, tables.Verdict
    query = select(
        row.message_id, row.revision, row.state, verdict.outcome, verdict.decided_rule, verdict.reason
    ).outerjoin(verdict, verdict.submission_id == row.id)
    async with store._engine.connect() as connection:
        rows = [
            Row(message_id, revision, JournalState(state), Outcome(outcome) if outcome else None, rule, reason)
            for message_id, revision, state, outcome, rule, reason in await connection.execute(query)
        ]
    return Kept(rows, await store.cases.list(limit=1_000_000), [str(one) for one in await findings(store)])


async def breaches(world: World, bot: User, store: Store, said: Sequence[Said]) -> list[str]:
    """Every promise that is broken by now; `said` is all that was posted in watched channels."""
    return broken(world, bot, await kept(store), said)


def broken(world: World, bot: User, held: Kept, said: Sequence[Said]) -> list[str]:
    """The same, of what the store was found to hold. Pure."""
    found = [*_messages_broken(held, said)]
    for guild in world.guilds.values():
        cases = sorted((one for one in held.cases if one.guild_id == guild.id), key=lambda one: one.number)
        found += _posts_broken(guild, bot, cases)
        found += deeds_broken(guild, bot, cases)
        found += letters_broken(world, guild, bot, cases)
        found += notices_broken(guild, bot, cases)
    return [*found, *(f"the chain: {fault}" for fault in held.faults)]


def _messages_broken(held: Kept, said: Sequence[Said]) -> Iterator[str]:
    """Each revision of each message is settled once, and comes to what it says."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in held.rows:
        rows[row.message_id].append(row)
    reported = {case.submission.message_id for case in held.cases if case.reporters}
    for one in said:
        name, revisions = f"message {one.message.id}", Counter(row.revision for row in rows[one.message.id])
        if one.revision not in revisions:
            yield f"{name} was lost"
        for revision, times in revisions.items():
            if times > 1:
                yield f"{name} stands {times} times in the journal"
            if revision > one.revision:
                yield f"{name} stands in the journal in a revision that nobody wrote"
        for row in rows.pop(one.message.id, []):
            if row.state is not JournalState.SETTLED:
                yield f"{name} is not settled but {row.state}"
            elif row.outcome is None:
                yield f"{name} is settled without a decision"
            elif row.is_for_a_human:
                continue
            elif row.revision == one.revision and one.message.id not in reported and row.rule != one.rule:
                yield f"{name} breaks {one.rule or 'no rule'}, and was decided to break {row.rule or 'no rule'}"
    for message_id, others in rows.items():
        if others:
            yield f"message {message_id} stands in the journal, and nobody posted it where it is judged"


def _posts_broken(guild: Guild, bot: User, cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Each case has a number of its own, and one post; nothing else is posted twice either."""
    if [one.number for one in cases] != list(range(1, len(cases) + 1)):
        yield f"the cases of {guild.name} are not numbered one by one"
    posts: dict[int, list[Message]] = defaultdict(list)
    others: Counter[str] = Counter()
    for channel in guild.channels.values():
        for message in channel.messages:
            if message.author is bot:
                number = next((int(found[1]) for name in buttons(message) if (found := _POST.fullmatch(name))), None)
                if number is not None:
                    posts[number].append(message)
                else:
                    others[message.content] += 1
    for case in cases:
        theirs = posts.pop(case.number, [])
        if len(theirs) != 1:
            yield f"case {case.number} of {guild.name} was posted {len(theirs)} times"
        elif case.log_message_id != theirs[0].id:
            yield f"case {case.number} of {guild.name} does not know its post"
    for number in posts:
        yield f"case {number} of {guild.name} was posted, and there is none"
    for content, times in others.items():
        if times > 1:
            yield f"the bot posted {times} times in {guild.name}: {content[:60]}"
