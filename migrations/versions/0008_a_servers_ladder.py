"""A server's ladder, and what it made of a decision"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guilds", sa.Column("ladder", sa.JSON(), nullable=True))
    op.add_column("verdicts", sa.Column("stepped", sa.Text(), nullable=True))
    op.add_column("verdicts", sa.Column("ahead", sa.JSON(), nullable=True))
    op.create_index("ix_cases_created_at", "cases", ["guild_id", "created_at"])


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
