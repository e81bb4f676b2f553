"""The tables, as typed SQLAlchemy models. Only this package and the migrations know them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.store.sealed_columns import SealedJson, SealedText


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no time zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite increments only INTEGER primary keys by itself.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Guild(Base):
    """A server and its settings; `last_case` counts its cases, `left_at` is when the bot left it.

    What was said there until `heard_until` came in; None where the bot did not listen yet. `stamp` is another number
    after each change of its settings, its policies or what it learned: triggers see to that, whoever writes.
    """

    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(String(16))
    log_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    review_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    warning_template: Mapped[str | None] = mapped_column(Text)
    help_lines: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    escalation_role_id: Mapped[int | None] = mapped_column(BigInteger)
    judge_moderators: Mapped[bool] = mapped_column(Boolean)
    judge_bots: Mapped[bool] = mapped_column(Boolean)
    thresholds: Mapped[dict[str, Any]]
    ladder: Mapped[dict[str, Any] | None]
    keep_case_days: Mapped[int]
    keep_allowed_days: Mapped[int]
    brake_actions: Mapped[int]
    brake_seconds: Mapped[int]
    backfill_minutes: Mapped[int]
    last_case: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None]
    heard_until: Mapped[datetime | None]
    stamp: Mapped[int] = mapped_column(BigInteger, default=lambda: secrets.randbits(62))


class WatchedChannel(Base):
    """A channel whose messages are judged; `mode` is None where the server's holds.

    `watched_at` is since when, None where that is not known: it was watched before this was kept.
    """

    __tablename__ = "watched_channels"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    mode: Mapped[str | None] = mapped_column(String(16))
    watched_at: Mapped[datetime | None]


class Exemption(Base):
    """Who or what is not judged (`kind`: role, user, channel, category), or a role that moderates (moderator)."""

    __tablename__ = "exemptions"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    target_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class RoleAccess(Base):
    """A group of commands that was given to a role, or refused to it; without a row the default holds."""

    __tablename__ = "role_access"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    command_group: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_given: Mapped[bool] = mapped_column(Boolean)


class SettingChange(Base):
    """One change of a server's settings: who (0 is the shell), when, what, before and after. Never changed."""

    __tablename__ = "setting_changes"
    __table_args__ = (Index("ix_setting_changes_guild_id", "guild_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    author_id: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(100))
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class _Policy:
    """What every policy has: which version is live, and the draft being written."""

    live_number: Mapped[int | None]
    draft_source: Mapped[str | None] = mapped_column(Text)
    draft_digest: Mapped[str | None] = mapped_column(String(64))
    draft_author_id: Mapped[int | None] = mapped_column(BigInteger)
    draft_at: Mapped[datetime | None]


class Policy(_Policy, Base):
    """A server's own policy."""

    __tablename__ = "policies"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)


class PlacePolicy(_Policy, Base):
    """The policy of a channel or category (`kind`), and what it is to the one around it (`how`)."""

    __tablename__ = "place_policies"

    guild_id: Mapped[int] = mapped_column(ForeignKey("policies.guild_id", ondelete="CASCADE"), primary_key=True)
    place_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    how: Mapped[str] = mapped_column(String(16))


class PolicyVersion(Base):
    """One published version; never changed (a trigger refuses it). Without a place it is of the server's own policy."""

    __tablename__ = "policy_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guild_id", "place_id"],
            ["place_policies.guild_id", "place_policies.place_id"],
            name="fk_policy_versions_place_id",
            ondelete="CASCADE",
        ),
    )

    guild_id: Mapped[int] = mapped_column(ForeignKey("policies.guild_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime]
    place_id: Mapped[int | None] = mapped_column(BigInteger)


class Submission(Base):
    """The journal: one revision of one message, and how far it has come."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("message_id", "revision", name="uq_submissions_message_revision"),
        Index("ix_submissions_state", "state", "guild_id", "missed", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[int] = mapped_column(BigInteger)
    author_name: Mapped[str] = mapped_column(SealedText)
    text: Mapped[str] = mapped_column(SealedText)
    normalised: Mapped[str] = mapped_column(SealedText)
    context: Mapped[list[Any]] = mapped_column(SealedJson)
    posted_at: Mapped[datetime]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    cleared: Mapped[bool] = mapped_column(Boolean, default=False)
    category_id: Mapped[int | None] = mapped_column(BigInteger)
    missed: Mapped[bool] = mapped_column(Boolean, default=False)


class Verdict(Base):
    """What was made of a submission: the verdict (none where judging failed) and the decision.

    `extends` are the numbers of the versions that the version `policy_number` extended, none where it stood alone.
    """

    __tablename__ = "verdicts"

    submission_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    rule: Mapped[str | None] = mapped_column(String(32))
    probabilities: Mapped[dict[str, Any] | None]
    policy_digest: Mapped[str] = mapped_column(String(64))
    policy_number: Mapped[int | None]
    extends: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    model: Mapped[str] = mapped_column(Text)
    model_digest: Mapped[str] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(16))
    rationale: Mapped[str] = mapped_column(SealedText)
    quote: Mapped[str] = mapped_column(SealedText)
    reasoning: Mapped[str | None] = mapped_column(SealedText)
    timings_ms: Mapped[dict[str, Any]]
    outcome: Mapped[str] = mapped_column(String(16))
    decided_rule: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    stepped: Mapped[str | None] = mapped_column(Text)
    ahead: Mapped[dict[str, Any] | None]
    mode: Mapped[str] = mapped_column(String(16))
    judged_at: Mapped[datetime]


_WAITS = text("waiting_since IS NOT NULL")


class Case(Base):
    """A submission that was not simply allowed, numbered per server; `waiting_since` is set while a human is due."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("guild_id", "number", name="uq_cases_guild_number"),
        Index("ix_cases_waiting", "guild_id", "waiting_since", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_cases_created_at", "guild_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    submission_id: Mapped[int] = mapped_column(RowId, ForeignKey("submissions.id"), unique=True)
    created_at: Mapped[datetime]
    log_nonce: Mapped[str] = mapped_column(String(25))
    log_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    log_message_id: Mapped[int | None] = mapped_column(BigInteger)
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]


class Action(Base):
    """One action of a case, and what became of it."""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_case_id", "case_id"), Index("ix_actions_attempted_at", "attempted_at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_id: Mapped[int] = mapped_column(RowId, ForeignKey("cases.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    duration_seconds: Mapped[float | None] = mapped_column(Float)
    until: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(String(25))
    attempted_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    undo_outcome: Mapped[str | None] = mapped_column(String(16))
    undo_note: Mapped[str | None] = mapped_column(Text)


class Review(Base):
    """A human's answer to a case."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("ix_reviews_case_id", "case_id"),
        Index("ix_reviews_reviewer_id", "reviewer_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_id: Mapped[int] = mapped_column(RowId, ForeignKey("cases.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    reviewer_id: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(SealedText)
    at: Mapped[datetime]


class CaseNote(Base):
    """What a moderator wrote down about a case."""

    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_id: Mapped[int] = mapped_column(RowId, ForeignKey("cases.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(SealedText)
    at: Mapped[datetime]


class Appeal(Base):
    """What a case's author says against it, once, and what moderators answered (`answer` is empty before)."""

    __tablename__ = "appeals"

    case_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(SealedText)
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(SealedText, default="")
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")


class Report(Base):
    """A member who reported the message of a case; moderators see who, its author never does."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_reporter_id", "reporter_id", "at"),)

    case_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reporter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class LearnedExample(Base):
    """A message that a moderator made an example of: it breaks `rule`, or is fine beside it.

    `words` are the rule's at that time. `case_id` is None where the text was no case, `author_id` and `channel_id`
    where no member wrote it.
    """

    __tablename__ = "learned_examples"
    __table_args__ = (
        Index("ix_learned_examples_guild_id", "guild_id", "id"),
        Index("ix_learned_examples_case_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(Text)
    breaks: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str] = mapped_column(SealedText)
    case_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("cases.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    moderator_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
