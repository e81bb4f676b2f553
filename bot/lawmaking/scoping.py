"""Which channels and categories have a policy of their own, and what it is to the one around it."""

from __future__ import annotations

import discord

from bot.discord_io.places import parents_in
from bot.discord_io.refusal import RefusedError
from bot.domain.lawbook import How, Lawbook, PlaceKind, PlacePolicy, changed_laws
from bot.domain.policy import PolicyError
from bot.judge.interface import Judge, JudgeError
from bot.language import mark, tr
from bot.pipeline.law import as_judged
from bot.store import Store

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


class Scoping:
    """Compiles what comes into force by a change before it does."""

    def __init__(self, store: Store, judge: Judge) -> None:
        """Change in `store` what `judge` has prepared."""
        self._store = store
        self._judge = judge

    async def set(self, guild: discord.Guild, place_id: int, kind: PlaceKind, how: How, by: int) -> str:
        """Begin or change a policy of a place; what became of it, in a sentence or two. Who may is for the caller.

        RefusedError where there is nothing to put out of force, or what would come into force cannot be prepared.
        """
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
        its = before.kind if before else kind
        place = await self._store.policies.set_how(guild.id, place_id, its, how, by, parents_in(guild))
        return _became(place, is_new=before is None)

    async def _prepare(self, guild: discord.Guild, before: Lawbook, after: Lawbook) -> None:
        """Compile what comes into force, so that the next message need not wait for it."""
        try:
            for policy in await as_judged(self._store, guild.id, changed_laws(before, after, parents_in(guild))):
                await self._judge.prepare(policy)
        except (JudgeError, PolicyError) as error:
            raise RefusedError(tr("Nothing was changed. {error}", error=tr(str(error)))) from error


def _became(place: PlacePolicy, *, is_new: bool) -> str:
    channel = f"<#{place.place_id}>"
    if place.how is How.NONE:
        return tr("The policy of {channel} is kept, and not in force: the rules around it hold there.", channel=channel)
    if is_new:
        return tr(_BEGUN[place.how], channel=channel)
    return tr((_FROM_NOW_ON if place.live else _ONCE_PUBLISHED)[place.how], channel=channel)
