"""The table of what shifts the judge's word, beside that of the versions it is kept with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Base


class PolicyCalibration(Base):
    """What shifts the judge's word on a rule under a version, in log-odds, and the answers it rests on. Never changed.

    0 says that a moderator took it away.
    """

    __tablename__ = "policy_calibrations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guild_id", "number"],
            ["policy_versions.guild_id", "policy_versions.number"],
            name="fk_policy_calibrations_guild_id",
            ondelete="CASCADE",
        ),
    )

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(32), primary_key=True)
    shift: Mapped[float] = mapped_column(Float)
    confirmed: Mapped[int]
    overturned: Mapped[int]
    model_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
