"""The table of what cases are found by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, RowId

# As each database looks for words: over these SQLite's FTS5 has the index `case_words`, see the migration.
FoldedWords = Text().with_variant(TSVECTOR(), "postgresql")


class CaseIndex(Base):
    """What a case is found by, made of what stands elsewhere (`bot.store.case_index`), in the same transaction.

    Its words are folded; where words are sealed, tokens stand for them. `made_by` is the folding, and the id of the
    key, that made it.
    """

    __tablename__ = "case_index"
    # By this one index every filter is answered without a look at the rows.
    __table_args__ = (
        Index(
            "ix_case_index_guild_id",
            *("guild_id", "case_id", "author_id", "channel_id", "parent_id", "rule", "status", "created_at"),
        ),
    )

    case_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[int] = mapped_column(BigInteger)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    rule: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(FoldedWords)
