"""What `/policy` shows. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, clip
from bot.discord_io.text import inert, plain, within
from bot.domain.care import read_as
from bot.domain.ladder import LadderTable, show_ladder
from bot.domain.lint import Finding, Severity
from bot.domain.moderators import moderator_mention
from bot.domain.policy import Policy, Rule
from bot.domain.records import PolicyVersion
from bot.domain.version_words import name_of, short
from bot.language import mark, tr
from bot.packs import Pack
from cogs.answers import text_file

# What an embed may show of a policy or a diff: Discord allows 4,096 characters in one and 6,000 in all.
_BLOCK = 3_500
_RULES = 1_800
_LADDER = 400
_CALIBRATION = 500
_CALIBRATED = mark("Calibration")
_DIFF_LINE = 600
_FOUND = {Severity.WARNING: mark("warning: {finding}"), Severity.NOTE: mark("note: {finding}")}


@dataclass(frozen=True, slots=True)
class Shown:
    """Embeds, and whether the whole text is in them."""

    embeds: tuple[discord.Embed, ...]
    is_whole: bool


def unified_diff(before: str, after: str, old: str = "live", new: str = "draft") -> list[str]:
    """The lines of a unified diff with three lines of context, the texts called `old` and `new`; empty where no line
    differs.
    """
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm=""))


def code_block(lines: Sequence[str], most: int, language: str = "") -> str:
    """Lines in a code block of at most `most` characters, which nothing written in them can end or make active."""
    fence = len(f"```{language}\n\n```")
    return f"```{language}\n{within([_tame(line) for line in lines], most - fence)}\n```"


def _tame(line: str) -> str:
    # Two backticks and a zero-width space: three in a row would end the block.
    return plain(line.replace("\t", "    ")).replace("``", "``\u200b")


def diff_embed(draft: PolicyVersion, live: PolicyVersion | None, findings: Sequence[Finding]) -> Shown:
    """A draft against the live version, and what the linter finds."""
    lines = unified_diff(live.source if live else "", draft.source)
    block, is_whole = _diff_block(lines)
    digest = short(draft.digest)
    if live:
        title = tr("Draft {digest}, against version {number}", digest=digest, number=live.number)
    else:
        title = tr("Draft {digest}, the first version", digest=digest)
    embed = discord.Embed(title=title, description=block or tr("No line differs from the live version."))
    embed.add_field(name=tr("Linter"), value=findings_text(findings), inline=False)
    return Shown((embed,), is_whole)


def comparison_embed(old: PolicyVersion, new: PolicyVersion) -> Shown:
    """What differs between any two versions; either may be the draft."""
    block, is_whole = _diff_block(unified_diff(old.source, new.source, name_of(old), name_of(new)))
    embed = discord.Embed(title=tr("From {old} to {new}", old=name_of(old), new=name_of(new)))
    if block:
        embed.description = block
    elif old.digest == new.digest:
        embed.description = tr("The two have the very same text.")
    else:
        embed.description = tr("They differ in line breaks only.")
    return Shown((embed,), is_whole)


def diff_file(old: PolicyVersion, new: PolicyVersion) -> discord.File:
    """The whole diff of two versions as a file."""
    return text_file("\n".join(unified_diff(old.source, new.source, name_of(old), name_of(new))), "changes.diff")


def _diff_block(lines: Sequence[str]) -> tuple[str, bool]:
    """A diff in a code block, empty where nothing differs, and whether all of it is there."""
    if not lines:
        return "", True
    shown = [clip(line, _DIFF_LINE) for line in lines]
    is_whole = shown == list(lines) and sum(len(_tame(line)) + 1 for line in lines) <= _BLOCK - 100
    return code_block(shown, _BLOCK, "diff"), is_whole


def findings_text(findings: Sequence[Finding]) -> str:
    """The linter's findings, a line each."""
    lines = [tr(_FOUND[finding.severity], finding=inert(finding.message, 240)) for finding in findings]
    return within(lines, EMBED_FIELD_VALUE) or tr("Nothing to say.")


def policy_embeds(
    version: PolicyVersion, policy: Policy, is_live: bool, ladder: LadderTable, calibration: Sequence[str] = ()
) -> Shown:
    """A version's text, where it fits and can be shown exactly as it was written, and its rules with their actions.

    Below them the server's ladder, where it has one, and what is said of the version's `calibration`, a line a rule.
    """
    text = discord.Embed(title=_title(version, is_live))
    text.description, is_whole = _text_block(version.source)
    room = _RULES - (_CALIBRATION + len(tr(_CALIBRATED)) if calibration else 0)
    rules = discord.Embed(title=tr("Rules"), description=within([_rule_line(rule) for rule in policy.rules], room))
    if lines := _ladder_lines(ladder, policy):
        rules.add_field(name=tr("Ladder"), value=within(lines, _LADDER), inline=False)
    if calibration:
        rules.add_field(name=tr(_CALIBRATED), value=within(calibration, _CALIBRATION), inline=False)
    rules.add_field(name=tr("Digest"), value=f"`{short(version.digest)}`")
    rules.add_field(name=tr("By"), value=moderator_mention(version.author_id))
    rules.add_field(name=tr("At"), value=discord.utils.format_dt(version.published_at or version.created_at, "f"))
    return Shown((text, rules), is_whole)


def _ladder_lines(ladder: LadderTable, policy: Policy) -> list[str]:
    """What repeated cases of a member bring, for all rules together and for those of the policy that are apart."""
    own = {rule.key: ladder.by_rule[rule.key] for rule in policy.rules if rule.key in ladder.by_rule}
    if not ladder.default and not own:
        return []
    lines = [tr("All rules without their own, counted together: {ladder}", ladder=show_ladder(ladder.default))]
    return lines + [
        tr("Rule {rule}: {ladder}", rule=inert(key, 20), ladder=show_ladder(steps)) for key, steps in own.items()
    ]


def _text_block(source: str) -> tuple[str, bool]:
    """A text in a code block, and whether it could be shown exactly as it was written."""
    tamed = "\n".join(_tame(line) for line in source.split("\n"))
    is_whole = tamed == source and len(tamed) <= _BLOCK - 100
    return code_block(source.split("\n"), _BLOCK, "md") if is_whole else tr("The text is attached."), is_whole


def pack_embed(pack: Pack, effect: str) -> Shown:
    """A pack's text, and what merging it would do."""
    embed = discord.Embed(title=tr("Template {name}", name=pack.name))
    embed.description, is_whole = _text_block(pack.policy.source)
    embed.add_field(name=tr("Merged into the draft"), value=inert(effect, EMBED_FIELD_VALUE), inline=False)
    return Shown((embed,), is_whole)


def packs_embed(packs: Sequence[Pack]) -> discord.Embed:
    """All packs with their titles and how many rules each has."""
    lines = [f"**{pack.name}** · {inert(pack.policy.title, 100)} · {_count(pack)}" for pack in packs]
    embed = discord.Embed(title=tr("Templates"), description=within(lines, EMBED_DESCRIPTION))
    embed.set_footer(text=tr("Look at one with /policy template and its name, and merge it into the draft there."))
    return embed


def _count(pack: Pack) -> str:
    rules = len(pack.policy.rules)
    return "1 rule" if rules == 1 else f"{rules} rules"


def _title(version: PolicyVersion, is_live: bool) -> str:
    if not version.number:
        return tr("Draft: not published")
    if is_live:
        return tr("Version {number}, live", number=version.number)
    return tr("Version {number}, no longer live", number=version.number)


def _rule_line(rule: Rule) -> str:
    asked = ", ".join([*(str(action) for action in rule.actions), *read_as(rule)])
    return f"**{inert(rule.key, 20)}** {inert(rule.text, 100)} · {asked}"


def history_embed(versions: Sequence[PolicyVersion], live_number: int | None) -> discord.Embed:
    """Published versions, newest first."""
    lines = [_history_line(version, version.number == live_number) for version in versions]
    embed = discord.Embed(title=tr("Versions of the policy"))
    embed.description = within(lines, EMBED_DESCRIPTION) or tr("None is published yet: write one with /policy edit.")
    return embed


def _history_line(version: PolicyVersion, is_live: bool) -> str:
    at = discord.utils.format_dt(version.published_at or version.created_at, "f")
    live = " · " + tr("live") if is_live else ""
    reason = f" · {inert(' '.join(version.reason.split()), 80)}" if version.reason else ""
    by = moderator_mention(version.author_id)
    return f"**{version.number}** · `{short(version.digest)}` · {by} · {at}{live}{reason}"
