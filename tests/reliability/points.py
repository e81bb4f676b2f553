"""Where the bot may die: every write to the database and every request that changes something, before it and after.

`KILLS` says what is played for each point to be reached; test_points.py holds that no step is missing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord.http

from bot.store.appeals import AppealRepository
from bot.store.cases import CaseRepository
from bot.store.chain_posts import HeadPostRepository
from bot.store.erasure import Erasure
from bot.store.journal import JournalRepository
from bot.store.lacks import LackRepository
from bot.store.presence import Presence
from bot.store.reports import ReportRepository
from bot.store.reviews import ReviewRepository
from bot.store.waiting import WaitingCases

_OWNERS: dict[str, type[Any]] = {
    "journal": JournalRepository,
    "cases": CaseRepository,
    "reviews": ReviewRepository,
    "waiting": WaitingCases,
    "appeals": AppealRepository,
    "reports": ReportRepository,
    "presence": Presence,
    "head_posts": HeadPostRepository,
    "lacks": LackRepository,
    "erasure": Erasure,
    "discord": discord.http.HTTPClient,
}

_IDLE = frozenset({"journal.claim", "waiting.claim_next"})
"""Steps that count only where they found something: they are made over and over."""


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after a step, when it is reached the `time`th time in a life."""

    side: str
    step: str
    time: int = 1

    @classmethod
    def of(cls, text: str) -> Point:
        """From `after cases.finish 2`."""
        side, step, *time = text.split()
        return cls(side, step, int(time[0]) if time else 1)

    def __str__(self) -> str:
        return f"{self.side} {self.step} {self.time}"


@dataclass(frozen=True, slots=True)
class Kill:
    """What is played (a function of tests/reliability/acts.py), and where one life after the other ends meanwhile."""

    act: str
    points: tuple[Point, ...]

    def __str__(self) -> str:
        return f"{self.act}: {', '.join(map(str, self.points))}"


_PLAYED = """
says_something_fine: before journal.append | after journal.append | after journal.claim
says_something_fine: before journal.settle_allowed | after journal.settle_allowed
says_something_fine: before presence.heard | after presence.heard
says_something_fine: after journal.claim, before journal.release_claimed
says_something_fine: after journal.claim, after journal.release_claimed
edits: before journal.append | after journal.append | before journal.settle_allowed
is_judged_later: before journal.release | after journal.release
speaks_where_there_is_no_policy: before journal.drop | after journal.drop
breaks_rule_1: before journal.open_case | after journal.open_case | before cases.explained | after cases.explained
breaks_rule_1: before cases.attempt | after cases.attempt | before discord.delete_message | after discord.delete_message
breaks_rule_1: before cases.finish | after cases.finish | before discord.send_message | after discord.send_message
breaks_rule_1: before cases.logged | after cases.logged | before journal.settled | after journal.settled
breaks_rule_1: after discord.delete_message, before cases.finish
breaks_rule_1: after discord.send_message, before cases.logged, after cases.logged
breaks_rule_3: before discord.send_message | after discord.send_message | after cases.finish 2
breaks_rule_3: before discord.edit_member | after discord.edit_member | before cases.finish 3
breaks_rule_3: after discord.send_message, after discord.edit_member
breaks_rule_4: before discord.send_message | after discord.send_message | before discord.kick | after discord.kick
breaks_rule_4: before cases.finish | after discord.kick, before cases.finish
breaks_rule_5: after discord.send_message | before discord.ban | after discord.ban | after cases.finish 2
breaks_rule_5_and_is_let_in_again: after discord.ban | after discord.ban, before cases.finish
breaks_rule_6: before discord.send_message | after discord.send_message | after cases.attempt 2
breaks_rule_6: after discord.send_message 2 | before cases.finish 2 | after cases.finish 2
has_a_timeout_overturned: before reviews.answer | after reviews.answer | before reviews.undoing
has_a_timeout_overturned: after reviews.undoing | after discord.send_message | before reviews.undoing 2
has_a_timeout_overturned: after reviews.undoing 4 | before discord.edit_member | after discord.edit_member
has_a_timeout_overturned: before discord.edit_message | after discord.edit_message
has_a_ban_overturned: after reviews.answer | before discord.unban | after discord.unban | before reviews.undoing 3
has_a_ban_asked_for: before reviews.answer | after reviews.answer | after cases.attempt
has_a_ban_asked_for: after discord.send_message | before discord.ban | after discord.ban | after cases.finish
has_a_deletion_asked_for: after reviews.answer | after cases.attempt | after discord.delete_message
appeals: before appeals.lodge | after appeals.lodge | before discord.send_message | after discord.send_message
has_an_appeal_decided: after reviews.answer | before discord.send_message | after discord.send_message
has_an_appeal_decided: before appeals.noted | after appeals.noted
has_an_appeal_answered: before appeals.answer | after appeals.answer | after discord.send_message
has_a_case_claimed: before reviews.claim | after reviews.claim
has_a_case_released: before reviews.release | after reviews.release
has_the_next_case_claimed: before waiting.claim_next | after waiting.claim_next
has_a_claim_lapse: before reviews.lapse | after reviews.lapse
has_something_noted: before reviews.add_note | after reviews.add_note
reports: before reports.add | after reports.add | before reports.judged | after reports.judged
reports: after discord.send_message | after cases.logged
waits_for_the_head: before head_posts.due | after head_posts.due | after discord.send_message
waits_for_the_head: before head_posts.posted | after head_posts.posted
lacks_a_permission: before lacks.open | after lacks.open | before lacks.told | after lacks.told
lacks_a_permission: before lacks.close | after lacks.close
is_forgotten: before erasure.erase | after erasure.erase
is_forgotten: before erasure.unname_unposted | after erasure.unname_unposted
is_forgotten: before erasure.unname | after erasure.unname | before erasure.unreport | after erasure.unreport
is_forgotten_behind_a_closed_door: before erasure.erase_late | after erasure.erase_late
"""


def _kills() -> tuple[Kill, ...]:
    found = []
    for line in _PLAYED.strip().splitlines():
        act, _, ways = line.partition(": ")
        for way in ways.split(" | "):
            found.append(Kill(act, tuple(Point.of(one) for one in way.split(", "))))
    return tuple(found)


KILLS = _kills()
STEPS = frozenset(point.step for kill in KILLS for point in kill.points)

IN_SHORT = frozenset(
    {
        "says_something_fine: before journal.append 1",
        "says_something_fine: after journal.claim 1, after journal.release_claimed 1",
        "edits: before journal.append 1",
        "breaks_rule_1: after discord.delete_message 1, before cases.finish 1",
        "breaks_rule_1: after discord.send_message 1",
        "breaks_rule_3: after discord.send_message 1, after discord.edit_member 1",
        "breaks_rule_4: after discord.kick 1",
        "breaks_rule_5_and_is_let_in_again: after discord.ban 1, before cases.finish 1",
        "breaks_rule_6: after discord.send_message 2",
        "has_a_timeout_overturned: after discord.edit_member 1",
        "has_a_ban_asked_for: after reviews.answer 1",
        "reports: after reports.add 1",
    }
)
"""Those of KILLS that `make test` plays; `make soak` plays all."""


def install(point: Point, armed: Path, hits: Path) -> None:
    """Let this process die at a point, once there is a file `armed`; that it was there stands in `hits` then."""
    name, _, attribute = point.step.partition(".")
    owner = _OWNERS[name]
    step: Callable[..., Awaitable[Any]] = getattr(owner, attribute)
    left = point.time

    def reached(found: bool) -> None:
        nonlocal left
        if not armed.exists() or not found:
            return
        left -= 1
        if left == 0:
            _die(point, hits)

    async def stepped(*arguments: Any, **named: Any) -> Any:
        if point.side == "before":
            reached(found=True)
        result = await step(*arguments, **named)
        if point.side == "after":
            reached(found=point.step not in _IDLE or bool(result))
        return result

    setattr(owner, attribute, stepped)


def _die(point: Point, hits: Path) -> None:
    with hits.open("a") as file:
        file.write(f"{point}\n")
        file.flush()
        os.fsync(file.fileno())
    os.kill(os.getpid(), signal.SIGKILL)
