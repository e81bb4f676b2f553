"""In which language is spoken: the server's; to whoever presses a button in direct messages, at first their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.guild import GuildSettings
from bot.language import LANGUAGES, catalogue, language_for, speak, speaking
from bot.store import Store


def speak_for(interaction: discord.Interaction[Any]) -> None:
    """Speak the server's language as Discord has it; what the server chose itself is known once its settings are."""
    speak(language_for(None, str(interaction.guild_locale or interaction.locale)))


def speak_on(guild: discord.Guild, settings: GuildSettings) -> None:
    """Speak a server's language: the one it chose, or that of its locale."""
    speak(language_for(settings.language, str(guild.preferred_locale)))


async def language_in(client: discord.Client, store: Store, guild_id: int) -> str:
    """What to speak on a server known by its id, for `speaking` where several are served in turn."""
    return language_with(client, await store.guilds.get(guild_id))


def language_with(client: discord.Client, settings: GuildSettings) -> str:
    """The same where the server's settings are read already; its locale is not known where the bot is not on it."""
    guild = client.get_guild(settings.guild_id)
    return language_for(settings.language, str(guild.preferred_locale) if guild is not None else "")


def in_every_language(text: Callable[[], str]) -> frozenset[str]:
    """A text in each language: what was sent before may have been sent in another."""
    said = []
    for language in LANGUAGES:
        with speaking(language):
            said.append(text())
    return frozenset(said)


class SpeakingTree(app_commands.CommandTree[commands.Bot]):
    """Commands, menus and suggestions are answered in the server's language; refusals by the library too."""

    async def interaction_check(self, interaction: discord.Interaction[commands.Bot], /) -> bool:
        """Everything may go on: who may use what is asked where it is used."""
        speak_for(interaction)
        return True


class CatalogueTranslator(app_commands.Translator):
    """What Discord shows of commands, in the language of each member's app; commands keep their names."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text in a locale's language; None, which leaves it in English, where it is a name or there is none."""
        named = app_commands.TranslationContextLocation
        if context.location in {named.command_name, named.group_name, named.parameter_name} and not (
            isinstance(context.data, app_commands.ContextMenu)
        ):
            return None
        found = catalogue(language_for(None, str(locale))).gettext(string.message)
        return found if found != string.message else None
