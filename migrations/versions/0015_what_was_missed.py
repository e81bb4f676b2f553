"""How far back-fill reaches, until when a server was heard, since when a channel is watched, and what was missed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guilds", sa.Column("backfill_minutes", sa.Integer(), nullable=False, server_default="60"))
    op.add_column("guilds", sa.Column("heard_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("submissions", sa.Column("missed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("watched_channels", sa.Column("watched_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
