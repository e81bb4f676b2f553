"""The selects, buttons and modals of `/settings`. Their ids say which setting is meant and nothing else: what may be
changed, and by whom, is looked at when they are used, so they work after a restart as before it.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.discord_io.limits import CHOICE_NAME, MODAL_TITLE, PLACEHOLDER, clip
from bot.discord_io.text import plain
from bot.domain.setting_fields import PAGES
from bot.domain.setting_kinds import Field, Kind, Page
from bot.language import tr
from cogs.answers import controls
from cogs.channels import LOGGABLE
from cogs.render_settings import Seen, rule_name, shown, shown_for

TYPED = re.compile(r"lawspeaker:settings:typed:(?P<name>[a-z_]{1,40})(?::(?P<rule>.{0,60}))?", re.DOTALL)
"""The id of a modal: a setting, and the rule where it is set per rule."""
SERVERS_OWN = "default"
"""The option for all rules that have nothing of their own."""
_ONE_LINE = 100
_PREFIX = "lawspeaker:settings"


class SettingsControl(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"lawspeaker:settings:(?P<does>page|pick|type|rule)(?::(?P<name>[a-z_]{1,40}))?",
):
    """One select or button. `does` is what it is for: open a page, pick a value, type one, choose a rule."""

    def __init__(self, item: discord.ui.Item[Any], does: str, name: str = "") -> None:
        """Around an item with the fitting id."""
        super().__init__(item)
        self.does = does
        self.name = name

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The control as it was sent."""
        return cls(item, match["does"], match["name"] or "")

    @property
    def picked(self) -> list[Any]:
        """What was picked: texts, channels or roles; nothing of a button."""
        return list(getattr(self.item, "values", ()))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand it to the cog, which looks at what may be done."""
        await interaction.client.get_cog("SettingsCog").use(interaction, self)


def settings_view(seen: Seen, page: Page | None) -> discord.ui.View:
    """The pages to choose from, and below them what changes the open one's settings, within Discord's five rows."""
    pages = [discord.SelectOption(label=tr(one.title), value=one.name, default=one is page) for one in PAGES]
    choose = discord.ui.Select[Any](custom_id=f"{_PREFIX}:page", placeholder=tr("Change…"), options=pages, row=0)
    items: list[discord.ui.Item[Any]] = [SettingsControl(choose, "page")]
    row, before = 0, None
    for one in page.fields if page is not None else ():
        # Buttons share a row, a select fills one.
        row += 0 if one.kind is before is Kind.TYPED else 1
        before = one.kind
        item = _item(one, seen)
        item.row = row
        items.append(item)
    return controls(*items)


def settings_modal(one: Field, seen: Seen, rule: str = "") -> discord.ui.Modal:
    """A modal with a setting as it is now; what is sent off comes to the cog by the modal's id alone.

    What a rule does not have of its own, but by the server's default, stands there greyed: sent off as it is, it
    stays the default.
    """
    custom_id = f"{_PREFIX}:typed:{one.name}" + (f":{rule}" if one.kind is Kind.PER_RULE else "")
    title = tr("{setting} of rule {rule}", setting=tr(one.title), rule=rule) if rule else tr(one.title)
    modal = discord.ui.Modal(title=clip(title, MODAL_TITLE), custom_id=custom_id)
    preset = one.typed(one.value_in(seen.settings, rule))
    is_own = one.kind is not Kind.PER_RULE or one.is_own(seen.settings, rule)
    for number, (label, text) in enumerate(zip(one.inputs, preset, strict=True)):
        style = discord.TextStyle.paragraph if one.most > _ONE_LINE else discord.TextStyle.short
        typed = discord.ui.TextInput[Any](
            custom_id=str(number),
            style=style,
            default=text if is_own else None,
            placeholder=None if is_own else clip(text.replace("\n", "; "), PLACEHOLDER),
            max_length=one.most,
            required=False,
        )
        modal.add_item(discord.ui.Label(text=tr(label), description=tr(one.how or one.meaning), component=typed))
    modal.stop()
    return modal


def _item(one: Field, seen: Seen) -> SettingsControl:
    value = one.value_in(seen.settings)
    custom_id = f"{_PREFIX}:pick:{one.name}"
    match one.kind:
        case Kind.CHANNEL:
            known = [discord.SelectDefaultValue(id=value, type=discord.SelectDefaultValueType.channel)]
            channels = discord.ui.ChannelSelect[Any](
                custom_id=custom_id,
                channel_types=LOGGABLE.channel_types,
                placeholder=tr(one.title),
                min_values=0,
                default_values=known if value in seen.channel_ids else [],
            )
            return SettingsControl(channels, "pick", one.name)
        case Kind.ROLE | Kind.ROLES:
            ids = value if one.kind is Kind.ROLES else {value}
            roles = discord.ui.RoleSelect[Any](
                custom_id=custom_id,
                placeholder=tr(one.title),
                min_values=0,
                max_values=25 if one.kind is Kind.ROLES else 1,
                default_values=[
                    discord.SelectDefaultValue(id=role_id, type=discord.SelectDefaultValueType.role)
                    for role_id in sorted(ids & set(seen.role_ids))
                ],
            )
            return SettingsControl(roles, "pick", one.name)
        case Kind.CHOICE:
            (current,) = one.typed(value)
            options = [
                discord.SelectOption(
                    label=clip(f"{tr(one.title)}: {tr(words)}", CHOICE_NAME), value=word, default=word == current
                )
                for word, words in one.choices.items()
            ]
            return SettingsControl(discord.ui.Select[Any](custom_id=custom_id, options=options), "pick", one.name)
        case Kind.PER_RULE:
            options = [
                discord.SelectOption(
                    label=clip(plain(rule_name(one, rule, seen)).replace("\n", " "), CHOICE_NAME),
                    value=f"rule:{rule}" if rule else SERVERS_OWN,
                    description=clip(shown_for(one, rule, seen), CHOICE_NAME),
                )
                for rule in ["", *seen.rule_keys()]
            ]
            custom_id = f"{_PREFIX}:rule:{one.name}"
            rules = discord.ui.Select[Any](custom_id=custom_id, placeholder=tr(one.pick), options=options)
            return SettingsControl(rules, "rule", one.name)
        case Kind.TYPED:
            button = discord.ui.Button[Any](
                label=f"{tr(one.title)}: {clip(shown(one, seen), 30)}" if one.most <= _ONE_LINE else tr(one.title),
                custom_id=f"{_PREFIX}:type:{one.name}",
            )
            return SettingsControl(button, "type", one.name)
