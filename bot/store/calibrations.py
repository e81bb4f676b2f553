"""What shifts the judge's word on a rule, as it was kept with each version. Written when a version goes live only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select

from bot.domain.calibration import RuleShift, Shifts
from bot.domain.records import PolicyVersion
from bot.store.calibration_tables import PolicyCalibration
from bot.store.sessions import Sessions


class CalibrationRepository:
    """Reads only: a version and its shifts are made in one transaction, see `bot.store.policies`."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def of(self, guild_id: int, numbers: Collection[int]) -> dict[int, Shifts]:
        """By the number of a version its shifts; versions without any are not in it."""
        row = PolicyCalibration
        found: dict[int, dict[str, RuleShift]] = {}
        async with self._sessions.read() as session:
            for one in await session.scalars(
                select(row).where(row.guild_id == guild_id, row.number.in_(numbers)).order_by(row.number, row.rule)
            ):
                shift = RuleShift(one.rule, one.shift, one.confirmed, one.overturned, one.model_digest)
                found.setdefault(one.number, {})[one.rule] = shift
        return dict(found)

    async def with_version(self, version: PolicyVersion) -> Shifts:
        """The shifts that a published version has; empty where it has none."""
        return (await self.of(version.guild_id, [version.number])).get(version.number, {})


def calibration_rows(guild_id: int, number: int, shifts: Iterable[RuleShift], at: datetime) -> list[PolicyCalibration]:
    """The rows that are kept with a version."""
    return [
        PolicyCalibration(
            guild_id=guild_id,
            number=number,
            rule=one.rule,
            shift=one.shift,
            confirmed=one.confirmed,
            overturned=one.overturned,
            model_digest=one.model_digest,
            at=at,
        )
        for one in shifts
    ]
