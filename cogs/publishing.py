"""Publishing a draft, by command or by the button under its diff."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.discord_io.refusal import RefusedError
from bot.domain.lawbook import How, Lawbook, changed_laws
from bot.domain.policy import PolicyError
from bot.domain.records import PolicyVersion
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, tr
from bot.pipeline.calibrating import shifts_ended, shifts_to_publish
from bot.pipeline.law import as_judged
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.borderline import Borderlines
from cogs.calibrating import away_view, kept_with
from cogs.permissions import require_use
from cogs.pressed import cog_of
from cogs.prospects import extended_note
from cogs.render_calibration import published_note
from cogs.where import PLACE, parents_in, require_seen

_CHANGED = mark("The draft is another one by now: look at it with /policy show and the version draft, then publish it.")
_LIVE_THERE = {
    How.EXTEND: mark("Version {number} is live in {channel}: it extends what is in force around it."),
    How.REPLACE: mark("Version {number} is live in {channel}: it replaces what is in force around it."),
    How.NONE: mark(
        "Version {number} is published. The policy of {channel} is kept, and not in force: "
        "/policy scope puts it in force."
    ),
}


class Publishing(commands.Cog):
    """Compiles the card first, so that a version is live only once it can judge."""

    def __init__(self, store: Store, judge: Judge, borderlines: Borderlines) -> None:
        """Publish in `store` what `judge` has prepared; afterwards `borderlines` asks about what it is unsure of."""
        self._store = store
        self._judge = judge
        self._borderlines = borderlines

    async def publish(
        self, interaction: Interaction, digest: str | None, reason: str = "", place_id: int | None = None
    ) -> None:
        """Publish the draft, which must be the one with this digest where one is given; answers when it is live.

        `place_id` is the channel or category whose own policy is meant, None for the server's.
        """
        await think(interaction)
        guild = await require_use(interaction, self._store)
        require_seen(interaction, place_id)
        before = await self._store.policies.live(guild.id, place_id)
        said = await self.make_live(guild, interaction.user.id, digest, reason, place_id)
        live = await self._store.policies.live(guild.id, place_id)
        await answer(interaction, said, view=await self._take_away(live) if live != before else None)
        if live != before:
            self._borderlines.begin(interaction, place_id)

    async def make_live(
        self, guild: discord.Guild, author_id: int, digest: str | None, reason: str = "", place_id: int | None = None
    ) -> str:
        """The same without an interaction: what became of it, in a sentence or two. Who may is for the caller to ask.

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
            raise RefusedError(tr("Nothing was published and the draft is kept: {error}", error=error)) from error
        said = [
            _published(version, book),
            extended_note(book, after, guild, place_id),
            await self._still_idle(guild.id),
        ]
        note = published_note(shifts, await shifts_ended(self._store, live, version), live)
        return " ".join(filter(None, said)) + note

    async def roll_back(self, interaction: Interaction, old: PolicyVersion, reason: str = "") -> None:
        """Make a published version's text the law again where it was, as a new version; answers when it is live.

        A draft stays as it is.
        """
        await think(interaction)
        guild = await require_use(interaction, self._store)
        live = await self._store.policies.live(guild.id, old.place_id)
        if live is not None and live.digest == old.digest:
            told = tr("Version {number} is live and has this very text: nothing was changed.", number=live.number)
            await answer(interaction, told)
            return
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
                guild.id, old.number, replaced, interaction.user.id, why, parents_in(guild), shifts
            )
        except (JudgeError, PolicyError) as error:
            raise RefusedError(tr("Nothing was changed, the law is what it was: {error}", error=error)) from error
        has_draft = await self._store.policies.draft(guild.id, old.place_id) is not None
        said = [
            tr("Version {number} is live and has the text of version {old}.", number=version.number, old=old.number),
            tr("The draft is kept as it is.") if has_draft else "",
        ]
        note = published_note(shifts, await shifts_ended(self._store, live, version), live)
        await answer(interaction, " ".join(filter(None, said)) + note, view=away_view(version.number, shifts))

    async def _take_away(self, live: PolicyVersion | None) -> discord.ui.View | None:
        """The button that takes the calibration of what was just published away; None where there is none."""
        return away_view(live.number, await kept_with(self._store, live)) if live is not None else None

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


class PublishButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"lawspeaker:publish:(?P<digest>[0-9a-f]{{64}})(?::(?P<place>{PLACE}))?",
):
    """Publishes the draft it was shown under, also after a restart; never another one."""

    def __init__(self, digest: str, place_id: int | None = None) -> None:
        """A button for the draft with this digest, of the channel's or category's policy where one is given."""
        place = f":{place_id:x}" if place_id is not None else ""
        super().__init__(
            discord.ui.Button(
                label=tr("Publish"), style=discord.ButtonStyle.primary, custom_id=f"lawspeaker:publish:{digest}{place}"
            )
        )
        self._digest = digest
        self._place_id = place_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(match["digest"], int(match["place"], 16) if match["place"] else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Publishing) as publishing:
            await publishing.publish(interaction, self._digest, place_id=self._place_id)


def publish_view(digest: str, place_id: int | None = None) -> discord.ui.View:
    """The button alone, to send with a diff."""
    return controls(PublishButton(digest, place_id))
