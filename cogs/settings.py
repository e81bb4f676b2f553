"""`/settings`: all that a server can set, on one message that only who asked sees."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import CONTENT, clip
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.speaking import speak_for, speak_on
from bot.discord_io.text import inert, listed
from bot.domain.guild import GuildSettings
from bot.domain.lawbook import rules_somewhere
from bot.domain.setting_fields import FIELDS, PAGE_OF, PAGES
from bot.domain.setting_kinds import Change, Field, Kind, Page
from bot.domain.setting_values import SettingError
from bot.language import mark, tr
from bot.store import Store, StoreError
from cogs.answers import Interaction, answer, text_file, think
from cogs.channels import may_mention_all, missing_to_log, parent_of
from cogs.errors import answer_failure
from cogs.modals import modal_id, typed_in
from cogs.mode import server_mode
from cogs.permissions import member_of, require_use
from cogs.render_settings import Seen, overview, page_embed, shown, shown_for
from cogs.settings_view import SERVERS_OWN, TYPED, SettingsControl, settings_modal, settings_view
from cogs.where import lawbook_seen

_STALE = mark("That setting or rule is there no longer: use /settings again.")
_SHORT = 100


class SettingsCog(commands.Cog):
    """Needs Manage Server, each time something is used."""

    def __init__(self, store: Store) -> None:
        """Read and write settings in `store`."""
        self._store = store

    @app_commands.command(name="settings", description=mark("Show and change all that this server can set."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction) -> None:
        """Show everything, with a select of the pages."""
        await think(interaction)
        await require_use(interaction, self._store)
        seen = await self._seen(member_of(interaction))
        await answer(interaction, embeds=[overview(seen)], view=settings_view(seen, None))

    async def use(self, interaction: Interaction, control: SettingsControl) -> None:
        """A select or button is used; what the member may do is looked at now."""
        speak_for(interaction)
        try:
            guild = await require_use(interaction, self._store)
            match control.does:
                case "page":
                    page = next((one for one in PAGES if one.name in control.picked), None)
                    await interaction.response.defer()
                    await self._show(interaction, await self._seen(member_of(interaction)), page)
                case "pick":
                    await self._change(interaction, guild, _field(control.name), control.picked)
                case _:
                    one, seen = _field(control.name), await self._seen(member_of(interaction))
                    rule = _rule(control.picked, seen) if control.does == "rule" else ""
                    await interaction.response.send_modal(settings_modal(one, seen, rule))
        except Exception as error:  # noqa: BLE001 - the library would only log it
            await answer_failure(interaction, error)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A modal is sent off: not by the library's own way, which forgets modals when the bot restarts."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        match = TYPED.fullmatch(modal_id(interaction))
        if match is None:
            return
        speak_for(interaction)
        given = typed_in(interaction)
        try:
            guild = await require_use(interaction, self._store)
            rule = _known_rule(match["rule"], await self._seen(member_of(interaction))) if match["rule"] else ""
            await self._change(interaction, guild, _field(match["name"]), given, rule)
        except Exception as error:  # noqa: BLE001 - the library would only log it
            await answer_failure(interaction, error, lost=_long(given))

    async def _change(
        self, interaction: Interaction, guild: discord.Guild, one: Field, given: list[Any], rule: str = ""
    ) -> None:
        """Change one setting and no other, then show its page as it is now, with a sentence on what became of it."""
        await interaction.response.defer()
        texts = [text if isinstance(text, str) else str(text.id) for text in given]
        refused = True
        try:
            change = Change(one, one.read("/".join(texts) if one.kind is Kind.PER_RULE else " ".join(texts)), rule)
            _require_usable(guild, change, given)
            settings = await self._store.guilds.change(guild.id, change, by=interaction.user.id)
            refused = False
        except (SettingError, StoreError) as error:
            note = tr("Nothing was changed. {why}", why=error)
        except RefusedError as error:
            note = str(error)
        seen = await self._seen(member_of(interaction))
        if not refused:
            speak_on(guild, settings)  # the language may be what was changed
            note = " ".join(filter(None, [_changed(one, rule, seen), _caveat(guild, settings, change)]))
        await self._show(interaction, seen, PAGE_OF[one.name], note)
        if refused and (lost := _long(texts)):
            await answer(interaction, tr("Your text is attached."), files=[text_file(lost, "your-text.md")])

    async def _show(self, interaction: Interaction, seen: Seen, page: Page | None, note: str = "") -> None:
        """Show a page, or everything, on the message whose control was used."""
        embed, view = overview(seen) if page is None else page_embed(page, seen), settings_view(seen, page)
        try:
            await interaction.edit_original_response(
                content=clip(note, CONTENT), embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
            )
        except discord.NotFound:  # dismissed meanwhile
            await answer(interaction, note, embeds=[embed], view=view)

    async def _seen(self, member: discord.Member) -> Seen:
        guild = member.guild
        return Seen(
            await self._store.guilds.get(guild.id),
            rules_somewhere(await lawbook_seen(member, self._store), parents_in(guild)),
            {place.id for place in (*guild.channels, *guild.threads)},
            {role.id for role in guild.roles},
        )


def _field(name: str) -> Field:
    """The setting of a control; RefusedError where an older or newer version of the bot sent it."""
    found = FIELDS.get(name)
    if found is None:
        raise RefusedError(tr(_STALE))
    return found


def _rule(picked: list[Any], seen: Seen) -> str:
    """The rule that was picked, empty for all without their own; RefusedError where it is there no longer."""
    value = str(picked[0]) if picked else ""
    if value == SERVERS_OWN:
        return ""
    return _known_rule(value.removeprefix("rule:"), seen)


def _known_rule(rule: str, seen: Seen) -> str:
    if rule not in seen.rule_keys():
        raise RefusedError(tr(_STALE))
    return rule


def _changed(one: Field, rule: str, seen: Seen) -> str:
    """What is set now, of one setting."""
    setting, value = tr(one.title), tr("changed as shown") if one.most > _SHORT else shown(one, seen)
    if one.kind is Kind.PER_RULE:
        value = shown_for(one, rule, seen)
    if not rule:
        return tr("{setting}: {value}.", setting=setting, value=value)
    return tr("{setting} of rule {rule}: {value}.", setting=setting, rule=inert(rule, 60), value=value)


def _require_usable(guild: discord.Guild, change: Change, picked: list[Any]) -> None:
    """RefusedError where a channel is picked that the bot cannot post in: a working one is not given up for it."""
    if change.field.kind is not Kind.CHANNEL or change.value is None:
        return
    parent_id = next((parent_of(one) for one in picked if isinstance(one, app_commands.AppCommandThread)), None)
    if names := missing_to_log(guild, change.value, parent_id):
        raise RefusedError(
            tr(
                "Nothing was changed, because the bot lacks {permissions} in {channel}: grant it to the bot's role and "
                "try again.",
                permissions=listed(names),
                channel=f"<#{change.value}>",
            )
        )


def _caveat(guild: discord.Guild, settings: GuildSettings, change: Change) -> str:
    """What is to be done besides for the change to be of use; empty where it is nothing."""
    if change.field.name == "mode":
        return server_mode(guild, settings)
    if change.field.kind is not Kind.ROLE or change.value is None:
        return ""
    role = guild.get_role(change.value)
    channel_id = settings.review_channel_id or settings.log_channel_id
    if role is None or role.mentionable or (channel_id is not None and may_mention_all(guild, channel_id)):
        return ""
    return tr("For a ping to reach it let anyone mention that role, or grant the bot Mention Everyone.")


def _long(texts: list[str]) -> str | None:
    """What was typed, where it is too much to be typed again."""
    text = "\n".join(texts)
    return text if len(text) > _SHORT else None
