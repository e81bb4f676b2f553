"""`/policy export|diff|rollback`: versions taken out, compared, and made the law again."""

from __future__ import annotations

from discord import app_commands

from bot.discord_io.refusal import RefusedError
from bot.domain.records import PolicyVersion
from bot.domain.version_words import name_of
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.permissions import require_use
from cogs.publishing import Publishing
from cogs.render_policy import comparison_embed, diff_file
from cogs.versions import DRAFT, Choice, Versions
from cogs.where import WHERE, GivenWhere, require_own, require_seen, with_place

GivenVersion = app_commands.Range[str, 1, 40]


def _nothing_before(version: PolicyVersion) -> str:
    """That there is nothing to compare a version with."""
    if not version.number:
        return tr("Nothing was the law before the draft: name both versions, as old and new.")
    return tr("Nothing was the law before version {number}: name both versions, as old and new.", number=version.number)


class VersionCommands(app_commands.Group, name="versions", description=mark("A part of /policy.")):
    """Commands about versions, to be put into the group of `/policy`."""

    def __init__(self, store: Store, publishing: Publishing) -> None:
        """Read from `store`; make the law through `publishing`."""
        super().__init__()
        self._store = store
        self._publishing = publishing
        self._versions = Versions(store)

    @app_commands.command(
        name="export", description=mark("Give the policy's text as a file, exactly as it was written.")
    )
    @app_commands.describe(version=mark("A version's number, draft or live; the live one unless given."), where=WHERE)
    async def export(
        self, interaction: Interaction, version: GivenVersion | None = None, where: GivenWhere | None = None
    ) -> None:
        """Attach a version's text."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        found = await self._versions.given(guild.id, version, place_id)
        require_seen(interaction, found.place_id)
        file = f"policy-{found.number or DRAFT}.md"
        if found.place_id is None:
            told = tr("This is {version}.", version=name_of(found))
        else:
            channel = f"<#{found.place_id}>"
            told = tr("This is {version} of the policy of {channel}.", version=name_of(found), channel=channel)
        await answer(interaction, told, files=[text_file(found.source, file)])

    @app_commands.command(name="diff", description=mark("Show what differs between two versions of the policy."))
    @app_commands.describe(
        old=mark("A version's number, draft or live; what was the law before the other unless given."),
        new=mark("A version's number, draft or live; the draft unless given, else the live one."),
        where=WHERE,
    )
    async def diff(
        self,
        interaction: Interaction,
        old: GivenVersion | None = None,
        new: GivenVersion | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """Compare any two texts; without options what the draft changes, or what the last version changed."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        if new is not None:
            after = await self._versions.named(guild.id, new, place_id)
        else:
            draft = await self._store.policies.draft(guild.id, place_id)
            after = draft or await self._versions.live(guild.id, place_id)
        before = await (self._versions.named(guild.id, old, place_id) if old else self._versions.replaced_by(after))
        for one in (before, after):
            require_seen(interaction, one.place_id if one is not None else None)
        if before is None:
            raise RefusedError(_nothing_before(after))
        shown = comparison_embed(before, after)
        with_place(shown.embeds[0], guild, await self._store.policies.lawbook(guild.id), after.place_id)
        await answer(interaction, embeds=shown.embeds, files=[] if shown.is_whole else [diff_file(before, after)])

    @app_commands.command(name="rollback", description=mark("Make an earlier version the law again, as a new version."))
    @app_commands.describe(
        version=mark("The number of the version to go back to."), reason=mark("Why, for the history."), where=WHERE
    )
    async def rollback(
        self,
        interaction: Interaction,
        version: GivenVersion,
        reason: app_commands.Range[str, 1, 400] | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """Go back to a published text."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = await require_own(interaction, self._store, where)
        found = await self._versions.named(guild.id, version, place_id)
        require_seen(interaction, found.place_id)
        if found.place_id != place_id:
            raise RefusedError(
                tr(
                    "Version {number} is of the policy of {channel}: name that as where to go back to it.",
                    number=found.number,
                    channel=f"<#{found.place_id}>",
                )
            )
        if not found.number:
            raise RefusedError(tr("A draft is not gone back to: make it the law with /policy publish."))
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
