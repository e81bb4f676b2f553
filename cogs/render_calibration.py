"""What is shown of a calibration. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord

from bot.discord_io.text import inert
from bot.domain.calibration import FEWEST_ANSWERS, RuleShift
from bot.domain.calibration_words import ended_line, shift_line
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from cogs.render_watch import within

_EACH = 1_800
_NOTE = 1_400
_NAME = 20
_NOTHING = mark("Every rule is taken as the judge says.")
_HINT = mark("`/policy calibrate` shows this and takes it away.")


def shift_lines(shifts: Iterable[RuleShift]) -> list[str]:
    """A sentence for each rule."""
    return [shift_line(one, inert(one.rule, _NAME)) for one in shifts]


def published_note(shifts: Sequence[RuleShift], ended: Sequence[str], before: PolicyVersion | None) -> str:
    """What a publication changed of how rules are taken, to be added to the answer; empty where nothing is changed."""
    lines = shift_lines(shifts)
    if before is not None:
        lines += [ended_line(inert(key, _NAME), before.number) for key in ended]
    if not lines:
        return ""
    return "\n" + within(lines, _NOTE) + "\n" + tr(_HINT)


def calibration_embed(
    version: PolicyVersion, kept: Sequence[RuleShift], by_answers: Sequence[RuleShift]
) -> discord.Embed:
    """How a live version's rules are taken, and how they would be by the answers there are now."""
    embed = discord.Embed(title=tr("Calibration of version {number}", number=version.number))
    embed.description = within(shift_lines(kept), _EACH) or tr(_NOTHING)
    if set(kept) != set(by_answers):
        now = within(shift_lines(by_answers), 1_000) or tr(_NOTHING)
        embed.add_field(name=tr("By the answers there are now"), value=now, inline=False)
    embed.set_footer(
        text=tr(
            "From {fewest} answers to a rule on that confirm or overturn. Only what became a case was answered. "
            "Publishing calibrates anew; nothing changes between.",
            fewest=FEWEST_ANSWERS,
        )
    )
    return embed
