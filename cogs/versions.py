"""Versions of a policy as options of commands: what a moderator may write, what is offered, and what is found."""

from __future__ import annotations

from discord import app_commands

from bot.discord_io.limits import CHOICE_NAME, clip
from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.store import Store
from cogs.answers import Interaction
from cogs.permissions import require_use
from cogs.where import place_id_typed

Choice = app_commands.Choice[str]

DRAFT = "draft"
LIVE = "live"
NONE_YET = mark("There is no policy yet: write one with /policy edit.")
_MOST_CHOICES = 25
_LARGEST_NUMBER = 2**31 - 1


def version_number(given: str) -> int:
    """A version's number as somebody writes it, `3` or `v3`; 0 for `draft`; RefusedError for anything else."""
    words = given.strip().casefold().removeprefix("version").strip().removeprefix("v")
    if words == DRAFT:
        return 0
    if words.isascii() and words.isdecimal() and 0 < int(words[:12]) <= _LARGEST_NUMBER:
        return int(words[:12])
    raise RefusedError(tr("Name a version by its number, as 3, or write draft or live."))


class Versions:
    """The versions of each server's policy, by the names that moderators give them."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store

    async def live(self, guild_id: int, place_id: int | None = None) -> PolicyVersion:
        """The version that is the law, of the policy of a place where one is given; RefusedError where none is."""
        found = await self._store.policies.live(guild_id, place_id)
        if found is not None:
            return found
        if await self._store.policies.draft(guild_id, place_id) is not None:
            raise RefusedError(tr("No version is live yet; see the draft with the version draft."))
        if place_id is None:
            raise RefusedError(tr(NONE_YET))
        raise RefusedError(
            tr(
                "Nothing is written for {channel} yet: write it with /policy edit and this where.",
                channel=f"<#{place_id}>",
            )
        )

    async def given(self, guild_id: int, version: str | None, place_id: int | None) -> PolicyVersion:
        """The version that an option names, or the live one where it names none; RefusedError as below."""
        if version is None:
            return await self.live(guild_id, place_id)
        return await self.named(guild_id, version, place_id)

    async def named(self, guild_id: int, given: str, place_id: int | None = None) -> PolicyVersion:
        """The version that `given` names: its number, `draft` or `live`; RefusedError where there is none.

        A number names one text of the server, whosever policy it is of; where a place is given it must be of its.
        """
        if given.strip().casefold() == LIVE:
            return await self.live(guild_id, place_id)
        number, policies = version_number(given), self._store.policies
        found = await (policies.version(guild_id, number) if number else policies.draft(guild_id, place_id))
        if found is None:
            if not number:
                raise RefusedError(tr("There is no draft at present."))
            raise RefusedError(tr("There is no version {number}: see /policy history.", number=number))
        if place_id is not None and found.place_id != place_id:
            raise RefusedError(
                tr(
                    "Version {number} is not of the policy of {channel}: see /policy history.",
                    number=number,
                    channel=f"<#{place_id}>",
                )
            )
        return found

    async def replaced_by(self, version: PolicyVersion) -> PolicyVersion | None:
        """What was live before a version, or is live beside the draft; None for the first."""
        policies = self._store.policies
        if not version.number:
            return await policies.live(version.guild_id, version.place_id)
        return await policies.before(version)

    async def offered(self, interaction: Interaction, current: str) -> list[Choice]:
        """The draft, the live version and the newest numbers that fit what is typed; nothing for other members."""
        try:
            guild, place_id = await require_use(interaction, self._store), place_id_typed(interaction)
        except RefusedError:
            return []
        policies = self._store.policies
        draft, live = await policies.draft(guild.id, place_id), await policies.live(guild.id, place_id)
        named = [Choice(name=DRAFT, value=DRAFT)] if draft else []
        named += [Choice(name=tr("live (version {number})", number=live.number), value=LIVE)] if live else []
        return _fitting([*named, *await self._numbers(guild.id, place_id)], current)

    async def offered_published(self, interaction: Interaction, current: str) -> list[Choice]:
        """The newest numbers that fit what is typed; nothing for other members."""
        try:
            guild, place_id = await require_use(interaction, self._store), place_id_typed(interaction)
        except RefusedError:
            return []
        return _fitting(await self._numbers(guild.id, place_id), current)

    async def _numbers(self, guild_id: int, place_id: int | None) -> list[Choice]:
        versions = await self._store.policies.history(guild_id, _MOST_CHOICES, place_id)
        return [Choice(name=_described(one), value=str(one.number)) for one in versions]


def _fitting(choices: list[Choice], current: str) -> list[Choice]:
    """Of the choices those with what is typed in them, as many as Discord takes."""
    typed = current.strip().casefold()
    return [one for one in choices if typed in one.name.casefold() or typed in str(one.value)][:_MOST_CHOICES]


def _described(version: PolicyVersion) -> str:
    """`3 · 2026-01-02 · why`, as far as it fits a choice."""
    at = (version.published_at or version.created_at).date().isoformat()
    reason = " ".join(plain(version.reason).split())
    return clip(" · ".join(part for part in (str(version.number), at, reason) if part), CHOICE_NAME)
