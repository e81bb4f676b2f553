"""What is shown of a calibration. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.discord_io.calibration_text import shift_lines
from bot.discord_io.text import within
from bot.domain.calibration import FEWEST_ANSWERS, RuleShift
from bot.domain.records import PolicyVersion
from bot.language import mark, tr

_EACH = 1_800
_NOTHING = mark("Every rule is taken as the judge says.")


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
