"""Calibrating: which shifts hold in a law, and which a version is published with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress

from bot.domain.calibration import MOST_ANSWERS, Judged, RuleShift, Shifts, ended, in_force, learned_shifts
from bot.domain.figures import ReviewedCase
from bot.domain.lawbook import Lawbook, Parents, Versions
from bot.domain.policy import MAX_RULES, Policy
from bot.domain.records import PolicyVersion
from bot.judge.interface import NoAnswerError
from bot.pipeline.written import versions_then, written_by
from bot.store import Store

_MOST_READ = MOST_ANSWERS * MAX_RULES
"""Of a server's answers so many of the newest are looked through."""


async def shifts_in_force(store: Store, guild_id: int, versions: Versions, whole: Policy) -> Shifts:
    """The shifts of what versions come to, each with its own; a draft has those that publishing it now would give it.

    NoAnswerError where a version's text cannot be read.
    """
    kept = await store.calibrations.of(guild_id, [version.number for version in versions if version.number])
    if draft := next((version for version in versions if not version.number), None):
        kept[0] = {one.rule: one for one in await shifts_to_publish(store, draft)}
    if not any(kept.values()):
        return {}
    return in_force([(written_by((version,)), kept.get(version.number, {})) for version in versions], whole)


async def shifts_to_publish(store: Store, version: PolicyVersion) -> tuple[RuleShift, ...]:
    """What a text gets when it goes live now: by the answers there are, but for what moderators took away before.

    NoAnswerError as above.
    """
    policy = written_by((version,))
    live = await store.policies.live(version.guild_id, version.place_id)
    away: set[str] = set()
    # A version that becomes the law again was taken as the judge says in its time, too.
    for one in (live, version if version.number else None):
        if one is not None:
            before = written_by((one,))
            kept = await store.calibrations.with_version(one)
            keys = (policy.key_with_words(key, before.rule(key).text) for key, its in kept.items() if its.is_taken_away)
            away |= {key for key in keys if key is not None}
    return await _learned(store, version, away)


async def shifts_by_answers(store: Store, version: PolicyVersion) -> tuple[RuleShift, ...]:
    """What the answers there are come to for a text, whatever was taken away. NoAnswerError as above."""
    return await _learned(store, version, ())


async def shifts_ended(store: Store, before: PolicyVersion | None, now: PolicyVersion) -> list[str]:
    """The keys of the rules in an earlier version that were shifted there, and are not in a later one."""
    if before is None:
        return []
    kept = await store.calibrations.of(now.guild_id, [before.number, now.number])
    return ended(
        Judged(written_by((before,)), kept.get(before.number, {})),
        Judged(written_by((now,)), kept.get(now.number, {})),
    )


async def judged_then(store: Store, guild_id: int, cases: Iterable[ReviewedCase]) -> dict[tuple[int, ...], Judged]:
    """What cases were judged by, by its versions' numbers, where these are still there."""
    found = {}
    for numbers in {case.judged_by for case in cases}:
        with suppress(NoAnswerError):
            if versions := await versions_then(store, guild_id, numbers[-1], numbers[:-1]):
                policy = written_by(versions)
                found[numbers] = Judged(policy, await shifts_in_force(store, guild_id, versions, policy))
    return found


async def shifts_somewhere(store: Store, guild_id: int, book: Lawbook, parents: Parents) -> Shifts:
    """Those of the rules that hold anywhere on a server, as `rules_somewhere` names them."""
    found: dict[str, RuleShift | None] = {}
    for _, versions in book.everywhere(parents):
        with suppress(NoAnswerError):
            if versions:
                policy = written_by(versions)
                shifts = await shifts_in_force(store, guild_id, versions, policy)
                for rule in policy.rules:
                    found.setdefault(rule.key, shifts.get(rule.key))
    return {key: one for key, one in found.items() if one is not None}


async def _learned(store: Store, version: PolicyVersion, away: Collection[str]) -> tuple[RuleShift, ...]:
    cases = await store.figures.answered(version.guild_id, _MOST_READ)
    return learned_shifts(written_by((version,)), cases, await judged_then(store, version.guild_id, cases), away)
