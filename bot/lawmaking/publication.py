"""Publication: a draft, or an earlier version, becomes the law; by a command, a button or on the console."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord_io.calibration_text import published_note
from bot.discord_io.places import parents_in
from bot.discord_io.prospects import extended_note
from bot.discord_io.refusal import RefusedError
from bot.domain.calibration import RuleShift
from bot.domain.lawbook import How, Lawbook, changed_laws
from bot.domain.policy import PolicyError
from bot.domain.records import PolicyVersion
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, tr
from bot.pipeline.calibrating import shifts_ended, shifts_to_publish
from bot.pipeline.law import as_judged
from bot.store import Store

_CHANGED = mark("The draft is another one by now: look at it with /policy show and the version draft, then publish it.")
_LIVE_THERE = {
    How.EXTEND: mark("Version {number} is live in {channel}: it extends what is in force around it."),
    How.REPLACE: mark("Version {number} is live in {channel}: it replaces what is in force around it."),
    How.NONE: mark(
        "Version {number} is published. The policy of {channel} is kept, and not in force: "
        "/policy scope puts it in force."
    ),
}


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What became of going back, in words; the version that went live with its shifts, None where nothing changed."""

    said: str
    version: PolicyVersion | None
    shifts: tuple[RuleShift, ...] = ()


class Publication:
    """Compiles the card first, so that a version is live only once it can judge. Who may is for the caller to ask."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Publish in `store` what `judge` has prepared."""
        self._store = store
        self._judge = judge

    async def make_live(
        self, guild: discord.Guild, author_id: int, digest: str | None, reason: str = "", place_id: int | None = None
    ) -> str:
        """Publish the draft, which must be the one with this digest where one is given; what became of it, in words.

        `place_id` is the channel or category whose own policy is meant, None for the server's.

        RefusedError where there is no such draft, the judge cannot prepare it, or a policy that extends another would
        not fit; StoreError where another came first.
        """
        live = await self._store.policies.live(guild.id, place_id)
        draft = await self._store.policies.draft(guild.id, place_id)
        wanted = digest or (draft.digest if draft else None)
        if wanted is None:
            raise RefusedError(tr("There is no draft: write one with /policy edit."))
        if live is not None and live.digest == wanted:
            return tr(
                "Version {number} is live already and has this very text. `/policy calibrate` takes up what moderators "
                "answered since.",
                number=live.number,
            )
        if draft is None or draft.digest != wanted:
            raise RefusedError(tr(_CHANGED))
        book = await self._store.policies.lawbook(guild.id)
        after = book.with_live(draft)
        try:
            await self._prepare(guild, book, after)
            shifts = await shifts_to_publish(self._store, draft)
            version = await self._store.policies.publish(
                guild.id, wanted, author_id, reason, place_id, parents_in(guild), shifts
            )
        except (JudgeError, PolicyError) as error:
            raise RefusedError(
                tr("Nothing was published and the draft is kept: {error}", error=tr(str(error)))
            ) from error
        said = [
            _published(version, book),
            extended_note(book, after, guild, place_id),
            await self._still_idle(guild.id),
        ]
        note = published_note(shifts, await shifts_ended(self._store, live, version), live)
        return " ".join(filter(None, said)) + note

    async def roll_back(self, guild: discord.Guild, author_id: int, old: PolicyVersion, reason: str = "") -> RolledBack:
        """Make a published version's text the law again where it was, as a new version. A draft stays as it is.

        RefusedError and StoreError as above.
        """
        live = await self._store.policies.live(guild.id, old.place_id)
        if live is not None and live.digest == old.digest:
            told = tr("Version {number} is live and has this very text: nothing was changed.", number=live.number)
            return RolledBack(told, None)
        book = await self._store.policies.lawbook(guild.id)
        if reason:
            why = tr("back to version {number}: {reason}", number=old.number, reason=reason)
        else:
            why = tr("back to version {number}", number=old.number)
        replaced = live.number if live else None
        try:
            await self._prepare(guild, book, book.with_live(old))
            shifts = await shifts_to_publish(self._store, old)
            version = await self._store.policies.republish(
                guild.id, old.number, replaced, author_id, why, parents_in(guild), shifts
            )
        except (JudgeError, PolicyError) as error:
            raise RefusedError(
                tr("Nothing was changed, the law is what it was: {error}", error=tr(str(error)))
            ) from error
        has_draft = await self._store.policies.draft(guild.id, old.place_id) is not None
        said = [
            tr("Version {number} is live and has the text of version {old}.", number=version.number, old=old.number),
            tr("The draft is kept as it is.") if has_draft else "",
        ]
        note = published_note(shifts, await shifts_ended(self._store, live, version), live)
        return RolledBack(" ".join(filter(None, said)) + note, version, shifts)

    async def _prepare(self, guild: discord.Guild, before: Lawbook, after: Lawbook) -> None:
        """Compile all that comes into force by a change; JudgeError, and PolicyError where something does not fit."""
        for policy in await as_judged(self._store, guild.id, changed_laws(before, after, parents_in(guild))):
            await self._judge.prepare(policy)

    async def _still_idle(self, guild_id: int) -> str:
        """What is still to be done before anything is judged."""
        settings = await self._store.guilds.get(guild_id)
        return "" if settings.watched else tr("No channel is watched yet: add one with /watch add.")


def _published(version: PolicyVersion, book: Lawbook) -> str:
    """That a version is live, and where it counts if it is not the server's own."""
    if version.place_id is None:
        return tr("Version {number} is live.", number=version.number)
    place = book.places[version.place_id]
    return tr(_LIVE_THERE[place.how], number=version.number, channel=f"<#{place.place_id}>")
