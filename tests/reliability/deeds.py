"""The ledger's page for deeds: what the audit log shows that the bot did, against what it has on record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.sandbox.model import AuditEntry, Guild, User
from bot.sandbox.moderation import BAN, KICK, MEMBER_UPDATE, MESSAGE_DELETE, UNBAN
from bot.sandbox.snowflake import time_of

_OPEN = frozenset({ActionOutcome.PLANNED, ActionOutcome.ATTEMPTED})
_IN_AUDIT_LOG = {
    ActionKind.DELETE: MESSAGE_DELETE,
    ActionKind.TIMEOUT: MEMBER_UPDATE,
    ActionKind.KICK: KICK,
    ActionKind.BAN: BAN,
}
_DID = {MESSAGE_DELETE: "deleted a message", KICK: "kicked its author", BAN: "banned its author"}
_REASON = re.compile(r"Lawspeaker case (\d+)(?:: rule \S+?(?:, asked for by (\d+))?|( was overturned))")
_SAME_TIME = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Deed:
    """What an entry of the audit log is about: a case, what was done, and for whom; or what was taken back."""

    number: int
    action: int
    asked_by: int | None
    taken_back: bool


def deeds_broken(guild: Guild, bot: User, cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Each deed is done once, stays undone once it was taken back, and stands on record as what it came to."""
    done: dict[Deed, list[AuditEntry]] = defaultdict(list)
    for entry in guild.audit_log:
        if entry.user_id == bot.id:
            if deed := _deed(entry):
                done[deed].append(entry)
            else:
                yield f"the bot did something in {guild.name} that belongs to no case"
    for deed, entries in done.items():
        yield from _repeated(guild, f"case {deed.number} of {guild.name}", deed, entries)
    known = {case.number for case in cases}
    for number in sorted({deed.number for deed in done} - known):
        yield f"the bot acted in {guild.name} for case {number}, and there is none"
    for case in cases:
        yield from _unasked(guild, case, done)
        for record in case.actions:
            yield from _misrecorded(guild, bot, case, record, done)


def _deed(entry: AuditEntry) -> Deed | None:
    found = _REASON.fullmatch(entry.reason or "")
    if found is None:
        return None
    return Deed(int(found[1]), entry.action, int(found[2]) if found[2] else None, found[3] is not None)


def _repeated(guild: Guild, name: str, deed: Deed, entries: Sequence[AuditEntry]) -> Iterator[str]:
    if deed.taken_back:
        if len(entries) > 1:
            yield f"{name} was taken back {len(entries)} times"
    elif deed.action == MEMBER_UPDATE:
        ends = {_until(entry) for entry in entries}
        if len(ends) > 1:
            yield f"{name} has a timeout with {len(ends)} ends"
    elif len(entries) > 1:
        yield f"{name} {_DID.get(deed.action, 'did something')} {len(entries)} times"
    # Lifted by whomever; the same ban once more is no new judgement of a human's.
    for first, again in pairwise(entries):
        between = guild.audit_log[guild.audit_log.index(first) : guild.audit_log.index(again)]
        if any(one.target_id == again.target_id and _lifts(one, deed) for one in between):
            yield f"{name} repeated what was lifted"


def _lifts(entry: AuditEntry, deed: Deed) -> bool:
    """Whether an entry takes back what a deed did."""
    if deed.action == BAN:
        return entry.action == UNBAN
    return deed.action == MEMBER_UPDATE == entry.action and _until(entry) is None


def _misrecorded(
    guild: Guild, bot: User, case: CaseRecord, record: ActionRecord, done: dict[Deed, list[AuditEntry]]
) -> Iterator[str]:
    name, kind = f"case {case.number} of {guild.name}", record.action.kind
    if record.outcome in _OPEN:
        yield f"{name}: {kind} is still {record.outcome}"
    if record.undoing is not None and record.undoing.outcome in _OPEN:
        yield f"{name}: taking back {kind} is still {record.undoing.outcome}"
    if kind not in _IN_AUDIT_LOG:
        return
    entries = done.get(Deed(case.number, _IN_AUDIT_LOG[kind], record.asked_by, taken_back=False), [])
    if kind is ActionKind.TIMEOUT:
        assert record.until is not None
        entries = [one for one in entries if _is_same(_until(one), record.until)]
    if entries and record.outcome is not ActionOutcome.DONE:
        yield f"{name}: {kind} was done, and is recorded as {record.outcome}"
    if record.outcome is ActionOutcome.DONE and not entries and not _was_so(guild, bot, case, record):
        yield f"{name}: {kind} is recorded as done, and was not"


def _was_so(guild: Guild, bot: User, case: CaseRecord, record: ActionRecord) -> bool:
    """Whether things were so already that an action had nothing left to do."""
    said, kind = case.submission, record.action.kind
    if kind is ActionKind.DELETE:
        return guild.channels[said.channel_id].messages.get(said.message_id) is None
    about = [one for one in guild.audit_log if one.target_id == said.author_id]
    if kind is ActionKind.BAN:
        return _was_banned_since(about, record.attempted_at or case.created_at)
    if kind is ActionKind.TIMEOUT:
        assert record.until is not None
        ends = [end for one in about if one.action == MEMBER_UPDATE and (end := _until(one)) is not None]
        return any(end >= record.until - _SAME_TIME for end in ends)
    return False


def _was_banned_since(about: Sequence[AuditEntry], since: datetime) -> bool:
    """Whether a member was banned at some time since then, by what the audit log says of them."""
    turns = [one for one in about if one.action in {BAN, UNBAN}]
    over = [one.action == UNBAN and time_of(one.id) < since for one in turns[1:]]
    return any(one.action == BAN and not ended for one, ended in zip(turns, [*over, False], strict=False))


def _unasked(guild: Guild, case: CaseRecord, done: Iterable[Deed]) -> Iterator[str]:
    asked = {(_IN_AUDIT_LOG.get(one.action.kind), one.asked_by) for one in case.actions}
    for deed in done:
        if deed.number == case.number and not deed.taken_back and (deed.action, deed.asked_by) not in asked:
            yield f"case {case.number} of {guild.name}: the bot did what nothing on record asks for"


def _until(entry: AuditEntry) -> datetime | None:
    """The end of the timeout that an entry sets; None where it lifts one."""
    for change in entry.changes:
        if change["key"] == "communication_disabled_until" and "new_value" in change:
            return datetime.fromisoformat(change["new_value"])
    return None


def _is_same(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) <= _SAME_TIME
