"""What `/setup` shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.domain.setting_fields import FIELDS
from cogs.render_watch import LogPlace, Place, lacks, listed, within


@dataclass(frozen=True, slots=True)
class Standing:
    """A server's set-up as it is now.

    `offered` are the watched channels that the select has picked, `others` those that it cannot show: threads, what is
    deleted or hidden from the bot, and what is beyond the most that can be picked.
    """

    settings: GuildSettings
    offered: Sequence[Place]
    others: Sequence[Place]
    log: LogPlace | None
    live: PolicyVersion | None
    draft: PolicyVersion | None

    @property
    def first_draft(self) -> PolicyVersion | None:
        """The draft that can become the first policy; None where there is none, or a policy is live already."""
        return self.draft if self.live is None else None


class Mark(StrEnum):
    """How far a step is: done, set but not working as it is, or still missing."""

    DONE = "✅"
    AMISS = "⚠️"
    MISSING = "⬜"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps, and what there is of it."""

    title: str
    mark: Mark
    words: str


def steps(standing: Standing) -> tuple[Step, ...]:
    """The four steps, in the order in which they are shown."""
    return _channels(standing), _log(standing.log), _policy(standing), _mode(standing)


def setup_embed(standing: Standing) -> discord.Embed:
    """The steps with their marks, what the bot lacks and how to mend it, and what the select leaves alone."""
    four = steps(standing)
    embed = discord.Embed(title="Set-up")
    lines = [f"{one.mark} **{number}. {one.title}**: {one.words}" for number, one in enumerate(four, 1)]
    embed.description = "\n".join([*lines, "", _summary(standing, four)])
    if troubles := _troubles(standing):
        embed.add_field(name="To be mended", value=within(troubles, EMBED_FIELD_VALUE), inline=False)
    if standing.others:
        names = [f"<#{place.channel_id}>" for place in standing.others]
        embed.add_field(name="Watched too, and left as they are", value=within(names, EMBED_FIELD_VALUE), inline=False)
        embed.set_footer(text="The select cannot show threads, channels that are gone, or more than 25 channels.")
    return embed


def watched_note(added: Sequence[int], removed: Sequence[int]) -> str:
    """What became of a change of the watched channels, by their ids."""
    parts = [f"{_places(added)} {_are(added)} watched."] if added else []
    parts += [f"{_places(removed)} {_are(removed)} watched no longer."] if removed else []
    return " ".join(parts) or "Nothing was changed."


def merged_note(added: Sequence[str], there_already: Sequence[str], continued: int | None, is_first: bool) -> str:
    """What became of merging packs, by their names; `continued` is whose draft it goes on from, None for one's own.

    `is_first` says that no policy is live.
    """
    note = f"Merged into the draft: {listed(added)}."
    if there_already:
        note += f" There already: {listed(there_already)}."
    if continued is not None:
        note += f" It goes on from the draft of <@{continued}>."
    if is_first:
        return f"{note} Nothing is judged by it until you press Publish."
    return f"{note} Nothing changes for members until it is published: see /policy diff, then use /policy publish."


def _channels(standing: Standing) -> Step:
    places = [*standing.offered, *standing.others]
    if not places:
        return Step("Channels", Mark.MISSING, "none is watched: pick those whose messages are to be judged.")
    words = ", ".join(f"<#{place.channel_id}>" for place in standing.offered)
    if standing.others:
        words += (" and " if words else "") + f"{len(standing.others)} more, named below"
    is_well = all(place.known and not place.missing and not place.exempt for place in places)
    return Step("Channels", Mark.DONE if is_well else Mark.AMISS, f"{words}.")


def _log(log: LogPlace | None) -> Step:
    if log is None:
        return Step("Log", Mark.MISSING, "none: pick the channel where cases are posted.")
    is_well = log.known and not log.missing
    return Step("Log", Mark.DONE if is_well else Mark.AMISS, f"<#{log.channel_id}>.")


def _policy(standing: Standing) -> Step:
    live, draft = standing.live, standing.draft
    if live is not None:
        words = f"version {live.number} is live, with {_rules(live)}."
        if draft is not None:
            words += f" A draft by <@{draft.author_id}> with {_rules(draft)} is not published: see /policy diff."
        return Step("Policy", Mark.DONE, words)
    if draft is not None:
        words = (
            f"a draft by <@{draft.author_id}> with {_rules(draft)}: look at it with /policy show, then press Publish."
        )
        return Step("Policy", Mark.MISSING, words)
    return Step("Policy", Mark.MISSING, "none: pick templates to begin with, or write your own with /policy edit.")


def _mode(standing: Standing) -> Step:
    settings = standing.settings
    words = f"{FIELDS['mode'].choices[settings.mode]}."
    own = sum(mode is not None for mode in settings.watched.values())
    if own:
        words += f" {own} watched {'channel has a mode of its own' if own == 1 else 'channels have modes of their own'}"
        words += ": see /watch list."
    return Step("Mode", Mark.MISSING if settings.mode is Mode.OFF else Mark.DONE, words)


def _summary(standing: Standing, four: Sequence[Step]) -> str:
    missing = [one.title.lower() for one in four if one.mark is Mark.MISSING]
    if missing:
        return f"Still missing: {listed(missing)}."
    if any(one.mark is Mark.AMISS for one in four):
        return "All is set, but see below what is to be mended."
    if standing.settings.mode is Mode.SHADOW:
        return "All is set. Stay in shadow for some days and look at the cases; then pick enforce."
    return "All is set."


def _troubles(standing: Standing) -> list[str]:
    lines: list[str] = []
    places: list[Place | LogPlace] = [*standing.offered, *standing.others]
    for place in [*places, standing.log] if standing.log is not None else places:
        if not place.known:
            lines.append(f"<#{place.channel_id}> is deleted, or hidden from the bot: let the bot's role see it.")
        elif place.missing:
            line = lacks(place.channel_id, place.missing)
            lines.append(f"{line[0].upper()}{line[1:]}.")
        if isinstance(place, Place) and place.exempt:
            lines.append(f"<#{place.channel_id}> is exempt, so nothing in it is judged: see /exempt list.")
    return lines


def _rules(version: PolicyVersion) -> str:
    count = len(parse_policy(version.source).rules)
    return "1 rule" if count == 1 else f"{count} rules"


def _places(channel_ids: Sequence[int]) -> str:
    return listed([f"<#{channel_id}>" for channel_id in channel_ids])


def _are(channel_ids: Sequence[int]) -> str:
    return "is" if len(channel_ids) == 1 else "are"
