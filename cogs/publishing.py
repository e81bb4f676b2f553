"""Publishing a draft, by command or by the button under its diff."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.domain.records import PolicyVersion
from bot.language import tr
from bot.lawmaking.publication import Publication
from bot.store import Store
from cogs.answers import Interaction, answer, controls, think
from cogs.borderline import Borderlines
from cogs.calibrating import away_view, kept_with
from cogs.permissions import require_use
from cogs.pressed import cog_of
from cogs.where import PLACE, require_seen


class Publishing(commands.Cog):
    """Answers when a version is live, and then asks about what the judge is unsure of."""

    def __init__(self, store: Store, publication: Publication, borderlines: Borderlines) -> None:
        """Publish through `publication`; afterwards `borderlines` asks."""
        self._store = store
        self.publication = publication
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
        said = await self.publication.make_live(guild, interaction.user.id, digest, reason, place_id)
        live = await self._store.policies.live(guild.id, place_id)
        await answer(interaction, said, view=await self._take_away(live) if live != before else None)
        if live != before:
            self._borderlines.begin(interaction, place_id)

    async def roll_back(self, interaction: Interaction, old: PolicyVersion, reason: str = "") -> None:
        """Make a published version's text the law again where it was, as a new version; answers when it is live.

        A draft stays as it is.
        """
        await think(interaction)
        guild = await require_use(interaction, self._store)
        done = await self.publication.roll_back(guild, interaction.user.id, old, reason)
        view = away_view(done.version.number, done.shifts) if done.version is not None else None
        await answer(interaction, done.said, view=view)

    async def _take_away(self, live: PolicyVersion | None) -> discord.ui.View | None:
        """The button that takes the calibration of what was just published away; None where there is none."""
        return away_view(live.number, await kept_with(self._store, live)) if live is not None else None


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
