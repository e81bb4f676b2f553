"""What `/settings` shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE, clip
from bot.discord_io.text import inert, within
from bot.domain.guild import GuildSettings
from bot.domain.policy import Rule
from bot.domain.setting_fields import PAGES
from bot.domain.setting_kinds import Field, Kind, Page
from bot.language import tr

_MOST_SHOWN = 1_500
_DETAILS = 3_000
_LATER_RULES = 25 - 1
"""Rules that a select offers beside what the server has for all others."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A server as `/settings` shows it: what is set, the live policy's rules, which channels and roles there are."""

    settings: GuildSettings
    rules: Sequence[Rule]
    channel_ids: Collection[int]
    role_ids: Collection[int]

    def rule_keys(self) -> list[str]:
        """Rules for which something can be set: those of the live policy, then others that have something still."""
        live = [rule.key for rule in self.rules]
        kept = {*self.settings.thresholds.by_rule, *self.settings.ladder.by_rule}
        return [*live, *sorted(kept - set(live))][:_LATER_RULES]


def overview(seen: Seen) -> discord.Embed:
    """All that a server can set, page by page."""
    embed = discord.Embed(title=tr("Settings"), description=tr("Pick a page to change something."))
    for page in PAGES:
        lines: list[str] = []
        for one in page.fields:
            is_per_rule = one.kind is Kind.PER_RULE
            lines += _rule_lines(one, seen) if is_per_rule else [f"{tr(one.title)}: {clip(shown(one, seen), 400)}"]
        embed.add_field(name=tr(page.title), value=within(lines, EMBED_FIELD_VALUE), inline=False)
    settings = seen.settings
    exempt = len(settings.exempt_role_ids | settings.exempt_user_ids)
    exempt += len(settings.exempt_channel_ids | settings.exempt_category_ids)
    embed.add_field(
        name=tr("By other commands"),
        value=tr(
            "Watched channels: {watched} (/watch list)\nExempt: {exempt} (/exempt list)\n"
            "Groups of commands given or refused to roles: {access} (/access list)",
            watched=len(settings.watched),
            exempt=exempt,
            access=len(settings.access),
        ),
        inline=False,
    )
    return embed


def page_embed(page: Page, seen: Seen) -> discord.Embed:
    """One page's settings, with what each means."""
    embed = discord.Embed(title=tr("Settings · {page}", page=tr(page.title)))
    lines: list[str] = []
    for one in page.fields:
        if one.kind is Kind.PER_RULE:
            lines += [tr(one.meaning), *_rule_lines(one, seen)]
        else:
            lines.append(f"**{tr(one.title)}**: {clip(shown(one, seen), _MOST_SHOWN)}\n-# {tr(one.meaning)}")
    embed.description = within(lines, _DETAILS)
    return embed


def shown(one: Field, seen: Seen) -> str:
    """A setting's value in words; a channel or role that is gone is said to be."""
    value = one.value_in(seen.settings)
    match one.kind:
        case Kind.CHANNEL if value is not None and value not in seen.channel_ids:
            return tr(
                "{channel}, which is gone (deleted, archived or hidden from the bot): pick another",
                channel=one.show(value),
            )
        case Kind.ROLE if value is not None and value not in seen.role_ids:
            return tr("{role}, which is gone (deleted): pick another", role=one.show(value))
        case Kind.ROLES if gone := sorted(value.difference(seen.role_ids)):
            return tr("{roles}; of these gone (deleted): {gone}", roles=one.show(value), gone=", ".join(map(str, gone)))
        case _:
            return one.show(value)


def shown_for(one: Field, rule: str, seen: Seen) -> str:
    """What holds for a rule of what is set per rule, or for all without their own where `rule` is empty."""
    text = one.show(one.value_in(seen.settings, rule))
    return text if one.is_own(seen.settings, rule) else tr("{value} (the server's)", value=text)


def rule_name(one: Field, rule: str, seen: Seen) -> str:
    """A rule as a line or an option begins: its number and words, or that no policy has it."""
    if not rule:
        return tr(one.others)
    words = next((given.text for given in seen.rules if given.key == rule), None)
    if words is None:
        return tr("Rule {rule}, in no policy that you can see", rule=rule)
    return tr("Rule {rule}: {words}", rule=rule, words=words)


def _rule_lines(one: Field, seen: Seen) -> list[str]:
    lines = [f"{rule_name(one, '', seen)}: {shown_for(one, '', seen)}"]
    for key in seen.rule_keys():
        lines.append(f"{inert(clip(rule_name(one, key, seen), 60), 90)} · {clip(shown_for(one, key, seen), 200)}")
    return lines
