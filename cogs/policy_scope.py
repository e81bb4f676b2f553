"""`/policy scope`: which channels and categories have a policy of their own, and what it is to the one around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord
from discord import app_commands

from bot.discord_io.limits import EMBED_DESCRIPTION
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import hidden_from
from bot.discord_io.text import within
from bot.domain.lawbook import How, Lawbook, PlacePolicy, changed_laws
from bot.domain.policy import PolicyError
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, tr
from bot.pipeline.law import as_judged
from bot.store import Store
from cogs.answers import Interaction, answer, think
from cogs.channels import GivenChannel
from cogs.permissions import member_of, require_use
from cogs.where import GivenWhere, kind_of, place_id_of, place_line, require_seen

_HOWS = [
    app_commands.Choice(name=mark("extend: the rules around it hold there too"), value=How.EXTEND.value),
    app_commands.Choice(name=mark("replace: only its own rules hold there"), value=How.REPLACE.value),
    app_commands.Choice(name=mark("none: keep it, and go by the rules around it"), value=How.NONE.value),
]


_ALREADY = {
    How.EXTEND: mark("Nothing was changed: the policy of {channel} extends what is in force around it already."),
    How.REPLACE: mark("Nothing was changed: the policy of {channel} replaces what is in force around it already."),
    How.NONE: mark("Nothing was changed: the policy of {channel} is kept, and not in force already."),
}
_BEGUN = {
    How.EXTEND: mark(
        "{channel} has a policy of its own now, which extends what is in force around it. Nothing changes there before "
        "a version of it is published: write one with /policy edit or /policy rule add, and name this place as where."
    ),
    How.REPLACE: mark(
        "{channel} has a policy of its own now, which replaces what is in force around it. Nothing changes there "
        "before a version of it is published: write one with /policy edit or /policy rule add, and name this place "
        "as where."
    ),
}
_ONCE_PUBLISHED = {
    How.EXTEND: mark("The policy of {channel} extends what is in force around it, once a version of it is published."),
    How.REPLACE: mark(
        "The policy of {channel} replaces what is in force around it, once a version of it is published."
    ),
}
_FROM_NOW_ON = {
    How.EXTEND: mark("From the next message on the policy of {channel} extends what is in force around it."),
    How.REPLACE: mark("From the next message on the policy of {channel} replaces what is in force around it."),
}


class ScopeCommands(app_commands.Group, name="scopes", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Change in `store` what `judge` has prepared."""
        super().__init__()
        self._store = store
        self._judge = judge

    @app_commands.command(
        name="scope", description=mark("Give a channel or category a policy of its own, or see which have.")
    )
    @app_commands.describe(
        where=mark("The channel or category; lists all that have a policy of their own unless given."),
        how=mark("Whether it adds to the rules around it or stands alone; shown as it is unless given."),
    )
    @app_commands.choices(how=_HOWS)
    async def scope(self, interaction: Interaction, where: GivenWhere | None = None, how: str | None = None) -> None:
        """List, show, begin or change."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        place_id = place_id_of(where)
        require_seen(interaction, place_id)
        if where is not None and how is not None:
            await answer(interaction, await self._set(guild, where, How(how), interaction.user.id))
            return
        if how is not None:
            raise RefusedError(tr("Name the channel or category as well, as where."))
        book = await self._store.policies.lawbook(guild.id)
        numbers = await self._store.policies.numbers(guild.id)
        if place_id is not None and place_id not in book.places:
            raise RefusedError(
                tr("{channel} has no policy of its own: give it one by naming how.", channel=f"<#{place_id}>")
            )
        hidden = hidden_from(member_of(interaction))
        shown = [one for key, one in book.places.items() if key not in hidden and place_id in {None, key}]
        await answer(interaction, embeds=[scope_embed(guild, shown, numbers)])

    async def _set(self, guild: discord.Guild, where: GivenChannel, how: How, by: int) -> str:
        """Begin or change a policy of a place; what became of it, in a sentence or two."""
        place_id = place_id_of(where)
        assert place_id is not None
        book = await self._store.policies.lawbook(guild.id)
        before = book.places.get(place_id)
        if before is not None and before.how is how:
            return tr(_ALREADY[how], channel=f"<#{place_id}>")
        if before is None and how is How.NONE:
            raise RefusedError(
                tr(
                    "{channel} has no policy of its own, so there is nothing to put out of force.",
                    channel=f"<#{place_id}>",
                )
            )
        if before is not None:
            await self._prepare(guild, book, book.with_how(place_id, how))
        kind, parents = before.kind if before else kind_of(where), parents_in(guild)
        place = await self._store.policies.set_how(guild.id, place_id, kind, how, by, parents)
        return _became(place, is_new=before is None)

    async def _prepare(self, guild: discord.Guild, before: Lawbook, after: Lawbook) -> None:
        """Compile what comes into force, so that the next message need not wait for it."""
        try:
            for policy in await as_judged(self._store, guild.id, changed_laws(before, after, parents_in(guild))):
                await self._judge.prepare(policy)
        except (JudgeError, PolicyError) as error:
            raise RefusedError(tr("Nothing was changed. {error}", error=error)) from error


def scope_embed(
    guild: discord.Guild, places: Sequence[PlacePolicy], numbers: Mapping[int, Sequence[int]]
) -> discord.Embed:
    """Places with a policy of their own: what it is to the others, its versions, and whether there is a draft."""
    lines = [_line(guild, place, numbers.get(place.place_id, ())) for place in places]
    embed = discord.Embed(title=tr("Policies of channels and categories"), description=within(lines, EMBED_DESCRIPTION))
    if not lines:
        embed.description = tr("None: the server's policy holds everywhere. Name a channel or category, and how.")
    embed.set_footer(text=tr("Any version can be looked at by its number: /policy show, /policy export, /policy diff."))
    return embed


def _line(guild: discord.Guild, place: PlacePolicy, numbers: Sequence[int]) -> str:
    """Whose policy it is; which version is live, with the numbers of earlier ones; whether there is a draft."""
    earlier = [str(number) for number in numbers if place.live is None or number != place.live.number][-10:]
    whose = place_line(guild, place)
    before = " " + tr("(before: {numbers})", numbers=", ".join(earlier)) if earlier else ""
    if place.live is None:
        if place.draft is None:
            return tr("{place}; nothing is published{before}.", place=whose, before=before)
        return tr("{place}; nothing is published{before}, and a draft is being written.", place=whose, before=before)
    live = place.live.number
    if place.draft is None:
        return tr("{place}; live is version {number}{before}.", place=whose, number=live, before=before)
    return tr(
        "{place}; live is version {number}{before}, and a draft is being written.",
        place=whose,
        number=live,
        before=before,
    )


def _became(place: PlacePolicy, *, is_new: bool) -> str:
    channel = f"<#{place.place_id}>"
    if place.how is How.NONE:
        return tr("The policy of {channel} is kept, and not in force: the rules around it hold there.", channel=channel)
    if is_new:
        return tr(_BEGUN[place.how], channel=channel)
    return tr((_FROM_NOW_ON if place.live else _ONCE_PUBLISHED)[place.how], channel=channel)
