"""The buttons of a case: what they are called and how their `custom_id`s are written.

They do nothing by themselves: a `custom_id` names the deed and the case's number, and whoever answers to it looks up
the case on the server on which it was used. So they outlive restarts, and reach no other server's cases.
"""

from __future__ import annotations

from enum import StrEnum

import discord

from bot.domain.records import CaseRecord, CaseStatus


class Deed(StrEnum):
    """What the buttons of a case do."""

    CONFIRM = "confirm"
    OVERTURN = "overturn"
    MORE = "more"


BUTTON_TEMPLATE = rf"lawspeaker:case:(?P<deed>{'|'.join(Deed)}):(?P<number>[0-9]{{1,9}})"

_STYLES = {
    Deed.CONFIRM: discord.ButtonStyle.success,
    Deed.OVERTURN: discord.ButtonStyle.danger,
    Deed.MORE: discord.ButtonStyle.secondary,
}


def case_button(deed: Deed, number: int) -> discord.ui.Button[discord.ui.View]:
    """One button of a case."""
    return discord.ui.Button(
        label=deed.value.title(), style=_STYLES[deed], custom_id=f"lawspeaker:case:{deed}:{number}"
    )


def case_view(case: CaseRecord) -> discord.ui.View:
    """What can be done about a case as it stands: once it is answered it can only be looked into."""
    view = discord.ui.View(timeout=None)
    deeds = Deed if case.status is CaseStatus.OPEN else (Deed.MORE,)
    for deed in deeds:
        view.add_item(case_button(deed, case.number))
    # The library would keep every view that still listens, one per post for as long as the bot runs.
    view.stop()
    return view
