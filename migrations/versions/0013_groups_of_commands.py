"""Groups of commands that roles were given or refused, and what waits for a human, kept on its case"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UNANSWERED = """
UPDATE cases SET waiting_since = created_at
WHERE NOT EXISTS (SELECT 1 FROM reviews WHERE reviews.case_id = cases.id)
AND (
  EXISTS (SELECT 1 FROM verdicts WHERE verdicts.submission_id = cases.submission_id AND verdicts.outcome = 'review')
  OR EXISTS (
    SELECT 1 FROM actions
    WHERE actions.case_id = cases.id AND actions.kind = 'escalate' AND actions.asked_by IS NULL
  )
)
"""
_REPORTED = """
UPDATE cases SET waiting_since = (SELECT min(reports.at) FROM reports WHERE reports.case_id = cases.id)
WHERE NOT EXISTS (SELECT 1 FROM reviews WHERE reviews.case_id = cases.id)
AND EXISTS (SELECT 1 FROM reports WHERE reports.case_id = cases.id)
AND NOT EXISTS (
  SELECT 1 FROM actions
  WHERE actions.case_id = cases.id AND actions.kind = 'escalate' AND actions.asked_by IS NULL
)
"""
_APPEALED = """
UPDATE cases SET waiting_since = (SELECT appeals.at FROM appeals WHERE appeals.case_id = cases.id)
WHERE EXISTS (
  SELECT 1 FROM appeals
  WHERE appeals.case_id = cases.id AND appeals.answered_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM reviews WHERE reviews.case_id = cases.id AND reviews.at > appeals.at)
)
"""

BACKFILL = (_UNANSWERED, _REPORTED, _APPEALED)


def upgrade() -> None:
    op.create_table(
        "role_access",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("command_group", sa.String(length=16), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_role_access_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "role_id", "command_group", name=op.f("pk_role_access")),
    )
    op.add_column("cases", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    for statement in BACKFILL:
        op.execute(statement)
    is_waiting = sa.text("waiting_since IS NOT NULL")
    op.create_index(
        "ix_cases_waiting",
        "cases",
        ["guild_id", "waiting_since", "id"],
        unique=False,
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
