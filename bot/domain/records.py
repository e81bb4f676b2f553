"""What the store keeps and gives back: policy versions, journal entries, cases, actions, reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

from bot.domain.decision import Decision, Mode
from bot.domain.policy import Action, ActionKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.language import tr


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One immutable version of a server's policy, or of one of its channels or categories.

    `place_id` is the channel or category whose policy it is, None for the server's own. Drafts have number 0 and no
    `published_at`: a version gets its number when it is published, 1 being the first of the server, whosever policy it
    is, so that a number names one text.
    """

    guild_id: int
    number: int
    source: str
    digest: str
    author_id: int
    reason: str
    created_at: datetime
    published_at: datetime | None
    place_id: int | None = None


def versions_named(number: int, extends: Sequence[int] = ()) -> str:
    """Versions that were judged by, in words: `version 5, which extends version 3`; 0 is the draft."""
    names = [tr("version {number}", number=one) if one else tr("the draft") for one in (*extends, number)]
    return reduce(lambda base, one: tr("{version}, which extends {base}", version=one, base=base), names)


class JournalState(StrEnum):
    """How far a submission has come."""

    PENDING = "pending"
    CLAIMED = "claimed"
    JUDGED = "judged"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state of a server's settings and law was read: after each change it is another, None before the first."""

    guild_id: int
    number: int | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A submission with its row id in the journal and its state; `stamp` is its server's of when it was claimed."""

    id: int
    submission: Submission
    state: JournalState
    attempts: int
    stamp: Stamp


class ActionOutcome(StrEnum):
    """What became of an action."""

    PLANNED = "planned"
    ATTEMPTED = "attempted"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_open(self) -> bool:
        """Whether the action is still to be brought to an end."""
        return self in {ActionOutcome.PLANNED, ActionOutcome.ATTEMPTED}


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action of a case. `until` is a timeout's absolute end, fixed when planned.

    `note` says why where the outcome is failed or skipped; `nonce` identifies the message it posts, if any.
    `asked_by` is the moderator who asked for it, None where the policy did. `undoing` is what became of taking it
    back, None where the case is not overturned or there is nothing to take back.
    """

    id: int
    action: Action
    outcome: ActionOutcome
    note: str = ""
    until: datetime | None = None
    nonce: str = ""
    attempted_at: datetime | None = None
    asked_by: int | None = None
    undoing: Undoing | None = None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What became of taking an action back; `note` says why where it was not done, or how it was found."""

    outcome: ActionOutcome
    note: str = ""


class ReviewKind(StrEnum):
    """A human's answer to a case."""

    CONFIRM = "confirm"
    OVERTURN = "overturn"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Review:
    """A human's answer to a case, with who and when."""

    kind: ReviewKind
    reviewer_id: int
    note: str
    at: datetime


CLAIM_LASTS = timedelta(minutes=10)


class CaseStatus(StrEnum):
    """Where a case stands: open until a human has answered it, then as the last answer says."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"
    OTHER = "other"


STATUS_AFTER = {
    ReviewKind.CONFIRM: CaseStatus.CONFIRMED,
    ReviewKind.OVERTURN: CaseStatus.OVERTURNED,
    ReviewKind.OTHER: CaseStatus.OTHER,
}


@dataclass(frozen=True, slots=True)
class CaseNote:
    """What a moderator wrote down about a case, for other moderators."""

    author_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """What the author of a case's message says against it, once; only humans judge it.

    `text` and `answer` are empty once they were cleared or erased; `answered_at` is None before there is an answer.
    `note` says what could not be told to whom, for moderators.
    """

    text: str
    at: datetime
    answer: str = ""
    answered_by: int | None = None
    answered_at: datetime | None = None
    note: str = ""


_TELLS_AUTHOR = frozenset({ActionKind.WARN, ActionKind.KICK, ActionKind.BAN})


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """The numbered record moderators see for a submission that was not simply allowed.

    `verdict` is None where judging failed (`decision.reason` says why). `submission.text` is empty once
    retention has cleared it. `policy_number` is the version judged by, None where there was none; where it extends
    others, `extends` are their numbers, that of the outermost first.
    `log_channel_id` and `log_message_id` say where the case stands in the mod log, once posted. `claimed_by` is the
    moderator who claimed it last, which holds for `CLAIM_LASTS` from `claimed_at` on. `reporters` are the members
    who reported the message, in order, the first at `reported_at`; its author is never told. `only_linked` says that
    the message's words may not be shown (see `bot.domain.withholding`).
    """

    guild_id: int
    number: int
    journal_id: int
    submission: Submission
    verdict: Verdict | None
    decision: Decision
    mode: Mode
    policy_number: int | None
    actions: tuple[ActionRecord, ...]
    reviews: tuple[Review, ...]
    created_at: datetime
    log_nonce: str
    log_channel_id: int | None = None
    log_message_id: int | None = None
    notes: tuple[CaseNote, ...] = ()
    claimed_by: int | None = None
    claimed_at: datetime | None = None
    appeal: Appeal | None = None
    reporters: tuple[int, ...] = ()
    reported_at: datetime | None = None
    only_linked: bool = False
    extends: tuple[int, ...] = ()

    @property
    def was_told(self) -> bool:
        """Whether its author may have been sent a direct message about it, by which they can appeal."""
        return any(one.action.kind in _TELLS_AUTHOR and one.attempted_at is not None for one in self.actions)

    @property
    def answer(self) -> Review | None:
        """The answer that stands: the last one."""
        return self.reviews[-1] if self.reviews else None

    @property
    def status(self) -> CaseStatus:
        """Where the case stands."""
        return STATUS_AFTER[self.answer.kind] if self.answer else CaseStatus.OPEN

    @property
    def appeal_waits(self) -> bool:
        """Whether there is an appeal that nobody has answered, neither its author nor by deciding on the case anew."""
        if self.appeal is None or self.appeal.answered_at is not None:
            return False
        return self.answer is None or self.answer.at <= self.appeal.at

    def claim_at(self, now: datetime) -> int | None:
        """The moderator who holds the case now; None where nobody does, or it is answered and no appeal waits."""
        is_over = self.answer is not None and not self.appeal_waits
        if self.claimed_by is None or self.claimed_at is None or is_over:
            return None
        return self.claimed_by if now < self.claimed_at + CLAIM_LASTS else None

    def judgement(self, at: datetime) -> Judgement:
        """What was made of the case's submission, as of a time."""
        return Judgement(
            self.journal_id,
            self.submission,
            self.verdict,
            self.decision,
            self.mode,
            self.policy_number,
            self.number,
            at,
            self.extends,
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was made of a submission, allowed ones too: for `/why` and for the sandbox's stream.

    `policy_number` and `extends` are the versions judged by, as in a case.
    """

    journal_id: int
    submission: Submission
    verdict: Verdict | None
    decision: Decision
    mode: Mode
    policy_number: int | None
    case_number: int | None
    judged_at: datetime
    extends: tuple[int, ...] = ()
