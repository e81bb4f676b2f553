"""What cases are found by, their words among it; who answered which"""

# ruff: noqa: S608 - all names in these statements are this file's

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_index",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_index_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_index")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _words_of_sqlite()
    # Before the index, which is then made in one go.
    _index_cases()
    op.create_index(
        "ix_case_index_guild_id",
        "case_index",
        ["guild_id", "case_id", "author_id", "channel_id", "parent_id", "rule", "status", "created_at"],
    )
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE INDEX ix_case_index_words ON case_index USING gin (words)")
    op.create_index("ix_reviews_reviewer_id", "reviews", ["reviewer_id", "case_id"])


def _words_of_sqlite() -> None:
    """FTS5's index holds no copy of the words. The tokenizer `ascii` parts them at the spaces and nowhere else: they
    come folded, and as they are to be found. Triggers keep it the same as the table, whoever writes.
    """
    op.execute(
        "CREATE VIRTUAL TABLE case_words USING fts5("
        "words, content='case_index', content_rowid='case_id', tokenize='ascii', columnsize=0)"
    )
    add = "INSERT INTO case_words(rowid, words) VALUES (NEW.case_id, NEW.words);"
    remove = "INSERT INTO case_words(case_words, rowid, words) VALUES ('delete', OLD.case_id, OLD.words);"
    op.execute(f"CREATE TRIGGER case_index_words_on_insert AFTER INSERT ON case_index BEGIN {add} END")
    op.execute(f"CREATE TRIGGER case_index_words_on_delete AFTER DELETE ON case_index BEGIN {remove} END")
    op.execute(
        "CREATE TRIGGER case_index_words_on_update AFTER UPDATE OF words ON case_index "
        f"WHEN OLD.words IS NOT NEW.words BEGIN {remove} {add} END"
    )


def _index_cases() -> None:
    """All but the words, which may be sealed with a key that is not here: the program adds them as it starts, in
    batches, and so does `lawspeaker db upgrade`. Until then `made_by` is empty.
    """
    last = "SELECT kind FROM reviews WHERE reviews.case_id = cases.id ORDER BY reviews.id DESC LIMIT 1"
    op.execute(
        "INSERT INTO case_index "
        "(case_id, guild_id, author_id, channel_id, parent_id, rule, status, created_at, made_by, words) "
        "SELECT cases.id, cases.guild_id, submissions.author_id, submissions.channel_id, submissions.parent_id, "
        f"verdicts.decided_rule, CASE ({last}) WHEN 'confirm' THEN 'confirmed' WHEN 'overturn' THEN 'overturned' "
        "WHEN 'other' THEN 'other' ELSE 'open' END, cases.created_at, '', '' "
        "FROM cases JOIN submissions ON submissions.id = cases.submission_id "
        "JOIN verdicts ON verdicts.submission_id = cases.submission_id"
    )


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
