"""What shifts the judge's word on a rule, as it was kept with each version. Written when a version goes live only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, select

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
        of = {"guild_id": guild_id, "numbers": list(numbers)}
        found: dict[int, dict[str, RuleShift]] = {}
        for one in await self._sessions.read_at_once(lambda connection: connection.execute(_SHIFTS, of).all()):
            shift = RuleShift(one.rule, one.shift, one.confirmed, one.overturned, one.model_digest)
            found.setdefault(one.number, {})[one.rule] = shift
        return dict(found)

    async def with_version(self, version: PolicyVersion) -> Shifts:
        """The shifts that a published version has; empty where it has none."""
        return (await self.of(version.guild_id, [version.number])).get(version.number, {})


_ROW = PolicyCalibration.__table__.c
_SHIFTS = (
    select(*_ROW)
    .where(_ROW.guild_id == bindparam("guild_id"), _ROW.number.in_(bindparam("numbers", expanding=True)))
    .order_by(_ROW.number, _ROW.rule)
)


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
