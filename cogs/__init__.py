"""Slash commands, context menus, buttons and listeners: parse, check permission, call, render."""

from __future__ import annotations

from discord.ext import commands

from bot.judge.interface import Judge
from bot.pipeline.forgetting import Forgetting
from bot.pipeline.intake import Intake
from bot.pipeline.rehearsal import Rehearsal
from bot.pipeline.reporting import Reporting
from bot.pipeline.reviews import Reviews
from bot.pipeline.slots import Slots
from bot.pipeline.teaching import Teaching
from bot.store import Store
from cogs.access import AccessCog
from cogs.appealing import AppealButton, Appealing
from cogs.case import CaseCog
from cogs.case_pages import CasePageButton, CasePages
from cogs.departures import DepartureListener
from cogs.errors import on_command_failure
from cogs.exempt import ExemptCog
from cogs.forgetting import ForgetButton, ForgettingDesk
from cogs.health import HealthCog
from cogs.judging_now import JudgingNow
from cogs.learning import LearnButton, Learning
from cogs.listener import Listener
from cogs.mode import ModeCog
from cogs.policies import policy_cogs
from cogs.privacy import PrivacyCog
from cogs.queue import QueueButton, QueueCog
from cogs.reporting import ReportingCog
from cogs.reviewing import CaseButton, CaseSelect, Reviewing
from cogs.settings import SettingsCog
from cogs.settings_view import SettingsControl
from cogs.setup import SetupCog
from cogs.setup_view import SetupControl
from cogs.stats import StatsCog
from cogs.watch import WatchCog
from cogs.why import WhyCog


async def add_cogs(
    client: commands.Bot,
    store: Store,
    judge: Judge,
    intake: Intake,
    reviews: Reviews,
    reporting: Reporting,
    slots: Slots | None = None,
) -> None:
    """Add everything members and moderators reach the bot by; registering the commands is the client's.

    Backtests run in `slots`, where others do too.
    """
    client.tree.error(on_command_failure)
    client.add_dynamic_items(CaseButton, CaseSelect, CasePageButton, SettingsControl, ForgetButton)
    client.add_dynamic_items(SetupControl, AppealButton, QueueButton, LearnButton)
    pages = CasePages(store)
    teaching = Teaching(store, judge)
    learning = Learning(store, teaching)
    desk = ForgettingDesk(store, Forgetting(client, store, intake, reviews.showing))
    for cog in (
        Listener(intake),
        WatchCog(store),
        ModeCog(store),
        ExemptCog(store),
        SettingsCog(store),
        AccessCog(store),
        SetupCog(store),
        *policy_cogs(client, store, judge, teaching, slots or Slots()),
        WhyCog(client, store, JudgingNow(client, store, Rehearsal(store, judge))),
        learning,
        Reviewing(store, reviews, learning),
        pages,
        CaseCog(store, reviews, pages, learning),
        QueueCog(store, reviews),
        ReportingCog(client, store, intake, reporting),
        Appealing(client, store, reviews.appeals),
        HealthCog(store, judge),
        StatsCog(store),
        desk,
        DepartureListener(client, store, intake),
        PrivacyCog(store, desk),
    ):
        await client.add_cog(cog)
