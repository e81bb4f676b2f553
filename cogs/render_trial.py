"""What `/policy test` and *Check against policy* show. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE, clip
from bot.discord_io.text import inert, spoiler
from bot.discord_io.trial_text import would_do
from bot.domain.calibration_words import shift_line
from bot.domain.decision import Mode, ThresholdTable
from bot.domain.records import versions_named
from bot.domain.verdict import Verdict
from bot.domain.withholding import NOT_SHOWN, withheld_under
from bot.language import mark, tr
from bot.pipeline.law import Law
from bot.pipeline.rehearsal import Rehearsed, Said

NO_TEXT = mark("That message has no text to judge.")
_AS_PUBLISHED = mark("The draft is calibrated as publishing it now would do it.")


def trial_embed(
    tried: Sequence[Rehearsed], said: Said, thresholds: ThresholdTable, mode: Mode, about: str = ""
) -> discord.Embed:
    """A text under each version side by side; `about` is a line that says which message it was."""
    embed = discord.Embed(title=tr("Tried: nothing was stored and nothing was done"))
    withheld = any(withheld_under(one.law.policy, one.verdict, one.decision.rule) for one in tried)
    shown = tr(NOT_SHOWN) if withheld else spoiler(said.text, 1_000)
    embed.description = "\n".join(part for part in (about, shown) if part)
    for one in tried:
        embed.add_field(name=_name(one.law), value=_column(one if not withheld else _wordless(one), thresholds, mode))
    if said.normalised != said.text and not withheld:
        embed.add_field(name=tr("Read as"), value=spoiler(said.normalised, 600) or tr("nothing"), inline=False)
    verdict = next((one.verdict for one in tried if one.verdict), None)
    if verdict is not None:
        embed.set_footer(text=f"{inert(verdict.model, 100)} · {verdict.method.value}")
    return embed


def _name(law: Law) -> str:
    """What stands above a column: the versions, and whether one of them is a draft."""
    named = versions_named(law.number, law.extends)
    if all(version.number for version in law.versions):
        return tr("Live: {versions}", versions=named)
    return named[:1].upper() + named[1:]


def _column(one: Rehearsed, thresholds: ThresholdTable, mode: Mode) -> str:
    """What one version makes of the text, in at most a field's length."""
    if one.verdict is None:
        return clip(tr("Not judged: {reason}", reason=inert(one.decision.reason, 600)), EMBED_FIELD_VALUE)
    lines = [tr("**Would be done:** {actions}", actions=would_do(one.decision, mode))]
    key = one.decision.rule if one.decision.rule is not None else one.verdict.rule
    if key is not None:
        limits = thresholds.of(key)
        lines.append(
            tr(
                "**Likeliest rule {rule}:** {share:.0%} (acts from {act_at:.0%}, asks from {review_at:.0%})",
                rule=inert(key, 20),
                share=one.verdict.probabilities[key],
                act_at=limits.act_at,
                review_at=limits.review_at,
            )
        )
        lines.append(inert(one.law.policy.rule(key).text, 160))
        lines += _calibration(one, key)
    lines += _reasons(one.verdict)
    return clip("\n".join(lines), EMBED_FIELD_VALUE)


def _calibration(one: Rehearsed, key: str) -> list[str]:
    """How the likeliest rule is calibrated, and what a draft's calibration is."""
    shift = one.law.shifts.get(key)
    lines = [shift_line(shift, inert(key, 20))] if shift is not None else []
    return [*lines, tr(_AS_PUBLISHED)] if one.law.shifts and not all(one.law.numbers) else lines


def _wordless(one: Rehearsed) -> Rehearsed:
    """The same without what may repeat the text."""
    return replace(one, verdict=one.verdict and replace(one.verdict, rationale="", quote=""))


def _reasons(verdict: Verdict) -> list[str]:
    lines = [tr("**Reason:** {reason}", reason=inert(verdict.rationale, 300))] if verdict.rationale else []
    return [*lines, tr("**Quote:** {quote}", quote=spoiler(verdict.quote, 160))] if verdict.quote else lines
