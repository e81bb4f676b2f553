"""Buttons and select of a case: what they are called and how their `custom_id`s are written.

They do nothing by themselves: a `custom_id` names the deed and the case's number, and whoever answers to it looks up
the case on the server on which it was used. So they outlive restarts, and reach no other server's cases.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import discord

from bot.discord_io.buttons import has_button
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord, CaseStatus
from bot.domain.waiting import waiting
from bot.language import mark, tr


class Deed(StrEnum):
    """What the buttons of a case do."""

    CONFIRM = "confirm"
    OVERTURN = "overturn"
    MORE = "more"
    CLAIM = "claim"
    RELEASE = "release"


BUTTON_TEMPLATE = rf"lawspeaker:case:(?P<deed>{'|'.join(Deed)}):(?P<number>[0-9]{{1,9}})"

SELECT_TEMPLATE = r"lawspeaker:case:act:(?P<number>[0-9]{1,9})"

_STYLES = {
    Deed.CONFIRM: discord.ButtonStyle.success,
    Deed.OVERTURN: discord.ButtonStyle.danger,
    Deed.MORE: discord.ButtonStyle.secondary,
    Deed.CLAIM: discord.ButtonStyle.primary,
    Deed.RELEASE: discord.ButtonStyle.secondary,
}

LABELS = {
    Deed.CONFIRM: mark("Confirm"),
    Deed.OVERTURN: mark("Overturn"),
    Deed.MORE: mark("More"),
    Deed.CLAIM: mark("Claim"),
    Deed.RELEASE: mark("Release"),
}

CHOICES = (
    (Action(ActionKind.DELETE), mark("Delete the message")),
    (Action(ActionKind.WARN), mark("Warn the author")),
    (Action(ActionKind.TIMEOUT, timedelta(minutes=10)), mark("Time the author out for 10 minutes")),
    (Action(ActionKind.TIMEOUT, timedelta(hours=1)), mark("Time the author out for an hour")),
    (Action(ActionKind.TIMEOUT, timedelta(days=1)), mark("Time the author out for a day")),
    (Action(ActionKind.TIMEOUT, timedelta(days=7)), mark("Time the author out for a week")),
    (Action(ActionKind.KICK), mark("Kick the author")),
    (Action(ActionKind.BAN), mark("Ban the author")),
)
"""What a moderator may ask for, each with its name."""
ASKABLE = {str(action): action for action, _ in CHOICES}
"""The actions a moderator may ask for, by the value of the select's option."""


def case_button(deed: Deed, number: int) -> discord.ui.Button[discord.ui.View]:
    """One button of a case."""
    return discord.ui.Button(label=tr(LABELS[deed]), style=_STYLES[deed], custom_id=_button_id(deed, number))


def case_select(number: int) -> discord.ui.Select[discord.ui.View]:
    """The select for another action, of which one is picked."""
    return discord.ui.Select(
        custom_id=f"lawspeaker:case:act:{number}",
        placeholder=tr("Another action…"),
        options=[discord.SelectOption(label=tr(label), value=str(action)) for action, label in CHOICES],
    )


def is_post_of(message: discord.Message, number: int) -> bool:
    """Whether a message has the buttons of the case of this number, in whatever language."""
    return has_button(message, _button_id(Deed.MORE, number))


def _button_id(deed: Deed, number: int) -> str:
    return f"lawspeaker:case:{deed}:{number}"


def deeds(case: CaseRecord) -> list[Deed]:
    """The buttons that a case has as it stands."""
    if case.status is not CaseStatus.OPEN and not case.appeal_waits:
        return [Deed.MORE]
    offered = [Deed.CONFIRM, Deed.OVERTURN, Deed.MORE]
    if waiting(case) is not None:
        offered += [Deed.CLAIM, Deed.RELEASE] if case.claimed_by is not None else [Deed.CLAIM]
    return offered


def case_view(case: CaseRecord) -> discord.ui.View:
    """What can be done about a case as it stands: once it is answered it can only be looked into, or it is appealed."""
    view = discord.ui.View(timeout=None)
    for deed in deeds(case):
        view.add_item(case_button(deed, case.number))
    if case.status is CaseStatus.OPEN:
        view.add_item(case_select(case.number))
    # The library would keep every view that still listens, one per post for as long as the bot runs.
    view.stop()
    return view
