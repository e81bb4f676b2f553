"""What the store keeps and gives back: policy versions, journal entries, cases, actions, reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.decision import Decision, Mode
from bot.domain.policy import Action
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One immutable version of a server's policy; `published_at` is None for a draft.

    Drafts have number 0: a version gets its number when it is published, 1 being the first.
    """

    guild_id: int
    number: int
    source: str
    digest: str
    author_id: int
    reason: str
    created_at: datetime
    published_at: datetime | None


class JournalState(StrEnum):
    """How far a submission has come."""

    PENDING = "pending"
    CLAIMED = "claimed"
    JUDGED = "judged"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A submission with its row id in the journal and its state."""

    id: int
    submission: Submission
    state: JournalState
    attempts: int = 0


class ActionOutcome(StrEnum):
    """What became of an action."""

    PLANNED = "planned"
    ATTEMPTED = "attempted"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action of a case. `until` is a timeout's absolute end, fixed when planned.

    `note` says why where the outcome is failed or skipped; `nonce` identifies the message it posts, if any.
    """

    id: int
    action: Action
    outcome: ActionOutcome
    note: str = ""
    until: datetime | None = None
    nonce: str = ""
    attempted_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """The numbered record moderators see for a submission that was not simply allowed.

    `verdict` is None where judging failed (`decision.reason` says why). `submission.text` is empty once
    retention has cleared it. `policy_number` is the version judged by, None where there was none.
    `log_channel_id` and `log_message_id` say where the case stands in the mod log, once posted.
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
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was made of a submission, allowed ones too: for `/why` and for the sandbox's stream."""

    journal_id: int
    submission: Submission
    verdict: Verdict | None
    decision: Decision
    mode: Mode
    policy_number: int | None
    case_number: int | None
    judged_at: datetime
