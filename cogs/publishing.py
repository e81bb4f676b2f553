"""Publishing a draft, by command or by the button under its diff."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from bot.domain.policy import PolicyError
from bot.domain.records import PolicyVersion
from bot.judge.interface import Judge, JudgeError
from bot.pipeline.law import law_of
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.borderline import Borderlines
from cogs.errors import RefusedError
from cogs.permissions import require_moderator
from cogs.pressed import cog_of

_CHANGED = "The draft is another one by now: look at it with /policy show and the version draft, then publish it."


class Publishing(commands.Cog):
    """Compiles the card first, so that a version is live only once it can judge."""

    def __init__(self, store: Store, judge: Judge, borderlines: Borderlines) -> None:
        """Publish in `store` what `judge` has prepared; afterwards `borderlines` asks about what it is unsure of."""
        self._store = store
        self._judge = judge
        self._borderlines = borderlines

    async def publish(self, interaction: Interaction, digest: str | None, reason: str = "") -> None:
        """Publish the draft, which must be the one with this digest where one is given; answers when it is live."""
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        before = await self._store.policies.live(guild.id)
        await answer(interaction, await self.make_live(guild.id, interaction.user.id, digest, reason))
        if await self._store.policies.live(guild.id) != before:
            self._borderlines.begin(interaction)

    async def make_live(self, guild_id: int, author_id: int, digest: str | None, reason: str = "") -> str:
        """The same without an interaction: what became of it, in a sentence or two. Who may is for the caller to ask.

        RefusedError where there is no such draft or the judge cannot prepare it, StoreError where another came first.
        """
        live = await self._store.policies.live(guild_id)
        draft = await self._store.policies.draft(guild_id)
        wanted = digest or (draft.digest if draft else None)
        if wanted is None:
            raise RefusedError("There is no draft: write one with /policy edit.")
        if live is not None and live.digest == wanted:
            return f"Version {live.number} is live already and has this very text."
        if draft is None or draft.digest != wanted:
            raise RefusedError(_CHANGED)
        try:
            await self._judge.prepare((await law_of(self._store, draft)).policy)
        except JudgeError as error:
            raise RefusedError(f"Nothing was published and the draft is kept: {error}") from error
        version = await self._store.policies.publish(guild_id, wanted, author_id, reason)
        return f"Version {version.number} is live." + await self._still_idle(guild_id)

    async def roll_back(self, interaction: Interaction, old: PolicyVersion, reason: str = "") -> None:
        """Make a published version's text the law again, as a new version; answers when it is live.

        A draft stays as it is.
        """
        await think(interaction)
        guild = await require_moderator(interaction, self._store)
        live = await self._store.policies.live(guild.id)
        if live is not None and live.digest == old.digest:
            await answer(interaction, f"Version {live.number} is live and has this very text: nothing was changed.")
            return
        try:
            await self._judge.prepare((await law_of(self._store, old)).policy)
        except (JudgeError, PolicyError) as error:
            raise RefusedError(f"Nothing was changed, the law is what it was: {error}") from error
        why = f"back to version {old.number}" + (f": {reason}" if reason else "")
        replaced = live.number if live else None
        version = await self._store.policies.republish(guild.id, old.number, replaced, interaction.user.id, why)
        kept = " The draft is kept as it is." if await self._store.policies.draft(guild.id) else ""
        await answer(interaction, f"Version {version.number} is live and has the text of version {old.number}.{kept}")

    async def _still_idle(self, guild_id: int) -> str:
        """What is still to be done before anything is judged."""
        settings = await self._store.guilds.get(guild_id)
        return "" if settings.watched else " No channel is watched yet: add one with /watch add."


class PublishButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"lawspeaker:publish:(?P<digest>[0-9a-f]{64})"
):
    """Publishes the draft it was shown under, also after a restart; never another one."""

    def __init__(self, digest: str) -> None:
        """A button for the draft with this digest."""
        super().__init__(
            discord.ui.Button(
                label="Publish", style=discord.ButtonStyle.primary, custom_id=f"lawspeaker:publish:{digest}"
            )
        )
        self._digest = digest

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(match["digest"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Publishing) as publishing:
            await publishing.publish(interaction, self._digest)


def publish_view(digest: str) -> discord.ui.View:
    """The button alone, to send with a diff."""
    view = discord.ui.View(timeout=None)
    view.add_item(PublishButton(digest))
    return view
