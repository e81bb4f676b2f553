"""`/policy rule add|edit|remove`: one rule of the draft changed, the rest of its text as it was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from discord import app_commands

from bot.discord_io.limits import CHOICE_NAME, clip
from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.policy import ActionKind, Rule
from bot.domain.policy_edit import add_rule, edit_rule, remove_rule
from bot.domain.policy_text import parse_policy
from bot.language import mark, tr
from bot.store import Store, StoreError
from cogs.answers import Interaction, think
from cogs.channels import GivenChannel
from cogs.drafting import Basis, Drafting
from cogs.permissions import require_use
from cogs.versions import NONE_YET, Choice
from cogs.where import WHERE, GivenWhere, place_id_typed, require_own

Words = app_commands.Range[str, 1, 1000]
Actions = app_commands.Range[str, 1, 100]
Key = app_commands.Range[str, 1, 100]
_MOST_CHOICES = 25


def rule_choices(rules: Sequence[Rule], typed: str) -> list[Choice]:
    """Rules whose key or words have in them what is typed, each as its key and words."""
    named = [(rule.key, f"{rule.key} · {' '.join(plain(rule.text).split())}") for rule in rules]
    wanted = typed.strip().casefold()
    found = [Choice(name=clip(name, CHOICE_NAME), value=key) for key, name in named if wanted in name.casefold()]
    return found[:_MOST_CHOICES]


def action_choices(typed: str) -> list[Choice]:
    """What is typed so far, with each action that the last part of it may become and that is not there yet."""
    given, comma, last = typed.rpartition(",")
    there = {part.split()[0].casefold() for part in given.split(",") if part.strip()}
    names = ["timeout 1h" if kind is ActionKind.TIMEOUT else kind.value for kind in ActionKind if kind not in there]
    begun = f"{given}{comma} " if comma else ""
    options = [f"{begun}{name}" for name in names if name.startswith(last.strip().casefold())]
    return [Choice(name=one, value=one) for one in options if len(one) <= CHOICE_NAME]


class RuleCommands(app_commands.Group, name="rule", description=mark("One rule of the policy.")):
    """Changes of single rules; each makes a draft as `/policy edit` does."""

    def __init__(self, store: Store, drafting: Drafting) -> None:
        """Look permissions up in `store`; keep drafts through `drafting`."""
        super().__init__()
        self._store = store
        self._drafting = drafting

    @app_commands.command(name="add", description=mark("Add a rule after the last one, as a draft."))
    @app_commands.describe(
        words=mark("What the rule forbids."),
        actions=mark("As delete, timeout 1h; only flags unless given."),
        where=WHERE,
    )
    async def add(
        self, interaction: Interaction, words: Words, actions: Actions | None = None, where: GivenWhere | None = None
    ) -> None:
        """Add a rule to the draft; the first one of a server makes its policy."""
        basis = await self._basis(interaction, where)
        await self._change(interaction, basis, lambda source: add_rule(source, words, actions or "", basis.first))

    @app_commands.command(name="edit", description=mark("Change a rule's words or actions, as a draft."))
    @app_commands.describe(
        rule=mark("The rule's number."),
        words=mark("Its new words."),
        actions=mark("Its new actions, as delete, timeout 1h."),
        where=WHERE,
    )
    async def edit(
        self,
        interaction: Interaction,
        rule: Key,
        words: Words | None = None,
        actions: Actions | None = None,
        where: GivenWhere | None = None,
    ) -> None:
        """Change a rule of the draft."""
        basis = await self._existing(interaction, where)
        await self._change(
            interaction, basis, lambda source: edit_rule(source, rule.strip(), words or "", actions or "")
        )

    @app_commands.command(name="remove", description=mark("Take a rule out of the policy, as a draft."))
    @app_commands.describe(rule=mark("The rule's number."), where=WHERE)
    async def remove(self, interaction: Interaction, rule: Key, where: GivenWhere | None = None) -> None:
        """Take a rule out of the draft."""
        basis = await self._existing(interaction, where)
        await self._change(interaction, basis, lambda source: remove_rule(source, rule.strip()))

    @edit.autocomplete("rule")
    @remove.autocomplete("rule")
    async def _offer_rules(self, interaction: Interaction, current: str) -> list[Choice]:
        """The draft's rules, else the live version's; nothing for other members."""
        try:
            guild = await require_use(interaction, self._store)
            shown = (await self._drafting.basis(guild, place_id_typed(interaction))).shown
        except (RefusedError, StoreError):
            return []
        return rule_choices(parse_policy(shown.source).rules, current) if shown else []

    @add.autocomplete("actions")
    @edit.autocomplete("actions")
    async def _offer_actions(self, interaction: Interaction, current: str) -> list[Choice]:
        """Actions there are; no secret of the server's."""
        return action_choices(current)

    async def _basis(self, interaction: Interaction, where: GivenChannel | None) -> Basis:
        await think(interaction)
        guild = await require_use(interaction, self._store)
        return await self._drafting.basis(guild, await require_own(interaction, self._store, where))

    async def _existing(self, interaction: Interaction, where: GivenChannel | None) -> Basis:
        basis = await self._basis(interaction, where)
        if basis.shown is None:
            raise RefusedError(tr(NONE_YET))
        return basis

    async def _change(self, interaction: Interaction, basis: Basis, change: Callable[[str], str]) -> None:
        """Keep what a change makes of the text there is; PolicyError where it cannot be made."""
        changed = change(basis.shown.source if basis.shown else "")
        await self._drafting.submit_change(interaction, changed, basis)
