"""Policies: drafts being written, and numbered versions that never change.

A server has one of its own, and one for each channel or category that was given one: `place_id`, None for the server's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.audit import SettingChange
from bot.domain.calibration import RuleShift
from bot.domain.lawbook import How, Lawbook, Parents, PlaceKind, PlacePolicy, changed_laws
from bot.domain.policy import policy_digest
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.store import tables
from bot.store.audit import audit_row
from bot.store.calibrations import calibration_rows
from bot.store.engine import StoreError
from bot.store.guilds import ensure_guild
from bot.store.lawbooks import draft_of, read_lawbook, version_of
from bot.store.sessions import Sessions

NO_OWN_POLICY = mark("That channel or category has no policy of its own: begin one with /policy scope.")
NOT_LIVE = mark("Version {number} is not live any more: look at /policy calibrate again.")
_NO_PARENTS: Parents = {}


class PolicyRepository:
    """Reads the live version afresh each time, so that a change counts from the next message on.

    What makes a version the law takes `parents`, the category of each channel as far as known, and raises PolicyError
    where a policy that extends another would then be too large or unclear; nothing is changed then. It also takes the
    `shifts` that are kept with the version.
    """

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def lawbook(self, guild_id: int, place_ids: Collection[int] | None = None) -> Lawbook:
        """All policies of a server; of its channels and categories only `place_ids` where those are given."""
        async with self._sessions.read() as session:
            return await read_lawbook(session, guild_id, place_ids)

    async def live(self, guild_id: int, place_id: int | None = None) -> PolicyVersion | None:
        """The version that is the law now; of a channel or category what it published last, in force or not."""
        version = tables.PolicyVersion
        async with self._sessions.read() as session:
            policy = await _policy(session, guild_id, place_id)
            number = policy.live_number if policy else None
            row = await session.get(version, (guild_id, number)) if number is not None else None
            return version_of(row) if row else None

    async def draft(self, guild_id: int, place_id: int | None = None) -> PolicyVersion | None:
        """The draft being written, if there is one."""
        async with self._sessions.read() as session:
            row = await _policy(session, guild_id, place_id)
            return draft_of(row) if row else None

    async def set_how(
        self,
        guild_id: int,
        place_id: int,
        kind: PlaceKind,
        how: How,
        by: int,
        parents: Parents = _NO_PARENTS,
    ) -> PlacePolicy:
        """Give a channel or category a policy of its own, or make it something else to the one around it.

        The change is put on record with it.
        """
        async with self._sessions.write() as session:
            await _begin(session, guild_id)
            before = await read_lawbook(session, guild_id)
            row = await session.get(tables.PlacePolicy, (guild_id, place_id))
            if row is None:
                row = tables.PlacePolicy(guild_id=guild_id, place_id=place_id, kind=kind, how=how)
                session.add(row)
                old = None
            else:
                old, row.how = row.how, how
            await session.flush()
            after = await read_lawbook(session, guild_id)
            changed_laws(before, after, parents)
            if old != how:
                what = f"policy.{place_id}.how"
                session.add(audit_row(SettingChange(guild_id, datetime.now(UTC), by, what, old, how.value)))
            return after.places[place_id]

    async def save_draft(
        self, guild_id: int, source: str, author_id: int, based_on: str | None = None, place_id: int | None = None
    ) -> PolicyVersion:
        """Keep a text as the draft.

        `based_on` is the digest of the text its author saw when beginning; StoreError where the draft has
        become another since (None: not checked), or the place has no policy of its own.
        """
        async with self._sessions.write() as session:
            row = await _ensure_policy(session, guild_id, place_id)
            current = row.draft_digest
            if based_on is not None and current is not None and current not in {based_on, policy_digest(source)}:
                raise StoreError(tr("Somebody else changed the draft meanwhile: look at it and edit again."))
            row.draft_source, row.draft_digest = source, policy_digest(source)
            row.draft_author_id, row.draft_at = author_id, datetime.now(UTC)
            await session.flush()
            draft = draft_of(row)
            assert draft is not None
            return draft

    async def publish(
        self,
        guild_id: int,
        digest: str,
        author_id: int,
        reason: str = "",
        place_id: int | None = None,
        parents: Parents = _NO_PARENTS,
        shifts: Iterable[RuleShift] = (),
    ) -> PolicyVersion:
        """Make the draft with this digest the law, as the next version.

        Publishing what is live already answers with the live version; StoreError where the draft is another.
        """
        async with self._sessions.write() as session:
            row = await _ensure_policy(session, guild_id, place_id)
            draft = draft_of(row)
            if draft is None or draft.digest != digest:
                if row.live_number is not None:
                    live = await session.get(tables.PolicyVersion, (guild_id, row.live_number))
                    if live is not None and live.digest == digest:
                        return version_of(live)
                raise StoreError(tr("The draft has changed or was published already: look at it and publish again."))
            version = await _make_live(session, row, draft, author_id, reason, parents, shifts)
            row.draft_source = row.draft_digest = row.draft_author_id = row.draft_at = None
            return version

    async def republish(
        self,
        guild_id: int,
        number: int,
        replaced: int | None,
        author_id: int,
        reason: str = "",
        parents: Parents = _NO_PARENTS,
        shifts: Iterable[RuleShift] = (),
    ) -> PolicyVersion:
        """Make the text of a published version the law again where it was, as the next version; a draft stays.

        `replaced` is the number of the version that its author saw live. Where the live version has that text already
        it is the answer; StoreError where another one went live meanwhile, or there is no version of that number.
        """
        async with self._sessions.write() as session:
            await _begin(session, guild_id)
            old = await session.get(tables.PolicyVersion, (guild_id, number))
            if old is None:
                raise StoreError(tr("There is no version {number} of this server's policy.", number=number))
            row = await _ensure_policy(session, guild_id, old.place_id)
            live = await session.get(tables.PolicyVersion, (guild_id, row.live_number)) if row.live_number else None
            if live is not None and live.digest == old.digest:
                return version_of(live)
            if row.live_number != replaced:
                raise StoreError(
                    tr("Meanwhile version {number} went live: look at it and decide again.", number=row.live_number)
                )
            return await _make_live(session, row, version_of(old), author_id, reason, parents, shifts)

    async def recalibrate(
        self, guild_id: int, number: int, author_id: int, reason: str, shifts: Iterable[RuleShift]
    ) -> PolicyVersion:
        """Make the text of a live version the law with other shifts, as the next version; a draft stays.

        StoreError where the version of that number is not live any more, or there is none. What fits together is not
        looked at again: the text stays.
        """
        async with self._sessions.write() as session:
            await _begin(session, guild_id)
            old = await session.get(tables.PolicyVersion, (guild_id, number))
            row = await _policy(session, guild_id, old.place_id) if old is not None else None
            if old is None or row is None or row.live_number != number:
                raise StoreError(tr(NOT_LIVE, number=number))
            return await _add_live(session, row, version_of(old), author_id, reason, shifts)

    async def history(self, guild_id: int, limit: int = 25, place_id: int | None = None) -> list[PolicyVersion]:
        """Published versions, newest first."""
        version = tables.PolicyVersion
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(version)
                .where(version.guild_id == guild_id, version.place_id == place_id)
                .order_by(version.number.desc())
                .limit(limit)
            )
            return [version_of(row) for row in rows]

    async def numbers(self, guild_id: int) -> Mapping[int, list[int]]:
        """By channel or category the numbers of all versions that its policy had, oldest first."""
        version = tables.PolicyVersion
        found: dict[int, list[int]] = {}
        async with self._sessions.read() as session:
            rows = await session.execute(
                select(version.place_id, version.number)
                .where(version.guild_id == guild_id, version.place_id.is_not(None))
                .order_by(version.number)
            )
            for place_id, number in rows:
                if place_id is not None:
                    found.setdefault(place_id, []).append(number)
        return found

    async def version(self, guild_id: int, number: int) -> PolicyVersion | None:
        """A published version by its number, whosever policy it is of."""
        of = {"guild_id": guild_id, "number": number}
        row = await self._sessions.read_at_once(lambda connection: connection.execute(_VERSION, of).first())
        return version_of(row) if row else None

    async def before(self, version: PolicyVersion) -> PolicyVersion | None:
        """What a published version took the place of; None for the first."""
        row = tables.PolicyVersion
        async with self._sessions.read() as session:
            found = await session.scalar(
                select(row)
                .where(row.guild_id == version.guild_id, row.place_id == version.place_id, row.number < version.number)
                .order_by(row.number.desc())
                .limit(1)
            )
            return version_of(found) if found else None


_VERSION = select(*tables.PolicyVersion.__table__.c).where(
    tables.PolicyVersion.guild_id == bindparam("guild_id"), tables.PolicyVersion.number == bindparam("number")
)


async def _policy(
    session: AsyncSession, guild_id: int, place_id: int | None
) -> tables.Policy | tables.PlacePolicy | None:
    if place_id is None:
        return await session.get(tables.Policy, guild_id)
    return await session.get(tables.PlacePolicy, (guild_id, place_id))


async def _begin(session: AsyncSession, guild_id: int) -> None:
    """See to it that the server has a policy's row, and that no other changes any of its policies meanwhile."""
    await ensure_guild(session, guild_id)
    # Versions are numbered over all policies of a server, and one may extend another: one at a time.
    await session.execute(select(tables.Guild.id).where(tables.Guild.id == guild_id).with_for_update())
    if await session.get(tables.Policy, guild_id) is None:
        session.add(tables.Policy(guild_id=guild_id))
        await session.flush()


async def _ensure_policy(
    session: AsyncSession, guild_id: int, place_id: int | None
) -> tables.Policy | tables.PlacePolicy:
    """The policy's row; the server's is made where there is none, StoreError for a place without one."""
    await _begin(session, guild_id)
    row = await _policy(session, guild_id, place_id)
    if row is None:
        raise StoreError(tr(NO_OWN_POLICY))
    return row


async def _make_live(
    session: AsyncSession,
    row: tables.Policy | tables.PlacePolicy,
    text: PolicyVersion,
    author_id: int,
    reason: str,
    parents: Parents,
    shifts: Iterable[RuleShift],
) -> PolicyVersion:
    """The next version as `_add_live` makes it; PolicyError where something in force by then would not fit."""
    before = await read_lawbook(session, row.guild_id)
    version = await _add_live(session, row, text, author_id, reason, shifts)
    changed_laws(before, before.with_live(version), parents)
    return version


async def _add_live(
    session: AsyncSession,
    row: tables.Policy | tables.PlacePolicy,
    text: PolicyVersion,
    author_id: int,
    reason: str,
    shifts: Iterable[RuleShift],
) -> PolicyVersion:
    """The next version, with the source of `text`, live, and its shifts."""
    last = await session.scalar(
        select(func.max(tables.PolicyVersion.number)).where(tables.PolicyVersion.guild_id == row.guild_id)
    )
    made = tables.PolicyVersion(
        guild_id=row.guild_id,
        number=(last or 0) + 1,
        source=text.source,
        digest=text.digest,
        author_id=author_id,
        reason=reason,
        created_at=text.created_at,
        published_at=datetime.now(UTC),
        place_id=text.place_id,
    )
    session.add(made)
    await session.flush()
    row.live_number = made.number
    session.add_all(calibration_rows(made.guild_id, made.number, shifts, made.published_at))
    return version_of(made)
