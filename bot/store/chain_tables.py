"""The tables of the chain. They point at no other: a link outlives what it is about, but not its server."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base, RowId


class Chain(Base):
    """Where a server's chain ends. Whoever appends holds this row, last of all rows, until the end of a transaction."""

    __tablename__ = "chains"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class ChainLink(Base):
    """One link, see `bot.domain.chain.Link`. Never changed, but for the salt, which goes with what it belongs to."""

    __tablename__ = "chain_links"
    __table_args__ = (
        UniqueConstraint("guild_id", "sequence", name="uq_chain_links_guild_sequence"),
        Index("ix_chain_links_ref", "guild_id", "kind", "ref", "sequence"),
        Index("ix_chain_links_hash", "hash"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    ref: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class ChainPost(Base):
    """The head posted to a server's mod log on a day (UTC); `message_id` is None until it is known to stand there."""

    __tablename__ = "chain_posts"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str] = mapped_column(String(25))
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
