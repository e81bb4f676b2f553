"""`/policy export|diff|rollback`: versions taken out, compared, and made the law again."""

from __future__ import annotations

from discord import app_commands

from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.errors import RefusedError
from cogs.permissions import require_use
from cogs.publishing import Publishing
from cogs.render_policy import comparison_embed, diff_file, name_of
from cogs.versions import DRAFT, Choice, Versions

GivenVersion = app_commands.Range[str, 1, 40]


class VersionCommands(app_commands.Group, name="versions", description="A part of /policy."):
    """Commands about versions, to be put into the group of `/policy`."""

    def __init__(self, store: Store, publishing: Publishing) -> None:
        """Read from `store`; make the law through `publishing`."""
        super().__init__()
        self._store = store
        self._publishing = publishing
        self._versions = Versions(store)

    @app_commands.command(name="export", description="Give the policy's text as a file, exactly as it was written.")
    @app_commands.describe(version="A version's number, draft or live; the live one unless given.")
    async def export(self, interaction: Interaction, version: GivenVersion | None = None) -> None:
        """Attach a version's text."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        found = await (self._versions.named(guild.id, version) if version else self._versions.live(guild.id))
        file = f"policy-{found.number or DRAFT}.md"
        await answer(interaction, f"This is {name_of(found)}.", files=[text_file(found.source, file)])

    @app_commands.command(name="diff", description="Show what differs between two versions of the policy.")
    @app_commands.describe(
        old="A version's number, draft or live; what was the law before the other unless given.",
        new="A version's number, draft or live; the draft unless given, else the live one.",
    )
    async def diff(
        self, interaction: Interaction, old: GivenVersion | None = None, new: GivenVersion | None = None
    ) -> None:
        """Compare any two texts; without options what the draft changes, or what the last version changed."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        if new is not None:
            after = await self._versions.named(guild.id, new)
        else:
            after = await self._store.policies.draft(guild.id) or await self._versions.live(guild.id)
        before = await (self._versions.named(guild.id, old) if old else self._versions.replaced_by(after))
        if before is None:
            raise RefusedError(f"Nothing was the law before {name_of(after)}: name both versions, as old and new.")
        shown = comparison_embed(before, after)
        await answer(interaction, embeds=shown.embeds, files=[] if shown.is_whole else [diff_file(before, after)])

    @app_commands.command(name="rollback", description="Make an earlier version the law again, as a new version.")
    @app_commands.describe(version="The number of the version to go back to.", reason="Why, for the history.")
    async def rollback(
        self, interaction: Interaction, version: GivenVersion, reason: app_commands.Range[str, 1, 400] | None = None
    ) -> None:
        """Go back to a published text."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        found = await self._versions.named(guild.id, version)
        if not found.number:
            raise RefusedError("A draft is not gone back to: make it the law with /policy publish.")
        await self._publishing.roll_back(interaction, found, reason or "")

    @export.autocomplete("version")
    @diff.autocomplete("old")
    @diff.autocomplete("new")
    async def _offer(self, interaction: Interaction, current: str) -> list[Choice]:
        """All versions there are, the draft included."""
        return await self._versions.offered(interaction, current)

    @rollback.autocomplete("version")
    async def _offer_published(self, interaction: Interaction, current: str) -> list[Choice]:
        """Versions that were the law."""
        return await self._versions.offered_published(interaction, current)
