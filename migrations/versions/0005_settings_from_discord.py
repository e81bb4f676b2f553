"""A channel for cases that need a human, and the server's own words for a warning"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guilds", sa.Column("review_channel_id", sa.BigInteger(), nullable=True))
    op.add_column("guilds", sa.Column("warning_template", sa.Text(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
