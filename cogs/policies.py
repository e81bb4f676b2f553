"""All that `/policy` is made of, put together."""

from __future__ import annotations

from discord.ext import commands

from bot.judge.interface import Judge
from bot.lawmaking.publication import Publication
from bot.lawmaking.scoping import Scoping
from bot.packs import load_pack_texts
from bot.pipeline.backtest import Backtest
from bot.pipeline.borderline import Probing
from bot.pipeline.rehearsal import Rehearsal
from bot.pipeline.slots import Slots
from bot.pipeline.teaching import Teaching
from bot.store import Store
from cogs.borderline import BorderlineButton, Borderlines
from cogs.calibrating import CalibrateButton, CalibrateCommands, Calibrating
from cogs.drafting import Drafting
from cogs.policy import PolicyCog
from cogs.policy_backtest import BacktestCommands, Backtesting
from cogs.policy_learned import LearnedButton, LearnedCommands, LearnedPages
from cogs.policy_scope import ScopeCommands
from cogs.policy_template import MergeButton, TemplateCommands, Templating
from cogs.policy_trial import CheckCog, TrialCommands, Trials
from cogs.policy_versions import VersionCommands
from cogs.publishing import PublishButton, Publishing


def policy_cogs(
    client: commands.Bot, store: Store, judge: Judge, teaching: Teaching, slots: Slots
) -> tuple[commands.Cog, ...]:
    """The cogs of policies, to be added to `client`; their buttons are added here."""
    client.add_dynamic_items(PublishButton, MergeButton, LearnedButton, BorderlineButton, CalibrateButton)
    texts = load_pack_texts()
    borderlines = Borderlines(store, teaching, Probing(store, judge, texts), texts)
    drafting, publishing = Drafting(store), Publishing(store, Publication(store, judge), borderlines)
    templating, backtesting = Templating(store, drafting), Backtesting(store, Backtest(store, judge), slots)
    pages, calibrating = LearnedPages(store, teaching), Calibrating(store)
    trials = Trials(store, Rehearsal(store, judge))
    parts = (
        VersionCommands(store, publishing),
        TrialCommands(store, trials),
        TemplateCommands(store, templating),
        BacktestCommands(backtesting),
        ScopeCommands(store, Scoping(store, judge)),
        LearnedCommands(pages),
        CalibrateCommands(store, calibrating),
    )
    policy = PolicyCog(store, drafting, publishing, parts)
    check = CheckCog(client, store, trials)
    return publishing, borderlines, templating, backtesting, pages, calibrating, policy, check
