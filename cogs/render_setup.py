"""What `/setup` shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE
from bot.discord_io.text import listed, within
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.moderators import moderator_mention
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.domain.setting_fields import FIELDS
from bot.language import mark, tr, trn
from cogs.render_watch import LogPlace, Place

_CHANNELS, _LOG, _POLICY, _MODE = mark("Channels"), mark("Log"), mark("Policy"), mark("Mode")
_IN_A_SENTENCE = {_CHANNELS: mark("channels"), _LOG: mark("log"), _POLICY: mark("policy"), _MODE: mark("mode")}
"""The steps' titles as they stand among other words."""


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
    """One of the four steps, its title marked, and what there is of it in the language spoken."""

    title: str
    mark: Mark
    words: str


def steps(standing: Standing) -> tuple[Step, ...]:
    """The four steps, in the order in which they are shown."""
    return _channels(standing), _log(standing.log), _policy(standing), _mode(standing)


def setup_embed(standing: Standing) -> discord.Embed:
    """The steps with their marks, what the bot lacks and how to mend it, and what the select leaves alone."""
    four = steps(standing)
    embed = discord.Embed(title=tr("Set-up"))
    lines = [f"{one.mark} **{number}. {tr(one.title)}**: {one.words}" for number, one in enumerate(four, 1)]
    embed.description = "\n".join([*lines, "", _summary(standing, four)])
    if troubles := _troubles(standing):
        embed.add_field(name=tr("To be mended"), value=within(troubles, EMBED_FIELD_VALUE), inline=False)
    if standing.others:
        names = [f"<#{place.channel_id}>" for place in standing.others]
        embed.add_field(
            name=tr("Watched too, and left as they are"), value=within(names, EMBED_FIELD_VALUE), inline=False
        )
        embed.set_footer(text=tr("The select cannot show threads, channels that are gone, or more than 25 channels."))
    return embed


def watched_note(added: Sequence[int], removed: Sequence[int]) -> str:
    """What became of a change of the watched channels, by their ids."""
    parts = []
    if added:
        parts.append(trn("{channels} is watched.", "{channels} are watched.", len(added), channels=_places(added)))
    if removed:
        parts.append(
            trn(
                "{channels} is watched no longer.",
                "{channels} are watched no longer.",
                len(removed),
                channels=_places(removed),
            )
        )
    return " ".join(parts) or tr("Nothing was changed.")


def merged_note(added: Sequence[str], there_already: Sequence[str], continued: int | None, is_first: bool) -> str:
    """What became of merging packs, by their names; `continued` is whose draft it goes on from, None for one's own.

    `is_first` says that no policy is live.
    """
    parts = [tr("Merged into the draft: {templates}.", templates=listed(added))]
    if there_already:
        parts.append(tr("There already: {templates}.", templates=listed(there_already)))
    if continued is not None:
        parts.append(tr("It goes on from the draft of {member}.", member=moderator_mention(continued)))
    if is_first:
        parts.append(tr("Nothing is judged by it until you press Publish."))
    else:
        parts.append(
            tr("Nothing changes for members until it is published: see /policy diff, then use /policy publish.")
        )
    return " ".join(parts)


def _channels(standing: Standing) -> Step:
    places = [*standing.offered, *standing.others]
    if not places:
        words = tr("none is watched: pick those whose messages are to be judged.")
        return Step(_CHANNELS, Mark.MISSING, words)
    words, more = ", ".join(f"<#{place.channel_id}>" for place in standing.offered), len(standing.others)
    if more and words:
        words = trn(
            "{channels} and {n} more, named below", "{channels} and {n} more, named below", more, channels=words
        )
    elif more:
        words = trn("{n} more, named below", "{n} more, named below", more)
    is_well = all(place.known and not place.missing and not place.exempt for place in places)
    return Step(_CHANNELS, Mark.DONE if is_well else Mark.AMISS, f"{words}.")


def _log(log: LogPlace | None) -> Step:
    if log is None:
        return Step(_LOG, Mark.MISSING, tr("none: pick the channel where cases are posted."))
    is_well = log.known and not log.missing
    return Step(_LOG, Mark.DONE if is_well else Mark.AMISS, f"<#{log.channel_id}>.")


def _policy(standing: Standing) -> Step:
    live, draft = standing.live, standing.draft
    if live is not None:
        words = trn(
            "version {number} is live, with {n} rule.",
            "version {number} is live, with {n} rules.",
            _rules(live),
            number=live.number,
        )
        if draft is not None:
            words += " " + trn(
                "A draft by {member} with {n} rule is not published: see /policy diff.",
                "A draft by {member} with {n} rules is not published: see /policy diff.",
                _rules(draft),
                member=moderator_mention(draft.author_id),
            )
        return Step(_POLICY, Mark.DONE, words)
    if draft is not None:
        words = trn(
            "a draft by {member} with {n} rule: look at it with /policy show, then press Publish.",
            "a draft by {member} with {n} rules: look at it with /policy show, then press Publish.",
            _rules(draft),
            member=moderator_mention(draft.author_id),
        )
        return Step(_POLICY, Mark.MISSING, words)
    words = tr("none: pick templates to begin with, or write your own with /policy edit.")
    return Step(_POLICY, Mark.MISSING, words)


def _mode(standing: Standing) -> Step:
    settings = standing.settings
    words = f"{FIELDS['mode'].show(settings.mode)}."
    own = sum(mode is not None for mode in settings.watched.values())
    if own:
        words += " " + trn(
            "{n} watched channel has a mode of its own: see /watch list.",
            "{n} watched channels have modes of their own: see /watch list.",
            own,
        )
    return Step(_MODE, Mark.MISSING if settings.mode is Mode.OFF else Mark.DONE, words)


def _summary(standing: Standing, four: Sequence[Step]) -> str:
    missing = [tr(_IN_A_SENTENCE[one.title]) for one in four if one.mark is Mark.MISSING]
    if missing:
        return tr("Still missing: {steps}.", steps=listed(missing))
    if any(one.mark is Mark.AMISS for one in four):
        return tr("All is set, but see below what is to be mended.")
    if standing.settings.mode is Mode.SHADOW:
        return tr("All is set. Stay in shadow for some days and look at the cases; then pick enforce.")
    return tr("All is set.")


def _troubles(standing: Standing) -> list[str]:
    lines: list[str] = []
    places: list[Place | LogPlace] = [*standing.offered, *standing.others]
    for place in [*places, standing.log] if standing.log is not None else places:
        channel = f"<#{place.channel_id}>"
        if not place.known:
            lines.append(
                tr("{channel} is deleted, or hidden from the bot: let the bot's role see it.", channel=channel)
            )
        elif place.missing:
            lines.append(
                tr(
                    "The bot lacks {permissions} in {channel}: grant it to the bot's role.",
                    permissions=listed(place.missing),
                    channel=channel,
                )
            )
        if isinstance(place, Place) and place.exempt:
            lines.append(tr("{channel} is exempt, so nothing in it is judged: see /exempt list.", channel=channel))
    return lines


def _rules(version: PolicyVersion) -> int:
    return len(parse_policy(version.source).rules)


def _places(channel_ids: Sequence[int]) -> str:
    return listed([f"<#{channel_id}>" for channel_id in channel_ids])
