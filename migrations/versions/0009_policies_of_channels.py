"""Channels and categories have policies of their own, and a verdict says which versions it rests on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_policies",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("live_number", sa.Integer(), nullable=True),
        sa.Column("draft_source", sa.Text(), nullable=True),
        sa.Column("draft_digest", sa.String(length=64), nullable=True),
        sa.Column("draft_author_id", sa.BigInteger(), nullable=True),
        sa.Column("draft_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["policies.guild_id"], name=op.f("fk_place_policies_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "place_id", name=op.f("pk_place_policies")),
    )
    # SQLite makes the table anew for a foreign key, and its trigger goes with the old one.
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place_id", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_policy_versions_place_id"),
            "place_policies",
            ["guild_id", "place_id"],
            ["guild_id", "place_id"],
            ondelete="CASCADE",
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER policy_versions_are_immutable BEFORE UPDATE ON policy_versions "
            "BEGIN SELECT RAISE(ABORT, 'a published policy version is immutable'); END"
        )
    op.add_column("submissions", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.add_column("verdicts", sa.Column("extends", sa.JSON(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
