"""The selects and buttons of `/setup`. Their ids say what they are for and, of *Publish*, which draft: what may be
changed, and by whom, is looked at when they are used, so they work after a restart as before it.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.discord_io.limits import CHOICE_NAME, clip
from bot.domain.decision import Mode
from bot.domain.setting_fields import FIELDS
from bot.language import tr
from bot.packs import load_packs
from cogs.answers import controls
from cogs.channels import LOGGABLE, THREADS, WATCHABLE
from cogs.render_setup import Standing

WATCH_TYPES = [kind for kind in WATCHABLE.channel_types if kind not in THREADS]
"""What can be picked to be watched; threads are watched with their channel."""
MOST_PICKED = 25
_MODES = (Mode.SHADOW, Mode.ENFORCE, Mode.OFF)
_PREFIX = "lawspeaker:setup"


class SetupControl(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"lawspeaker:setup:(?P<does>watch|log|packs|mode|publish|look)(?::(?P<digest>[0-9a-f]{64}))?",
):
    """One select or button. `does` is what it is for; `digest` the draft that *Publish* was shown with, else empty."""

    def __init__(self, item: discord.ui.Item[Any], does: str, digest: str = "") -> None:
        """Around an item with the fitting id."""
        super().__init__(item)
        self.does = does
        self.digest = digest

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The control as it was sent."""
        return cls(item, match["does"], match["digest"] or "")

    @property
    def picked(self) -> list[Any]:
        """What was picked: texts or channels; nothing of a button."""
        return list(getattr(self.item, "values", ()))

    @property
    def shown_ids(self) -> frozenset[int]:
        """The channels that were picked already in the message as the member saw it."""
        # Read from a message, the library leaves the ids the texts that Discord sends.
        return frozenset(int(one.id) for one in getattr(self.item, "default_values", ()))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand it to the cog, which looks at what may be done."""
        await interaction.client.get_cog("SetupCog").use(interaction, self)


def setup_view(standing: Standing) -> discord.ui.View:
    """A select for each step and a row of buttons: Discord's five rows."""
    log = standing.log
    items: list[discord.ui.Item[Any]] = [
        _select_channels(
            "watch",
            tr("Channels to watch"),
            WATCH_TYPES,
            [place.channel_id for place in standing.offered],
            MOST_PICKED,
        ),
        _select_channels(
            "log",
            tr("Log: where cases are posted"),
            LOGGABLE.channel_types,
            [log.channel_id] if log and log.known else [],
        ),
        _select_packs(),
        _select_mode(standing.settings.mode),
    ]
    if (draft := standing.first_draft) is not None:
        publish = discord.ui.Button[Any](
            label=tr("Publish"), style=discord.ButtonStyle.primary, custom_id=f"{_PREFIX}:publish:{draft.digest}"
        )
        items.append(SetupControl(publish, "publish", draft.digest))
    look = discord.ui.Button[Any](label=tr("Look again"), custom_id=f"{_PREFIX}:look")
    return controls(*items, SetupControl(look, "look"))


def _select_channels(
    does: str, placeholder: str, types: list[discord.ChannelType], preset: list[int], most: int = 1
) -> SetupControl:
    kind = discord.SelectDefaultValueType.channel
    select = discord.ui.ChannelSelect[Any](
        custom_id=f"{_PREFIX}:{does}",
        channel_types=types,
        placeholder=placeholder,
        min_values=0,
        max_values=most,
        default_values=[discord.SelectDefaultValue(id=channel_id, type=kind) for channel_id in preset],
    )
    return SetupControl(select, does)


def _select_packs() -> SetupControl:
    options = [
        discord.SelectOption(label=pack.name, value=pack.name, description=clip(pack.policy.title, CHOICE_NAME) or None)
        for pack in load_packs()[:MOST_PICKED]
    ]
    select = discord.ui.Select[Any](
        custom_id=f"{_PREFIX}:packs",
        placeholder=tr("Templates to merge into the policy's draft"),
        max_values=len(options),
        options=options,
    )
    return SetupControl(select, "packs")


def _select_mode(current: Mode) -> SetupControl:
    words = FIELDS["mode"].choices
    options = [
        discord.SelectOption(label=tr("Mode: {mode}", mode=tr(words[mode])), value=mode.value, default=mode is current)
        for mode in _MODES
    ]
    return SetupControl(discord.ui.Select[Any](custom_id=f"{_PREFIX}:mode", options=options), "mode")
