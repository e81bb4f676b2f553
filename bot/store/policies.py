"""Policies: a draft being written, and numbered versions that never change."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.policy import policy_digest
from bot.domain.records import PolicyVersion
from bot.store import tables
from bot.store.engine import StoreError
from bot.store.guilds import ensure_guild
from bot.store.sessions import Sessions


class PolicyRepository:
    """Reads the live version afresh each time, so that a change counts from the next message on."""

    def __init__(self, sessions: Sessions) -> None:
        """Work with the store's sessions."""
        self._sessions = sessions

    async def live(self, guild_id: int) -> PolicyVersion | None:
        """The version that is the law now."""
        version, policy = tables.PolicyVersion, tables.Policy
        async with self._sessions.read() as session:
            row = await session.scalar(
                select(version)
                .join(policy, policy.guild_id == version.guild_id)
                .where(version.guild_id == guild_id, version.number == policy.live_number)
            )
            return _version(row) if row else None

    async def draft(self, guild_id: int) -> PolicyVersion | None:
        """The draft being written, if there is one."""
        async with self._sessions.read() as session:
            row = await session.get(tables.Policy, guild_id)
            return _draft(row) if row else None

    async def save_draft(
        self, guild_id: int, source: str, author_id: int, based_on: str | None = None
    ) -> PolicyVersion:
        """Keep a text as the draft.

        `based_on` is the digest of the text its author saw when beginning; StoreError where the draft has
        become another since (None: not checked).
        """
        async with self._sessions.write() as session:
            row = await _ensure_policy(session, guild_id)
            current = row.draft_digest
            if based_on is not None and current is not None and current not in {based_on, policy_digest(source)}:
                raise StoreError("Somebody else changed the draft meanwhile: look at it and edit again.")
            row.draft_source, row.draft_digest = source, policy_digest(source)
            row.draft_author_id, row.draft_at = author_id, datetime.now(UTC)
            await session.flush()
            draft = _draft(row)
            assert draft is not None
            return draft

    async def publish(self, guild_id: int, digest: str, author_id: int, reason: str = "") -> PolicyVersion:
        """Make the draft with this digest the law, as the next version.

        Publishing what is live already answers with the live version; StoreError where the draft is another.
        """
        async with self._sessions.write() as session:
            row = await _ensure_policy(session, guild_id)
            draft = _draft(row)
            if draft is None or draft.digest != digest:
                if row.live_number is not None:
                    live = await session.get(tables.PolicyVersion, (guild_id, row.live_number))
                    if live is not None and live.digest == digest:
                        return _version(live)
                raise StoreError("The draft has changed or was published already: look at it and publish again.")
            version = await _make_live(session, row, draft, author_id, reason)
            row.draft_source = row.draft_digest = row.draft_author_id = row.draft_at = None
            return version

    async def republish(
        self, guild_id: int, number: int, replaced: int | None, author_id: int, reason: str = ""
    ) -> PolicyVersion:
        """Make the text of a published version the law again, as the next version; a draft is left as it is.

        `replaced` is the number of the version that its author saw live. Where the live version has that text already
        it is the answer; StoreError where another one went live meanwhile, or there is no version of that number.
        """
        async with self._sessions.write() as session:
            row = await _ensure_policy(session, guild_id)
            old = await session.get(tables.PolicyVersion, (guild_id, number))
            if old is None:
                raise StoreError(f"There is no version {number} of this server's policy.")
            live = await session.get(tables.PolicyVersion, (guild_id, row.live_number)) if row.live_number else None
            if live is not None and live.digest == old.digest:
                return _version(live)
            if row.live_number != replaced:
                raise StoreError(f"Meanwhile version {row.live_number} went live: look at it and decide again.")
            return await _make_live(session, row, _version(old), author_id, reason)

    async def history(self, guild_id: int, limit: int = 25) -> list[PolicyVersion]:
        """Published versions, newest first."""
        version = tables.PolicyVersion
        async with self._sessions.read() as session:
            rows = await session.scalars(
                select(version).where(version.guild_id == guild_id).order_by(version.number.desc()).limit(limit)
            )
            return [_version(row) for row in rows]

    async def version(self, guild_id: int, number: int) -> PolicyVersion | None:
        """A published version by its number."""
        async with self._sessions.read() as session:
            row = await session.get(tables.PolicyVersion, (guild_id, number))
            return _version(row) if row else None


async def _ensure_policy(session: AsyncSession, guild_id: int) -> tables.Policy:
    await ensure_guild(session, guild_id)
    row = await session.get(tables.Policy, guild_id)
    if row is None:
        row = tables.Policy(guild_id=guild_id)
        session.add(row)
        await session.flush()
    return row


async def _make_live(
    session: AsyncSession, row: tables.Policy, text: PolicyVersion, author_id: int, reason: str
) -> PolicyVersion:
    """The next version, with the source of `text`, and live."""
    last = await session.scalar(
        select(func.max(tables.PolicyVersion.number)).where(tables.PolicyVersion.guild_id == row.guild_id)
    )
    version = tables.PolicyVersion(
        guild_id=row.guild_id,
        number=(last or 0) + 1,
        source=text.source,
        digest=text.digest,
        author_id=author_id,
        reason=reason,
        created_at=text.created_at,
        published_at=datetime.now(UTC),
    )
    session.add(version)
    await session.flush()
    row.live_number = version.number
    return _version(version)


def _version(row: tables.PolicyVersion) -> PolicyVersion:
    return PolicyVersion(
        row.guild_id, row.number, row.source, row.digest, row.author_id, row.reason, row.created_at, row.published_at
    )


def _draft(row: tables.Policy) -> PolicyVersion | None:
    if row.draft_source is None or row.draft_digest is None or row.draft_at is None:
        return None
    return PolicyVersion(
        row.guild_id, 0, row.draft_source, row.draft_digest, row.draft_author_id or 0, "", row.draft_at, None
    )
