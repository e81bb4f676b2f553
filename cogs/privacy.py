"""`/privacy`: what people may ask of a server's records about them."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.limits import FILE_BYTES
from bot.discord_io.refusal import RefusedError
from bot.domain.keeping import ALLOWED_DAYS, ALLOWED_REFUSED, CASE_DAYS, CASES_REFUSED, refusal
from bot.language import mark, tr, trn
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.disclosing import Files
from cogs.forgetting import ForgettingDesk
from cogs.members import find_person, person_meant
from cogs.permissions import require_use
from cogs.render_privacy import nothing_held, retention_text


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class PrivacyCog(
    commands.GroupCog, group_name="privacy", group_description=mark("What is kept about people, and how long.")
):
    """Needs Manage Server."""

    def __init__(self, store: Store, desk: ForgettingDesk) -> None:
        """Read and write in `store`; members are forgotten at the desk."""
        self._store = store
        self._desk = desk

    @app_commands.command(
        name="export", description=mark("All that this server's records hold about a member, as a file.")
    )
    @app_commands.describe(member=mark("Whom it is about."), user_id=mark("Or the user id of somebody who left."))
    async def export(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        user_id: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Answer with JSON files, one a message."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        person = await find_person(interaction.client, guild, person_meant(member, user_id))
        files = Files(guild.id, person.id, datetime.now(UTC), FILE_BYTES)
        async for section, record in self._store.disclosure.of_member(guild.id, person.id, person.names):
            files.add(section, record)
        if files.is_empty:
            raise RefusedError(nothing_held(person.id))
        texts = files.texts()
        for number, text in enumerate(texts, 1):
            name = f"member-{person.id}.json" if len(texts) == 1 else f"member-{person.id}-{number}.json"
            await answer(interaction, _told(person.id, files, number, len(texts)), files=[text_file(text, name)])

    @app_commands.command(name="forget", description=mark("Erase all that a member wrote from this server's records."))
    @app_commands.describe(member=mark("Whom to forget."), user_id=mark("Or the user id of somebody who left."))
    async def forget(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        user_id: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Say what will happen, with a button."""
        await self._desk.ask(interaction, member, user_id)

    @app_commands.command(name="retention", description=mark("Show or set for how many days members' words are kept."))
    @app_commands.describe(
        cases=mark("Days for messages that became cases; as it was unless given."),
        allowed=mark("Days for messages that were allowed; as it was unless given."),
    )
    async def retention(self, interaction: Interaction, cases: int | None = None, allowed: int | None = None) -> None:
        """Set what is given, all of it or nothing, and show what holds."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        changes: dict[str, int] = {}
        for name, refused, days, bounds in (
            ("keep_case_days", CASES_REFUSED, cases, CASE_DAYS),
            ("keep_allowed_days", ALLOWED_REFUSED, allowed, ALLOWED_DAYS),
        ):
            if days is None:
                continue
            if sentence := refusal(refused, days, bounds):
                raise RefusedError(sentence)
            changes[name] = days
        if changes:
            settings = await self._store.guilds.update(guild.id, by=interaction.user.id, **changes)
        else:
            settings = await self._store.guilds.get(guild.id)
        await answer(interaction, retention_text(settings, changed=bool(changes)))


def _told(member_id: int, files: Files, number: int, of: int) -> str:
    """What comes with a file."""
    if number > 1:
        return tr("File {number} of {count}.", number=number, count=of)
    own, others = files.counts["messages"], files.counts["in_context_of_others"]
    told = tr(
        "All that this server's records hold about {member}: {messages} of theirs, and {places} where their words "
        "stand before somebody else's message. It holds what they wrote: give it to nobody but them.",
        member=f"<@{member_id}>",
        messages=trn("{n} message", "{n} messages", own),
        places=trn("{n} place", "{n} places", others),
    )
    return told if of == 1 else told + " " + tr("File {number} of {count}.", number=1, count=of)
