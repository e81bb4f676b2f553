"""`/case`: looking cases up, answering them and taking them along."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.day_range import parse_range
from bot.discord_io.limits import CHOICE_NAME, clip
from bot.discord_io.places import parents_in
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.discord_io.sight import Sight
from bot.discord_io.text import terminal
from bot.domain.case_csv import cases_csv
from bot.domain.case_filter import CaseFilter
from bot.domain.case_terms import STATUS
from bot.domain.lawbook import rules_somewhere
from bot.domain.moderators import moderator_mention
from bot.domain.records import CaseRecord, CaseStatus
from bot.domain.verdict_json import case_json
from bot.language import mark, tr, trn
from bot.pipeline.reviews import Reviews
from bot.store import Store
from cogs.answers import Interaction, answer, text_file, think
from cogs.case_pages import MOST_TEXT, CasePages
from cogs.case_shown import show_case
from cogs.channels import WATCHABLE, GivenChannel
from cogs.learning import Learning
from cogs.permissions import member_of, require_case, require_use
from cogs.render_case import answered_text, overturned_text
from cogs.where import lawbook_seen

LARGEST_NUMBER = 999_999_999
EXPORT_BYTES = 8_000_000
_CHOICES = 25

Number = app_commands.Range[int, 1, LARGEST_NUMBER]
Channel = app_commands.Transform[GivenChannel, WATCHABLE]
Rule = app_commands.Range[str, 1, 32]
Day = app_commands.Range[str, 1, 20]
Words = app_commands.Range[str, 1, MOST_TEXT]
Status = Literal["open", "confirmed", "overturned", "other"]

_filters_described = app_commands.describe(
    member=mark("Whose message it was about."),
    rule=mark("The rule the case rests on."),
    channel=mark("Where the message was, threads included."),
    status=mark("How the case was answered."),
    moderator=mark("Who answered it."),
    since=mark("The first day, as 2026-01-31."),
    until=mark("The last day, as 2026-01-31."),
    text=mark("Words in the message, the reason or the notes."),
)


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class CaseCog(commands.GroupCog, group_name="case", group_description=mark("Look up, answer and export cases.")):
    """For moderators, about cases of their own server in channels they can see."""

    def __init__(self, store: Store, reviews: Reviews, pages: CasePages, learning: Learning) -> None:
        """Read from `store`, answer through `reviews`, list on `pages`, and offer through `learning` to learn."""
        self._store = store
        self._reviews = reviews
        self._pages = pages
        self._learning = learning

    @app_commands.command(name="view", description=mark("Show a case with its notes, and its buttons."))
    @app_commands.describe(number=mark("The case's number."))
    async def view(self, interaction: Interaction, number: Number) -> None:
        """Show a case, and where its author stands on the ladder."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        await show_case(interaction, self._store, case, more=await self._learning.button(case))

    @app_commands.command(name="list", description=mark("List cases, newest first."))
    @_filters_described
    async def list_cases(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        rule: Rule | None = None,
        channel: Channel | None = None,
        status: Status | None = None,
        moderator: discord.User | None = None,
        since: Day | None = None,
        until: Day | None = None,
        text: Words | None = None,
    ) -> None:
        """List what matches all that is given."""
        await think(interaction)
        await require_use(interaction, self._store)
        await self._pages.begin(interaction, _wanted(member, rule, channel, status, moderator, since, until, text))

    @app_commands.command(name="note", description=mark("Write something down about a case, for other moderators."))
    @app_commands.describe(number=mark("The case's number."), text=mark("What to note."))
    async def note(self, interaction: Interaction, number: Number, text: app_commands.Range[str, 1, 1_000]) -> None:
        """Append a note."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        await self._reviews.note(case, interaction.user.id, text)
        await answer(interaction, tr("Noted on case {number}.", number=number))

    @app_commands.command(name="overturn", description=mark("Say that the bot was wrong, and undo what can be undone."))
    @app_commands.describe(number=mark("The case's number."), reason=mark("Why; other moderators see it."))
    async def overturn(
        self, interaction: Interaction, number: Number, reason: app_commands.Range[str, 1, 300] = ""
    ) -> None:
        """Overturn a case, also one that was answered otherwise before."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        if case.status is CaseStatus.OVERTURNED and case.answer is not None:
            who = moderator_mention(case.answer.reviewer_id)
            raise RefusedError(tr("Case {number} was overturned already by {moderator}.", number=number, moderator=who))
        known = len(case.reviews)
        after = await self._reviews.overturn(case, interaction.user.id, known=known, note=reason)
        await self._learning.answer_offering(interaction, overturned_text(after), after)

    @app_commands.command(name="answer", description=mark("Answer the member who appealed a case, by direct message."))
    @app_commands.describe(number=mark("The case's number."), text=mark("What the member is told."))
    async def answer_appeal(
        self, interaction: Interaction, number: Number, text: app_commands.Range[str, 1, 1_000]
    ) -> None:
        """Send the member an answer; whether the case stands is another question."""
        await think(interaction)
        case = await require_case(interaction, self._store, number)
        after = await self._reviews.appeals.answer(case, interaction.user.id, text)
        await answer(interaction, answered_text(after))

    @app_commands.command(name="export", description=mark("Get cases as files: CSV for spreadsheets, and JSON."))
    @_filters_described
    async def export(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        rule: Rule | None = None,
        channel: Channel | None = None,
        status: Status | None = None,
        moderator: discord.User | None = None,
        since: Day | None = None,
        until: Day | None = None,
        text: Words | None = None,
    ) -> None:
        """Files with what matches all that is given, newest first, as far as Discord takes them."""
        await think(interaction)
        guild = await require_use(interaction, self._store)
        wanted = _wanted(member, rule, channel, status, moderator, since, until, text)
        sight = Sight(member_of(interaction))
        wanted = replace(wanted, hidden=sight.hidden)
        cases, lines, room = [], [], min(EXPORT_BYTES, interaction.filesize_limit) - 1_000
        async for case in self._store.search.all(guild.id, wanted):
            if await sight.hides([case.submission]):
                continue
            line = json.dumps(case_json(case), ensure_ascii=False)
            room -= len(line.encode("utf-8", "replace")) + 2
            if room < 0:
                break
            cases.append(case)
            lines.append(line)
        if not cases:
            raise RefusedError(tr("There are no such cases."))
        files = [
            text_file(cases_csv(cases), "cases.csv"),
            text_file('{"cases": [\n' + ",\n".join(lines) + "\n]}\n", "cases.json"),
        ]
        told = [trn("{n} case.", "{n} cases.", len(cases)), *([_left_out(cases[-1])] if room < 0 else [])]
        await answer(interaction, " ".join(told), files=files)

    @view.autocomplete("number")
    @note.autocomplete("number")
    @overturn.autocomplete("number")
    @answer_appeal.autocomplete("number")
    async def _numbers(self, interaction: Interaction, typed: int | str) -> list[app_commands.Choice[int]]:
        """The newest cases whose number begins as typed, of those the moderator may see."""
        try:
            guild = await require_use(interaction, self._store)
        except NotAllowedError:
            return []
        sight, shown = Sight(member_of(interaction)), list[app_commands.Choice[int]]()
        for case in await self._store.search.find(guild.id, CaseFilter(hidden=sight.hidden), 200):
            if len(shown) == _CHOICES:
                break
            if str(case.number).startswith(str(typed or "")) and not await sight.hides([case.submission]):
                shown.append(app_commands.Choice(name=_choice(case), value=case.number))
        return shown

    @list_cases.autocomplete("rule")
    @export.autocomplete("rule")
    async def _rules(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The rules in force, also those of single channels, that hold what was typed."""
        try:
            guild = await require_use(interaction, self._store)
        except NotAllowedError:
            return []
        rules = rules_somewhere(await lawbook_seen(member_of(interaction), self._store), parents_in(guild))
        named = [(rule.key, clip(terminal(f"{rule.key}. {rule.text}"), CHOICE_NAME)) for rule in rules]
        return [
            app_commands.Choice(name=name, value=key) for key, name in named if typed.casefold() in name.casefold()
        ][:_CHOICES]


def _wanted(
    member: discord.User | None,
    rule: str | None,
    channel: GivenChannel | None,
    status: str | None,
    moderator: discord.User | None,
    since: str | None,
    until: str | None,
    text: str | None,
) -> CaseFilter:
    first, end = parse_range(since, until)
    return CaseFilter(
        member_id=member.id if member else None,
        rule=rule,
        channel_id=channel.id if channel else None,
        since=first,
        until=end,
        status=CaseStatus(status) if status else None,
        moderator_id=moderator.id if moderator else None,
        text=text,
    )


def _choice(case: CaseRecord) -> str:
    rule = tr("rule {rule}", rule=case.decision.rule) if case.decision.rule else tr("no rule")
    author = terminal(case.submission.author_name, 40)
    return clip(f"{case.number} · {tr(STATUS[case.status])} · {rule} · {author}", CHOICE_NAME)


def _left_out(oldest: CaseRecord) -> str:
    return tr(
        "More do not fit into a file: for those before case {number} export again with until {day}, or with closer "
        "filters.",
        number=oldest.number,
        day=f"{oldest.created_at:%Y-%m-%d}",
    )
