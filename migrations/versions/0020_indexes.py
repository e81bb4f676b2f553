"""By when actions were first attempted they are counted for the brake; by their cases examples are found"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_actions_attempted_at", "actions", ["attempted_at"])
    op.create_index("ix_learned_examples_case_id", "learned_examples", ["case_id"])


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
