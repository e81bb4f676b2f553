"""`/policy calibrate`: how answers shift what the judge says of each rule, with buttons that renew or remove it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.calibration_text import shift_lines
from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import within
from bot.domain.calibration import RuleShift, taken_away
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.pipeline.calibrating import shifts_by_answers
from bot.store import Store
from bot.store.policies import NOT_LIVE
from cogs.answers import Interaction, answer, controls, think
from cogs.permissions import require_use
from cogs.pressed import cog_of
from cogs.render_calibration import calibration_embed
from cogs.versions import NONE_YET
from cogs.where import WHERE, GivenWhere, require_own, require_seen

_PREFIX = "lawspeaker:calibrate"
_ANEW, _AWAY = "anew", "away"
_LABELS = {_ANEW: mark("Calibrate anew"), _AWAY: mark("Take the calibration away")}
_REASONS = {_ANEW: mark("calibrated by moderators' answers"), _AWAY: mark("calibration taken away")}
_MOST = 1_500
_NOTHING_NEW = mark("Version {number} is calibrated by these very answers already: nothing was changed.")
_NOTHING_LEFT = mark("Version {number} has no calibration: nothing was changed.")


class Calibrating(commands.Cog):
    """A version and its calibration are one: another calibration is another version, with the same text."""

    def __init__(self, store: Store) -> None:
        """Read answers from `store`, and make versions live in it."""
        self._store = store

    async def show(self, interaction: Interaction, place_id: int | None) -> None:
        """Answer with the calibration of a live version and that by the answers there are now; who asks may."""
        guild_id = interaction.guild_id
        assert guild_id is not None
        live = await self._store.policies.live(guild_id, place_id)
        if live is None:
            raise RefusedError(tr(NONE_YET))
        kept, by_answers = await kept_with(self._store, live), await shifts_by_answers(self._store, live)
        deeds = ([_ANEW] if set(by_answers) != set(kept) else []) + ([_AWAY] if applied(kept) else [])
        await answer(
            interaction,
            embeds=[calibration_embed(live, kept, by_answers)],
            view=_buttons(live.number, deeds) if deeds else None,
        )

    async def change(self, interaction: Interaction, deed: str, number: int) -> None:
        """Renew or remove the calibration of a version that must be live still."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        version = await self._store.policies.version(guild.id, number)
        if version is None:
            raise RefusedError(tr(NOT_LIVE, number=number))
        require_seen(interaction, version.place_id)
        kept = await kept_with(self._store, version)
        if deed == _AWAY:
            if not applied(kept):
                raise RefusedError(tr(_NOTHING_LEFT, number=number))
            shifts = taken_away(kept)
        else:
            shifts = await shifts_by_answers(self._store, version)
            if set(shifts) == set(kept):
                raise RefusedError(tr(_NOTHING_NEW, number=number))
        made = await self._store.policies.recalibrate(guild.id, number, interaction.user.id, tr(_REASONS[deed]), shifts)
        said = tr("Version {number} is live and has the text of version {old}.", number=made.number, old=number)
        lines = within(shift_lines(shifts), _MOST) or tr("Every rule is taken as the judge says.")
        await answer(interaction, f"{said}\n{lines}", view=away_view(made.number, shifts))


async def kept_with(store: Store, version: PolicyVersion) -> list[RuleShift]:
    """The shifts of a published version, in the order of its rules."""
    kept = await store.calibrations.with_version(version)
    return [kept[rule.key] for rule in parse_policy(version.source).rules if rule.key in kept]


def applied(shifts: Sequence[RuleShift]) -> bool:
    """Whether any rule is taken otherwise than the judge says."""
    return any(not one.is_taken_away for one in shifts)


def away_view(number: int, shifts: Sequence[RuleShift]) -> discord.ui.View | None:
    """The button that removes what a version was just published with; None where that is nothing."""
    return _buttons(number, [_AWAY]) if applied(shifts) else None


def _buttons(number: int, deeds: list[str]) -> discord.ui.View:
    return controls(*(CalibrateButton(deed, number) for deed in deeds))


class CalibrateButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"{_PREFIX}:(?P<deed>anew|away):(?P<number>[0-9]{{1,9}})",
):
    """Renews or removes the calibration of the version it was shown for, also after a restart; never of a later one."""

    def __init__(self, deed: str, number: int) -> None:
        """A button for the version of this number."""
        super().__init__(discord.ui.Button(label=tr(_LABELS[deed]), custom_id=f"{_PREFIX}:{deed}:{number}"))
        self._deed = deed
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        return cls(match["deed"], int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Calibrating) as calibrating:
            await calibrating.change(interaction, self._deed, self._number)


class CalibrateCommands(app_commands.Group, name="calibrating", description=mark("A part of /policy.")):
    """The command, to be put into the group of `/policy`."""

    def __init__(self, store: Store, calibrating: Calibrating) -> None:
        """Look permissions up in `store`; show through `calibrating`."""
        super().__init__()
        self._store = store
        self._calibrating = calibrating

    @app_commands.command(
        name="calibrate", description=mark("Show how answers shift what the judge says; renew it or not.")
    )
    @app_commands.describe(where=WHERE)
    async def calibrate(self, interaction: Interaction, where: GivenWhere | None = None) -> None:
        """Show the calibration of the live version."""
        await think(interaction)
        await require_use(interaction, self._store)
        await self._calibrating.show(interaction, await require_own(interaction, self._store, where))
